"""Many videos in one file, written as it is sent: no more of it is in memory than a piece.

The address names the videos by their ids and holds nothing else. Who asks gets those that they may see.
"""

from __future__ import annotations

import logging
import zipfile
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from runway_core.errors import DeskError, NotFoundError
from runway_core.web.media import slug
from runway_core.web.ranges import disposition
from runway_core.web.visitor import studio_of

if TYPE_CHECKING:
    from runway_core.domain import Artifact, Task
    from runway_core.studio import Studio

log = logging.getLogger(__name__)
PATH = "/app/static/desk/videos.zip"
LIST = "videos.csv"
"""What is known of the videos, in the same file."""


def zip_url(task_ids: Iterable[str]) -> str:
    """Where these videos are served as one file; for 200 of them it is 4,300 characters long."""
    packed = b"".join(UUID(task_id).bytes for task_id in task_ids)
    return f"{PATH}?v={urlsafe_b64encode(packed).decode().rstrip('=')}"


def ids_of(packed: str) -> list[str]:
    """The ids in an address; none where it is not one of ours."""
    try:
        data = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    except ValueError:
        return []
    return [str(UUID(bytes=data[at : at + 16])) for at in range(0, len(data) - 15, 16)]


async def videos(request: Request) -> Response:
    """The files of some videos, and a list of all of them for a spreadsheet."""
    try:
        return await run_in_threadpool(_answer, request)
    except NotFoundError as error:
        return PlainTextResponse(str(error), 404, {"Cache-Control": "no-store"})
    except DeskError as error:
        return PlainTextResponse(str(error), 503, {"Cache-Control": "no-store"})


def _answer(request: Request) -> Response:
    studio = studio_of(request.scope)
    tasks = studio.reviews.chosen(ids_of(request.query_params.get("v", "")))
    if not tasks:
        raise NotFoundError("There are no such videos here.")
    files = list(_files(studio, tasks))
    names: dict[str, str] = {}
    for task, _, name in files:
        names[task.id] = f"{names[task.id]}, {name}" if task.id in names else name
    listed = studio.reviews.csv([task.id for task in tasks], names)
    headers = {"Content-Disposition": disposition("attachment", "videos.zip")}
    headers["Cache-Control"] = "no-store"
    pieces = _zipped(studio, listed, files)
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


def _files(studio: Studio, tasks: list[Task]) -> Iterator[tuple[Task, Artifact, str]]:
    """Each file that is really there, with the name that it gets."""
    for number, task in enumerate(tasks, 1):
        for artifact in task.artifacts:
            try:
                studio.archive.size(artifact.path)
            except NotFoundError:
                continue  # the list says that it has no file
            words = slug(task.request.prompt, artifact.mime)
            suffix = PurePosixPath(artifact.path).suffix
            yield task, artifact, f"{number:03}-{words}-{artifact.sha256[:8]}{suffix}"


class _Sink:
    """What has been written and not yet sent. It can't be sought in, so sizes follow after each file."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        data = bytes(self._held)
        self._held.clear()
        return data


def _zipped(
    studio: Studio, listed: bytes, files: list[tuple[Task, Artifact, str]]
) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr(LIST, listed)
        for _, artifact, name in files:
            about = zipfile.ZipInfo(name, artifact.created_at.timetuple()[:6])
            about.file_size = artifact.size
            with packed.open(about, "w", force_zip64=True) as file:
                for piece in studio.archive.read(artifact.path, 0, artifact.size):
                    file.write(piece)
                    yield sink.taken()
    yield sink.taken()


ROUTES = [Route(PATH, videos)]
