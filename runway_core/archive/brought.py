"""Videos and sounds that people bring: told by their bytes, copied in pieces, looked into, or refused in words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from runway_core.archive.media import M4A, MOV, MP4, Format, brought, incomplete
from runway_core.catalog import UPLOAD_MAX
from runway_core.domain import MediaKind
from runway_core.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from runway_core.archive.poster import Probe

HEAD = 4096
"""Bytes from the start of a file that tell what it is."""
_PIECE = 1024 * 1024
_KINDS = {
    MediaKind.IMAGE: ("a picture", "PNG, JPEG or WebP"),
    MediaKind.VIDEO: ("a video", "MP4, MOV or WebM"),
    MediaKind.AUDIO: ("a sound", "MP3, WAV, M4A, AAC or FLAC"),
}


@dataclass(frozen=True)
class Medium:
    """A video or sound that was copied and can be used."""

    format: Format
    sha256: str
    size: int
    """Bytes."""
    width: int
    height: int
    """Pixels; 0 for a sound."""
    seconds: float | None
    fps: float | None
    poster: bytes | None
    """A JPEG; None for a sound."""


def wanted(kinds: tuple[MediaKind, ...]) -> str:
    """What may be brought, such as ``a picture (PNG, JPEG or WebP) or a video (MP4, MOV or WebM)``."""
    return " or ".join(f"{what} ({formats})" for what, formats in map(_KINDS.__getitem__, kinds))


def kind_of(start: bytes, kinds: tuple[MediaKind, ...], *, field: str) -> Format | None:
    """Which video or sound begins like this; None for a picture, where one is wanted.

    Raises:
        InvalidInputError: it is nothing that is wanted; names `field` and what it is.
    """
    from runway_core.images import foreign, is_picture

    found = brought(start)
    if kinds == (MediaKind.IMAGE,) or (MediaKind.IMAGE in kinds and is_picture(start)):
        return None
    if found is not None and (found.kind in kinds or _may_be_sound(found, kinds)):
        return found
    if not start:
        raise refusal(field, "is empty (0 bytes).")
    name = "a picture" if is_picture(start) else foreign(start) or "of a kind that is not known"
    if found is None and name in ("a video", "a sound"):
        name = f"{name} of another format"
    raise refusal(field, f"is {name}; choose {wanted(kinds)}.")


def _may_be_sound(found: Format, kinds: tuple[MediaKind, ...]) -> bool:
    return found is MP4 and MediaKind.AUDIO in kinds


def take_in(
    source: BinaryIO, part: Path, found: Format, kinds: tuple[MediaKind, ...], *, field: str
) -> Medium:
    """Copy a video or sound to `part`, piece by piece, and look into it.

    Raises:
        InvalidInputError: it is too large, cut off or can't be played; names `field`.
        OSError: it could not be written.
    """
    sha256, size = _copy(source, part, field=field)
    if found in (MP4, MOV, M4A) and (missing := incomplete(part)):
        raise refusal(field, f"is incomplete: {missing} Save or download it once more.")
    from runway_core.archive.poster import look

    try:
        facts = look(part, found)
    except ValueError as error:
        raise refusal(field, str(error)) from None
    if found.kind is MediaKind.VIDEO and facts.width is None and MediaKind.AUDIO in kinds:
        found = M4A
    problem = _unusable(facts, found, kinds)
    if problem:
        raise refusal(field, problem)
    video = found.kind is MediaKind.VIDEO
    return Medium(
        format=found,
        sha256=sha256,
        size=size,
        width=(facts.width or 0) if video else 0,
        height=(facts.height or 0) if video else 0,
        seconds=facts.seconds,
        fps=facts.fps if video else None,
        poster=facts.poster if video else None,
    )


def _unusable(facts: Probe, found: Format, kinds: tuple[MediaKind, ...]) -> str:
    if found.kind is MediaKind.AUDIO:
        return "" if facts.sound and facts.seconds else "has no sound in it."
    if facts.width is None:
        return "has no picture track: it is no video."
    if MediaKind.VIDEO not in kinds:
        return f"is a video; choose {wanted(kinds)}."
    if facts.poster is None:
        return "can't be played here: it is damaged or of a rare kind. Use MP4."
    return ""


def _copy(source: BinaryIO, part: Path, *, field: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with part.open("wb") as out:
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > UPLOAD_MAX:
                most = UPLOAD_MAX // 1024**2
                raise refusal(field, f"is too large: a file may have {most} MiB. Shorten it first.")
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest(), size


def refusal(field: str, message: str) -> InvalidInputError:
    """The one error about what a person brings."""
    return InvalidInputError(Problem(field, message))


def as_stream(source: bytes | BinaryIO) -> BinaryIO:
    """Something to read from its start."""
    if isinstance(source, bytes):
        return BytesIO(source)
    source.seek(0)
    return source
