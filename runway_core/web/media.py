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


async def video(request: Request) -> Response:
    """A kept video; ``?download=1`` offers it to be saved."""
    return await _answer(_video, request)


async def poster(request: Request) -> Response:
    """The poster frame of a kept video."""
    return await _answer(_poster, request)


async def picture(request: Request) -> Response:
    """A small version of a picture that was brought in."""
    return await _answer(_picture, request)


def _video(request: Request) -> Response:
    task, artifact = _artifact(request)
    path = _file(artifact.path)
    name = f"{_slug(task.request.prompt)}-{task.id[:8]}{path.suffix}"
    kind = "attachment" if request.query_params.get("download") else "inline"
    return FileResponse(
        path,
        media_type=artifact.mime,
        filename=name,
        content_disposition_type=kind,
        headers=_CACHE,
    )


def _slug(prompt: str) -> str:
    """The first words of a prompt, as a file name on any system."""
    words = re.findall(r"[^\W_]+", prompt.lower())
    return "-".join(words)[:40].strip("-") or "video"


def _poster(request: Request) -> Response:
    _, artifact = _artifact(request)
    if not artifact.poster:
        raise NotFoundError("There is no poster of this video.")
    return FileResponse(_file(artifact.poster), media_type="image/jpeg", headers=_CACHE)


def _picture(request: Request) -> Response:
    path = _studio().archive.asset_thumbnail(request.path_params["sha256"])
    return FileResponse(path, media_type="image/jpeg", headers=_CACHE)


def _artifact(request: Request) -> tuple[Task, Artifact]:
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
    Route("/app/static/desk/{task_id}/{position:int}/video.mp4", video),
    Route("/app/static/desk/{task_id}/{position:int}/poster.jpg", poster),
    Route("/app/static/desk/picture/{sha256}.jpg", picture),
]
