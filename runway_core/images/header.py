"""Opens a picture without decoding a pixel, after every check that needs none."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from runway_core.errors import DeskError, InvalidInputError, Problem

BYTES_MAX = 20 * 1024 * 1024
PIXELS_MAX = 40_000_000
SIDE_MIN = 32
SCANS_MAX = 64
"""Passes of a progressive JPEG: programs write about 10, and each costs a walk over all pixels."""

_USE = "use PNG, JPEG or WebP."
_DAMAGED = "is damaged or incomplete; save it again as PNG, JPEG or WebP."

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


@contextmanager
def every_fault_told(field: str) -> Iterator[None]:
    """Turn whatever a decoder raises on hostile bytes into the one error that callers know."""
    try:
        yield
    except DeskError:
        raise
    except Exception:  # noqa: BLE001 - decoders raise a dozen unrelated types, warnings included
        raise refusal(field, _DAMAGED) from None


def open_header(data: bytes, field: str, *, kept: bool = False) -> ImageFile.ImageFile:
    """Open a PNG, JPEG or WebP after every check that needs no pixels.

    `kept` pictures were made by `open_picture`: encoding may have made them larger than what a
    person may bring, and reducing a very long one may have made it very narrow.

    Raises:
        InvalidInputError: it is refused; names `field` and what is wrong.
        Exception: whatever a decoder raises on damaged bytes; see `every_fault_told`.
    """
    if not data:
        raise refusal(field, "is empty (0 bytes).")
    if len(data) > BYTES_MAX and not kept:
        size, most = len(data) / 1024**2, BYTES_MAX // 1024**2
        raise refusal(field, f"has {size:.1f} MiB; a picture may have {most} MiB.")
    decoder = _decoder(data)
    if decoder is None:
        name = foreign(data) or "not a picture that can be read here"
        raise refusal(field, f"is {name}; {_USE}")
    if decoder is WebPImageFile:
        # Its decoder takes memory for the whole canvas as soon as it is made.
        _check_pixels(_webp_canvas(data), field)
    image = decoder(BytesIO(data))
    _check_pixels(image.size, field)
    if min(image.size) < SIDE_MIN and not kept:
        width, height = image.size
        raise refusal(field, f"is {width} × {height} pixels; each side needs {SIDE_MIN}.")
    if image.info.get("progressive") and _scans(data) > SCANS_MAX:
        raise refusal(field, f"is built so that opening it takes very long; {_USE}")
    return image


class _Jpeg(JpegImageFile):
    """Only the first picture of the file, and no search for a print resolution in its EXIF notes."""

    def _read_dpi_from_exif(self) -> None:
        """Leave the notes alone: faulty ones would warn, and the resolution is dropped anyway."""


def is_picture(start: bytes) -> bool:
    """Whether a file begins like a picture that is taken here: PNG, JPEG or WebP."""
    return _decoder(start) is not None


def _decoder(data: bytes) -> type[ImageFile.ImageFile] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile
    if data.startswith(b"\xff\xd8\xff"):
        return _Jpeg
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WebPImageFile
    return None


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


def _check_pixels(size: tuple[int, int], field: str) -> None:
    width, height = size
    if width * height > PIXELS_MAX:
        most = PIXELS_MAX // 1_000_000
        raise refusal(field, f"is {width} × {height} pixels; at most {most} million in all.")


def _webp_canvas(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk (RFC 9649, 2.5 to 2.7)."""
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (part & 0x3FFF for part in struct.unpack_from("<HH", data, 26))
    return width, height


def _scans(data: bytes) -> int:
    """Passes of a JPEG, counted by the heads of its scans (ITU T.81, B.2.3)."""
    return len(re.findall(rb"\xff\xda\x00[\x08\x0a\x0c\x0e][\x01-\x04]", data))
