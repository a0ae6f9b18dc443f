"""Decodes an opened picture to plain pixels, and encodes them."""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image, ImageCms, ImageFile


def jpeg(image: Image.Image, *, quality: int) -> bytes:
    """Encode without metadata and with colours at full resolution (4:4:4)."""
    out = BytesIO()
    # The writer copies comments and other metadata from `info` on its own.
    image.info = {}
    image.save(out, "JPEG", quality=quality, subsampling=0)
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
    image = _opaque(header)
    if longest and image.size != size:
        image = shrunk(image, size)
    image = _srgb(image if image.mode != "RGBA" else image.convert("RGB"), icc)
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


def _opaque(image: Image.Image) -> Image.Image:
    """Bring any kind of pixel to RGB, L or CMYK, or to RGBA that hides nothing."""
    if image.mode.startswith("I"):
        # Values run to 65535; converting would cut them off at 255.
        return image.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if image.has_transparency_data:
        clear = image if image.mode == "RGBA" else image.convert("RGBA")
        _paint_on_white(clear)
        return clear
    return image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")


def _paint_on_white(clear: Image.Image) -> None:
    """Put white behind an RGBA picture, in place and by strips: a copy of it takes up to 160 MB."""
    for top in range(0, clear.height, 256):
        box = (0, top, clear.width, min(top + 256, clear.height))
        strip = Image.new("RGBA", (clear.width, box[3] - top), "white")
        strip.alpha_composite(clear.crop(box))
        clear.paste(strip, box)


def shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Reduce a picture; RGBA by its bands, as Pillow would copy the whole to weigh it by opacity."""
    if image.mode == "RGBA":
        return Image.merge("RGB", [shrunk(image.getchannel(band), size) for band in "RGB"])
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


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
