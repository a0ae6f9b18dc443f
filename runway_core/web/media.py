"""Serves kept files with Range, so that a browser can seek and nothing is read into memory whole.

The runtime is loaded with the first request, so that the server answers before the engine is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from runway_core.errors import DeskError, NotFoundError

if TYPE_CHECKING:
    from runway_core.domain import Artifact, Task
    from runway_core.studio import Studio

# Kept files never change: their address names a task or a hash.
_CACHE = {"Cache-Control": "private, max-age=86400, immutable"}


async def artifact(request: Request) -> Response:
    """A kept video or picture; ``?download=1`` offers it to be saved."""
    return await _answer(_artifact, request)


async def poster(request: Request) -> Response:
    """The poster frame of a kept video."""
    return await _answer(_poster, request)


async def picture(request: Request) -> Response:
    """A small version of a picture that was brought in, or a frame of a video."""
    return await _answer(_picture, request)


async def asset(request: Request) -> Response:
    """A file that was brought in, as it is kept."""
    return await _answer(_asset, request)


def _artifact(request: Request) -> Response:
    task, found = _found(request)
    path = _file(found.path)
    name = f"{_slug(task.request.prompt, found.mime)}-{task.id[:8]}{path.suffix}"
    shown = found.mime.startswith(("video/", "image/"))
    download = request.query_params.get("download") or not shown
    kind = "attachment" if download else "inline"
    return FileResponse(
        path,
        media_type=found.mime,
        filename=name,
        content_disposition_type=kind,
        headers=_CACHE,
    )


def _slug(prompt: str, mime: str) -> str:
    """The first words of a prompt, as a file name on any system."""
    words = re.findall(r"[^\W_]+", prompt.lower())
    unnamed = "picture" if mime.startswith("image/") else "video"
    return "-".join(words)[:40].strip("-") or unnamed


def _poster(request: Request) -> Response:
    _, found = _found(request)
    if not found.poster:
        raise NotFoundError("There is no poster of this video.")
    return FileResponse(_file(found.poster), media_type="image/jpeg", headers=_CACHE)


def _picture(request: Request) -> Response:
    path = _studio().archive.asset_thumbnail(request.path_params["sha256"])
    return FileResponse(path, media_type="image/jpeg", headers=_CACHE)


def _asset(request: Request) -> Response:
    assets, sha256 = _studio().assets, request.path_params["sha256"]
    path, mime = assets.path(sha256), assets.get(sha256).mime
    return FileResponse(path, media_type=mime, headers=_CACHE)


def _found(request: Request) -> tuple[Task, Artifact]:
    task = _studio().tasks.get(request.path_params["task_id"])
    position: int = request.path_params["position"]
    if position >= len(task.artifacts):
        raise NotFoundError("There is no such file.")
    return task, task.artifacts[position]


def _file(relative: str) -> Path:
    path = _studio().archive.path(relative)
    if not path.is_file():
        raise NotFoundError("This file is no longer in the media folder.")
    return path


def _studio() -> Studio:
    from runway_core.web.runtime import runtime

    return runtime().studio


async def _answer(make: Callable[[Request], Response], request: Request) -> Response:
    try:
        return await run_in_threadpool(make, request)
    except NotFoundError as error:
        return PlainTextResponse(str(error), status_code=404)
    except DeskError as error:
        return PlainTextResponse(str(error), status_code=503)


# Under /app/static/, because Streamlit's own video element takes only such addresses.
ROUTES = [
    Route("/app/static/desk/{task_id}/{position:int}/video.mp4", artifact),
    Route("/app/static/desk/{task_id}/{position:int}/picture", artifact),
    Route("/app/static/desk/{task_id}/{position:int}/poster.jpg", poster),
    Route("/app/static/desk/picture/{sha256}.jpg", picture),
    Route("/app/static/desk/asset/{sha256}", asset),
]
