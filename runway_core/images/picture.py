"""What becomes of a picture that a person brings."""

from __future__ import annotations

from dataclasses import dataclass

from runway_core.images.header import every_fault_told, open_header
from runway_core.images.pixels import jpeg, plain

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


def open_picture(data: bytes, *, field: str) -> Picture:
    """Check a picture that a person brought and encode it anew.

    Turned upright by its EXIF note, flattened on white, its longest side reduced to `SIDE_MAX` pixels.

    Raises:
        InvalidInputError: nothing else, whatever the bytes are; names `field` and what is wrong.
    """
    with every_fault_told(field):
        image = plain(open_header(data, field), longest=SIDE_MAX)
        return Picture(jpeg(image, quality=95), "image/jpeg", image.width, image.height)
