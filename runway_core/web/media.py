"""Serves kept files with Range, so that a browser can seek and nothing is read into memory whole.

What is kept in a bucket passes through here: browsers never see its address or a key.

The runtime is loaded with the first request, so that the server answers before the engine is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from runway_core.errors import DeskError, NotFoundError
from runway_core.web.ranges import disposition, ranged
from runway_core.web.visitor import studio_of

if TYPE_CHECKING:
    from runway_core.domain import Artifact, Task

COMPARE = Path(__file__).with_name("compare.js").read_bytes()
"""The script that keeps the videos of the compare page in step."""
# Kept files never change: their address names a task or a hash. But who may see them does.
_CACHE = {"Cache-Control": "private, max-age=86400, immutable", "Vary": "Cookie"}


async def artifact(request: Request) -> Response:
    """A kept video or picture; ``?download=1`` offers it to be saved."""
    return await _answer(_artifact, request)


async def poster(request: Request) -> Response:
    """The poster frame of a kept video."""
    return await _answer(_poster, request)


async def strip(request: Request) -> Response:
    """Five frames of a kept video."""
    return await _answer(_strip, request)


async def picture(request: Request) -> Response:
    """A small version of a picture that was brought in, or a frame of a video."""
    return await _answer(_picture, request)


async def asset(request: Request) -> Response:
    """A file that was brought in, as it is kept."""
    return await _answer(_asset, request)


async def compare(_request: Request) -> Response:
    """The script of the compare page; asked for again each time, as it changes with the program."""
    return Response(COMPARE, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def _artifact(request: Request) -> Response:
    task, found = _found(request)
    suffix = PurePosixPath(found.path).suffix
    name = f"{slug(task.request.prompt, found.mime)}-{task.id[:8]}{suffix}"
    shown = found.mime.startswith(("video/", "image/"))
    kind = "inline" if shown and not request.query_params.get("download") else "attachment"
    saved = {"Content-Disposition": disposition(kind, name)}
    return _kept(request, found.path, mime=found.mime, headers=saved)


def slug(prompt: str, mime: str) -> str:
    """The first words of a prompt, as a file name on any system."""
    words = re.findall(r"[^\W_]+", prompt.lower())
    unnamed = "picture" if mime.startswith("image/") else "video"
    return "-".join(words)[:40].strip("-") or unnamed


def _poster(request: Request) -> Response:
    _, found = _found(request)
    if not found.poster:
        raise NotFoundError("There is no poster of this video.")
    path = studio_of(request.scope).archive.path(found.poster)
    return FileResponse(path, media_type="image/jpeg", headers=_CACHE)


def _strip(request: Request) -> Response:
    from runway_core.archive.strips import strip

    _, found = _found(request)
    path = strip(studio_of(request.scope).archive, found)
    return FileResponse(path, media_type="image/jpeg", headers=_CACHE)


def _picture(request: Request) -> Response:
    studio, sha256 = studio_of(request.scope), request.path_params["sha256"]
    studio.assets.get(sha256)  # refuses what is not theirs as what is not there
    path = studio.archive.asset_thumbnail(sha256)
    return FileResponse(path, media_type="image/jpeg", headers=_CACHE)


def _asset(request: Request) -> Response:
    studio, sha256 = studio_of(request.scope), request.path_params["sha256"]
    mime, name = studio.assets.get(sha256).mime, studio.archive.asset_name(sha256)
    return _kept(request, name, mime=mime, headers={})


def _kept(request: Request, name: str, *, mime: str, headers: dict[str, str]) -> Response:
    archive = studio_of(request.scope).archive
    path = archive.near(name)
    if path is not None:
        return FileResponse(path, media_type=mime, headers=_CACHE | headers)
    return ranged(
        request,
        partial(archive.read, name),
        size=archive.size(name),
        etag=f'"{PurePosixPath(name).stem}"',
        mime=mime,
        headers=_CACHE | headers,
    )


def _found(request: Request) -> tuple[Task, Artifact]:
    task = studio_of(request.scope).tasks.get(request.path_params["task_id"])
    position: int = request.path_params["position"]
    if position >= len(task.artifacts):
        raise NotFoundError("There is no such file.")
    return task, task.artifacts[position]


async def _answer(make: Callable[[Request], Response], request: Request) -> Response:
    try:
        return await run_in_threadpool(make, request)
    except NotFoundError as error:
        return PlainTextResponse(str(error), 404, {"Cache-Control": "no-store"})
    except DeskError as error:
        return PlainTextResponse(str(error), 503, {"Cache-Control": "no-store"})


# Under /app/static/, because Streamlit's own video element takes only such addresses.
ROUTES = [
    Route("/app/static/desk/compare.js", compare),
    Route("/app/static/desk/{task_id}/{position:int}/video.mp4", artifact),
    Route("/app/static/desk/{task_id}/{position:int}/picture", artifact),
    Route("/app/static/desk/{task_id}/{position:int}/poster.jpg", poster),
    Route("/app/static/desk/{task_id}/{position:int}/strip.jpg", strip),
    Route("/app/static/desk/picture/{sha256}.jpg", picture),
    Route("/app/static/desk/asset/{sha256}", asset),
]
