"""Refuses pictures by their bytes and by what their heads say, before any decoder sees them."""

from __future__ import annotations

import re
import struct

from runway_core.errors import InvalidInputError, Problem
from runway_core.images.measures import (
    CHUNKS_MAX,
    JpegFrame,
    jpeg_frame,
    png_chunks,
    png_size,
    scans,
    webp_size,
)

BYTES_MAX = 20 * 1024 * 1024
PIXELS_MAX = 40_000_000
WEBP_PIXELS_MAX = 13_000_000
"""Its decoder holds four copies of the picture; a telephone's 12 million pixels must pass."""
HELD_MAX = 100_000_000
"""Numbers that a JPEG written in passes may have: all are held, 2 bytes each, until the last pass."""
SCANS_MAX = 64
"""Passes of a progressive JPEG: programs write about 10, and each costs a walk over all pixels."""
WALKED_MAX = 600_000_000
"""Pixels times passes: 15 passes over the largest picture."""
SIDE_MIN = 32

USE = "use PNG, JPEG or WebP."
_SLOW = f"is built so that opening it takes very long; {USE}"
DAMAGED = "is damaged or incomplete; save it again as PNG, JPEG or WebP."

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (rb"GIF8[79]a", "a GIF"),
    (rb"%PDF", "a PDF document"),
    (rb".{4}ftyp(hei|hev|mif1|msf1)", "a HEIC photo"),
    (rb".{4}ftypavi[fs]", "an AVIF picture"),
    (rb".{4}ftypM4[AB] |ID3|\xff[\xe2\xe3\xf0-\xf3\xf8-\xfb]|RIFF.{4}WAVE|fLaC", "a sound"),
    (rb".{4}(ftyp|moov|mdat|wide)|\x1aE\xdf\xa3|RIFF.{4}AVI |OggS", "a video"),
    (rb"II\*\0|MM\0\*|II\+\0|MM\0\+", "a TIFF picture or a camera's raw file"),
    (rb"BM.{4}\0{4}", "a BMP picture"),
    (rb"8BPS", "a Photoshop file"),
    (rb"\x00\x00\x01\x00", "an icon file"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript drawing"),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (rb"PK\x03\x04", "a ZIP archive or an Office document"),
    (rb"\s*[{\[]", "a text file (JSON)"),
)


def refusal(field: str, message: str) -> InvalidInputError:
    """The one error of this package, about one field."""
    return InvalidInputError(Problem(field, message))


def check_bytes(size: int, *, field: str) -> None:
    """Refuse a picture of so many bytes.

    Raises:
        InvalidInputError: it is empty or too large; names `field`.
    """
    if not size:
        raise refusal(field, "is empty (0 bytes).")
    if size > BYTES_MAX:
        most = BYTES_MAX // 1024**2
        raise refusal(field, f"has {size / 1024**2:.1f} MiB; a picture may have {most} MiB.")


def check_header(data: bytes, *, field: str, kept: bool = False) -> None:
    """Refuse a picture by what its head says: no picture, too small, too large, too costly to open.

    `kept` pictures were made here: reducing a very long one may have made it very narrow.

    Raises:
        InvalidInputError: it is refused; names `field` and what is wrong.
    """
    kind = magic(data)
    if not kind:
        name = foreign(data) or "not a picture that can be read here"
        raise refusal(field, f"is {name}; {USE}")
    try:
        frame = jpeg_frame(data) if kind == "JPEG" else None
        size = frame.size if frame else png_size(data) if kind == "PNG" else webp_size(data)
    except (IndexError, struct.error, ValueError):
        raise refusal(field, DAMAGED) from None
    check_size(size, field=field, kept=kept, webp=kind == "WEBP")
    if frame is not None and frame.in_passes:
        _check_passes(data, frame, field)
    if kind == "PNG" and png_chunks(data) > CHUNKS_MAX:
        raise refusal(field, _SLOW)


def check_size(size: tuple[int, int], *, field: str, kept: bool, webp: bool = False) -> None:
    """Refuse a picture of so many pixels.

    Raises:
        InvalidInputError: it is too large or too small; names `field`.
    """
    width, height = size
    most = WEBP_PIXELS_MAX if webp else PIXELS_MAX
    if width * height > most:
        other = " for a WebP; PNG and JPEG may have more." if webp else "."
        raise _too_many(size, most, other, field)
    if min(size) < SIDE_MIN and not kept:
        raise refusal(field, f"is {width} × {height} pixels; each side needs {SIDE_MIN}.")


def _check_passes(data: bytes, frame: JpegFrame, field: str) -> None:
    width, height = frame.size
    if width * height * frame.samples > HELD_MAX:
        other = " for a progressive JPEG of this kind; save it as a plain JPEG."
        raise _too_many(frame.size, int(HELD_MAX / frame.samples), other, field)
    if scans(data) > min(SCANS_MAX, WALKED_MAX / (width * height)):
        raise refusal(field, _SLOW)


def _too_many(size: tuple[int, int], most: int, other: str, field: str) -> InvalidInputError:
    text = f"is {size[0]} × {size[1]} pixels; at most {most // 1_000_000} million in all{other}"
    return refusal(field, text)


def magic(start: bytes) -> str:
    """Which picture begins like this: PNG, JPEG or WEBP; empty for anything else."""
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "WEBP" if start[:4] == b"RIFF" and start[8:12] == b"WEBP" else ""


def is_picture(start: bytes) -> bool:
    """Whether a file begins like a picture that is taken here: PNG, JPEG or WebP."""
    return bool(magic(start))


def foreign(data: bytes) -> str:
    """Name a format that is no picture's, as a person would; empty when it is not known."""
    start = data[:4096]
    for pattern, name in _FOREIGN:
        if re.match(pattern, start, re.DOTALL):
            return name
    wide = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = start.decode("utf-16" if wide else "utf-8-sig", "replace").lstrip().lower()
    if text.startswith("<"):
        if "<svg" in text and "<html" not in text:
            return "an SVG drawing"
        is_page = re.search(r"<(!doctype html|html|head|body|script)", text)
        return "a web page (HTML)" if is_page else "an XML file"
    return ""
