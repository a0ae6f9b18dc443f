"""Opens a picture with its decoder, without decoding a pixel yet.

The decoders are called by class: ``Image.open`` would guess among many formats and guard the number
of pixels with one setting for the whole process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from runway_core.errors import DeskError
from runway_core.images.header import DAMAGED, check_header, check_size, magic, refusal


@contextmanager
def every_fault_told(field: str) -> Iterator[None]:
    """Turn whatever a decoder raises on hostile bytes into the one error that callers know."""
    try:
        yield
    except DeskError:
        raise
    except Exception:  # noqa: BLE001 - decoders raise a dozen unrelated types, warnings included
        raise refusal(field, DAMAGED) from None


def open_header(data: bytes, field: str, *, kept: bool = False) -> ImageFile.ImageFile:
    """Open a PNG, JPEG or WebP.

    `kept` pictures were made by `runway_core.images.open_picture`.

    Raises:
        InvalidInputError: it is refused; names `field` and what is wrong.
        Exception: whatever a decoder raises on damaged bytes; see `every_fault_told`.
    """
    check_header(data, field=field, kept=kept)
    image = _DECODERS[magic(data)](BytesIO(data))
    # A file may have a second head, and the decoder obeys that.
    check_size(image.size, field=field, kept=kept)
    return image


class _Jpeg(JpegImageFile):
    """Only the first picture of the file, and no search for a print resolution in its EXIF notes."""

    def _read_dpi_from_exif(self) -> None:
        """Leave the notes alone: faulty ones would warn, and the resolution is dropped anyway."""


_DECODERS: dict[str, type[ImageFile.ImageFile]] = {
    "PNG": PngImageFile,
    "JPEG": _Jpeg,
    "WEBP": WebPImageFile,
}
