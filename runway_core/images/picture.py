"""What becomes of a picture that a person brings."""

from __future__ import annotations

from dataclasses import dataclass

from runway_core.images.apart import SECONDS, Outcome, apart
from runway_core.images.header import check_bytes, check_header, refusal

SIDE_MAX = 3840
"""Pixels of the longest side that is kept; a video frame is at most 1584 wide (catalogue)."""


@dataclass(frozen=True)
class Picture:
    """A picture made anew from untrusted bytes: upright, opaque, sRGB, without any metadata."""

    data: bytes
    mime: str
    """Always ``image/jpeg``."""
    width: int
    height: int
    """Pixels."""


def open_picture(data: bytes, *, field: str, seconds: float = SECONDS) -> Picture:
    """Check a picture that a person brought and encode it anew, in a process of its own.

    Turned upright by its EXIF note, flattened on white, its longest side reduced to `SIDE_MAX` pixels.
    May take `seconds`, and longer when others are waiting too.

    Raises:
        InvalidInputError: nothing else, whatever the bytes are; names `field` and what is wrong.
    """
    check_bytes(len(data), field=field)
    check_header(data, field=field)
    outcome = apart("picture", data, seconds=seconds)
    size = outcome.facts.get("width"), outcome.facts.get("height")
    match size:
        case (int(width), int(height)) if _is_ours(outcome, width, height):
            return Picture(outcome.data, "image/jpeg", width, height)
    raise refusal(field, outcome.words("save it again as PNG, JPEG or WebP."))


def _is_ours(outcome: Outcome, width: int, height: int) -> bool:
    small = 0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX
    return not outcome.fault and small and outcome.data.startswith(b"\xff\xd8\xff")
