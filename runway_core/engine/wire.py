"""Turns the files that are kept here into what a provider can read: encoded in the request, or uploaded first."""

from __future__ import annotations

import asyncio

from runway_core.domain import Frame, GenerationRequest, Media
from runway_core.engine.step import Tools
from runway_core.providers import Provider


async def wire_request(
    tools: Tools, provider: Provider, request: GenerationRequest
) -> GenerationRequest:
    """The request with every kept file as a data URI or an upload; nothing that costs is sent.

    Raises:
        DeskError: a file is gone, can't be read, or could not be uploaded.
    """
    frames = [await _frame(tools, frame, request.ratio) for frame in request.frames]
    media = [await _medium(tools, provider, sent) for sent in request.media]
    return request.model_copy(update={"frames": tuple(frames), "media": tuple(media)})


async def _frame(tools: Tools, frame: Frame, ratio: str) -> Frame:
    uri = await asyncio.to_thread(tools.studio.assets.wire_uri, frame, ratio=ratio)
    return frame.model_copy(update={"uri": uri})


async def _medium(tools: Tools, provider: Provider, sent: Media) -> Media:
    if sent.asset is None:
        return sent
    assets = tools.studio.assets
    uri = await asyncio.to_thread(assets.data_uri, sent.asset)
    if uri is None:
        asset = assets.get(sent.asset)
        path = assets.path(sent.asset)
        uri = await provider.upload(path, filename=asset.filename, mime=asset.mime)
    return sent.model_copy(update={"uri": uri})
