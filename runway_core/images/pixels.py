"""Decodes an opened picture to plain pixels, and encodes them."""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image, ImageCms, ImageFile

_BAND = 32
"""Rows of a reduced picture that are made at a time."""


def jpeg(image: Image.Image, *, quality: int) -> bytes:
    """Encode without metadata and with colours at full resolution (4:4:4)."""
    out = BytesIO()
    # The writer copies comments and other metadata from `info` on its own.
    image.info = {}
    image.save(out, "JPEG", quality=quality, subsampling=0)
    return out.getvalue()


def small_jpeg(image: Image.Image, side: int) -> bytes:
    """A JPEG with at most `side` pixels a side; the picture itself may be changed."""
    image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    out = BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


def plain(header: ImageFile.ImageFile, *, longest: int | None = None) -> Image.Image:
    """Decode the first frame: upright, opaque, sRGB; reduced if a side is over `longest` pixels."""
    turn, icc = _TURNS.get(orientation(header)), header.info.get("icc_profile")
    size = header.size
    if longest and max(size) > longest:
        width, height = (max(1, side * longest // max(size)) for side in size)
        size = width, height
        header.draft(None, size)
    header.load()
    image = opaque(header) if header.size == size else shrunk(header, size)
    del header  # the whole picture, which nobody needs beside what follows
    image = _srgb(image, icc)
    return image.transpose(turn) if turn is not None else image


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation (EXIF 2.32, tag 0x0112)."""


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 for notes that are missing or damaged.

    Read here because Pillow's reader warns about faulty notes, and every phone writes some.
    """
    tiff = bytes(image.info.get("exif", b"")).removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for entry in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * entry)
            if tag == 0x0112:
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def opaque(image: Image.Image) -> Image.Image:
    """Bring any kind of pixel to RGB, L or CMYK, on white."""
    if image.mode.startswith("I"):
        # Values run to 65535; converting would cut them off at 255.
        return image.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if image.has_transparency_data:
        clear = image if image.mode == "RGBA" else image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        white.alpha_composite(clear)
        return white.convert("RGB")
    return image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")


def shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Reduce a picture, opaque, by bands: each step copies, and whole copies may take 160 MB each."""
    made = None
    scale = image.height / size[1]
    for top in range(0, size[1], _BAND):
        bottom = min(top + _BAND, size[1])
        # The filter looks a little beyond what becomes the band.
        first = max(0, int((top - 2) * scale))
        last = min(image.height, int((bottom + 2) * scale) + 1)
        band = opaque(image.crop((0, first, image.width, last)))
        part = (0, top * scale - first, image.width, min(bottom * scale, image.height) - first)
        small = band.resize(
            (size[0], bottom - top), Image.Resampling.HAMMING, box=part, reducing_gap=2.0
        )
        made = made or Image.new(small.mode, size)
        made.paste(small, (0, top))
    return made or image


def _srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Apply the picture's own colour profile; a faulty or foreign one is left out."""
    if icc:
        try:
            profile = ImageCms.ImageCmsProfile(BytesIO(icc))
            if "sRGB" not in (profile.profile.profile_description or ""):
                srgb = ImageCms.createProfile("sRGB")
                done = ImageCms.profileToProfile(image, profile, srgb, outputMode="RGB")
                image = done or image
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            pass
    return image if image.mode == "RGB" else image.convert("RGB")
