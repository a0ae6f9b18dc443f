"""Strips of five frames of kept videos, by which clips can be told apart: made when one is first looked at."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from runway_core.archive.files import Files
from runway_core.archive.media import recognise
from runway_core.domain import Artifact
from runway_core.errors import NotFoundError, UnexpectedReplyError


def strip_name(artifact: Artifact) -> str:
    """Under which a video's strip is kept."""
    return f"{artifact.path.rpartition('.')[0]}.strip.jpg"


def strip(files: Files, artifact: Artifact) -> Path:
    """A file on this machine with a JPEG of five frames of a kept video, from its beginning to its end.

    Raises:
        NotFoundError: there is no such video, or none that can be read here.
        DiskFullError, StorageError: it can't be fetched or written.
    """
    name = strip_name(artifact)
    with suppress(NotFoundError):
        return files.path(name)
    if not artifact.mime.startswith("video/"):
        raise _none()
    from runway_core.images import apart  # what decodes is large, and the engine needs none of it

    source = files.path(artifact.path)
    try:
        with source.open("rb") as file:
            found = apart("strip", file, demuxer=recognise(source).demuxer)
    except (OSError, UnexpectedReplyError):
        raise _none() from None
    if not found.data.startswith(b"\xff\xd8\xff"):
        raise _none()
    files.write(name, found.data)
    return files.path(name)


def _none() -> NotFoundError:
    return NotFoundError("There are no frames of this video to be shown.")
