"""Pictures that are none, lie, are built to break what reads them, or are merely odd."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageCms

from tests.pictures import encoded, photo, quarters
from tests.uploads.parts import canvas, chunk, interlaced_png, png, riff

JPEG = encoded(photo(200, 120), "JPEG")
PNG = encoded(photo(200, 120), "PNG")
WEBP = encoded(photo(200, 120), "WEBP")
_IDAT = PNG.index(b"IDAT") - 4
_VP8 = WEBP[20:]

Case = tuple[Callable[[], bytes], str | tuple[int, int]]
"""How to make it, and what becomes of it: words of its refusal, or the size that is kept."""


@cache
def bomb(side: int = 13_000) -> bytes:
    return png(side, side, depth=8, colour=2, row=bytes(side * 3))


def two_headed_png() -> bytes:
    """Its first header is harmless, its second is the one that a reader obeys."""
    big = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
    return png(64, 64, depth=8, colour=2, row=bytes(192), extra=big)


def webp_bomb() -> bytes:
    data = bytearray(encoded(Image.new("RGBA", (64, 64), (1, 2, 3, 4)), "WEBP", lossless=True))
    bits = (16_382 | 16_382 << 14).to_bytes(4, "little")
    assert data[12:16] == b"VP8L"
    data[21:25] = bits
    return bytes(data)


def passes(size: tuple[int, int], more: int) -> bytes:
    """A progressive JPEG whose last pass is there that many times more."""
    data = encoded(Image.new("RGB", size, (9, 90, 200)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * more + b"\xff\xd9"


def isobmff(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0" + brand + b"mif1" + bytes(500)


def in_jpeg(*segments: bytes) -> bytes:
    return JPEG[:2] + b"".join(segments) + JPEG[2:]


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def in_png(parts: bytes) -> bytes:
    return PNG[:_IDAT] + parts + PNG[_IDAT:]


@cache
def squeezed(size: int) -> bytes:
    """So many zeros in a thousandth of the space."""
    return zlib.compress(bytes(size), 9)


def large_jpeg_head(*, parts: int, progressive: bool) -> bytes:
    """The head of 8000 × 5000 pixels over the body of a small one."""
    image = photo(64, 64).convert("CMYK" if parts == 4 else "RGB")
    data = encoded(image, "JPEG", progressive=progressive, subsampling=0)
    at = data.index(b"\xff\xc2" if progressive else b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", 5000, 8000) + data[at + 4 :]


def turned() -> bytes:
    notes = Image.Exif()
    notes[0x0112] = 6
    notes.get_ifd(0x8825)[2] = (52.0, 22.0, 0.0)
    return encoded(quarters(), "JPEG", exif=notes)


def clear_palette() -> bytes:
    palette = Image.new("P", (64, 64), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    return encoded(palette, "PNG", transparency=b"\xff\x80")


def foreign_profile() -> bytes:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return encoded(Image.new("RGB", (64, 64), "red"), "PNG", icc_profile=lab)


def many_frames() -> bytes:
    frame = bytes(6) + (199).to_bytes(3, "little") + (119).to_bytes(3, "little") + bytes(4)
    frame += b"VP8 " + struct.pack("<I", len(_VP8)) + _VP8 + bytes(len(_VP8) % 2)
    shown = [(b"ANMF", frame)] * (5_000_000 // len(frame))
    return riff(b"WEBP", canvas(200, 120, 2), (b"ANIM", bytes(6)), *shown)


def animated(form: str, size: tuple[int, int] = (64, 64)) -> bytes:
    frames = [Image.new("RGBA", size, (shade, 9, 9, 128)) for shade in (9, 200)]
    return encoded(frames[0], form, save_all=True, append_images=frames[1:])


SLOW = "is built so that opening it takes very long"
DAMAGED = "is damaged or incomplete; save it again as PNG, JPEG or WebP."

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "is empty (0 bytes)."),
    "100 MB of junk": (lambda: bytes(100_000_000), "has 95.4 MiB; a picture may have 20 MiB."),
    "a PNG over the limit": (lambda: PNG + bytes(20 * 1024**2), "a picture may have 20 MiB"),
    "svg": (lambda: b'<svg xmlns="x" onload="x()"/>', "is an SVG drawing; "),
    "svg with a head": (
        lambda: b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<svg/>',
        "is an SVG drawing; use PNG, JPEG or WebP.",
    ),
    "svg in utf-16": (lambda: '<?xml version="1.0"?><svg/>'.encode("utf-16"), "is an SVG drawing"),
    "html": (lambda: b"\n <!DOCTYPE html><html><body><svg/></body>", "is a web page (HTML); use"),
    "eps": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run", "is a PostScript drawing; use"),
    "json": (lambda: b'{"error": "no"}', "is a text file (JSON); use"),
    "gif": (lambda: encoded(Image.new("P", (64, 64)), "GIF"), "is a GIF; use PNG, JPEG or WebP."),
    "bmp": (lambda: encoded(Image.new("RGB", (64, 64)), "BMP"), "is a BMP picture; use"),
    "tiff": (lambda: encoded(Image.new("RGB", (64, 64)), "TIFF"), "is a TIFF picture"),
    "pdf": (lambda: encoded(Image.new("RGB", (64, 64)), "PDF"), "is a PDF document; use"),
    "psd": (lambda: b"8BPS\0\1" + bytes(500), "is a Photoshop file"),
    "heic": (lambda: isobmff(b"heic"), "is a HEIC photo; use PNG, JPEG or WebP."),
    "avif": (lambda: isobmff(b"avif"), "is an AVIF picture; use"),
    "mp4": (lambda: isobmff(b"isom"), "is a video; use"),
    "zip": (lambda: b"PK\x03\x04" + bytes(100), "is a ZIP archive"),
    "junk": (lambda: bytes(range(1, 200)), "is not a picture that can be read here; use"),
    "only a PNG's first bytes": (lambda: b"\x89PNG\r\n\x1a\n", DAMAGED),
    "only a JPEG's first bytes": (lambda: b"\xff\xd8\xff\xe0", DAMAGED),
    "only a WebP's first bytes": (lambda: WEBP[:24], DAMAGED),
    "bomb": (bomb, "is 13000 × 13000 pixels; at most 40 million in all."),
    "two-headed bomb": (two_headed_png, "is 30000 × 30000 pixels; at most 40 million"),
    "webp bomb": (webp_bomb, "is 16383 × 16383 pixels; at most 13 million in all for a WebP"),
    "just over": (lambda: bomb(6325), "is 6325 × 6325 pixels"),
    "dot": (
        lambda: encoded(Image.new("RGB", (1, 1)), "PNG"),
        "is 1 × 1 pixels; each side needs 32",
    ),
    "thin": (lambda: encoded(Image.new("RGB", (500, 31)), "JPEG"), "is 500 × 31 pixels"),
    "a PNG of no pixels": (
        lambda: png(0, 0, depth=8, colour=2, row=b""),
        "is 0 × 0 pixels; each side needs 32",
    ),
    "half a JPEG": (lambda: JPEG[: len(JPEG) // 2], DAMAGED),
    "half a PNG": (lambda: PNG[: len(PNG) // 2], DAMAGED),
    "half a WebP": (lambda: WEBP[: len(WEBP) // 2], DAMAGED),
    "nine tenths of a JPEG": (lambda: JPEG[: len(JPEG) * 9 // 10], DAMAGED),
    "nine tenths of a PNG": (lambda: PNG[: len(PNG) * 9 // 10], DAMAGED),
    "nine tenths of a WebP": (lambda: WEBP[: len(WEBP) * 9 // 10], DAMAGED),
    "a PNG with a flipped bit": (lambda: PNG[:2000] + bytes([PNG[2000] ^ 1]) + PNG[2001:], DAMAGED),
    "a PNG named JPEG inside": (lambda: b"\xff\xd8\xff" + PNG, DAMAGED),
    "a JPEG with 1,000 passes": (lambda: passes((64, 64), 1000), SLOW),
    "20 passes over 40 million pixels": (lambda: passes((8000, 5000), 10), SLOW),
    "a progressive JPEG for print": (
        lambda: large_jpeg_head(parts=4, progressive=True),
        "is 8000 × 5000 pixels; at most 25 million in all for a progressive JPEG of this kind",
    ),
    "a JPEG of a million empty comments": (
        lambda: in_jpeg(segment(0xFE, b"") * 1_000_000),
        DAMAGED,
    ),
    "a JPEG with 15 MB of filling": (lambda: in_jpeg(b"\xff" * 15_000_000), DAMAGED),
    "a JPEG with 300 EXIF notes": (
        lambda: in_jpeg(segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(65_000)) * 300),
        DAMAGED,
    ),
    "a PNG of a million parts": (lambda: in_png(chunk(b"teSt", b"") * 1_000_000), SLOW),
    "a PNG of a million parts after its pixels": (
        lambda: PNG[:-12] + chunk(b"teSt", b"") * 1_000_000 + PNG[-12:],
        SLOW,
    ),
    "a PNG with 1 GB of squeezed text": (
        lambda: in_png(chunk(b"zTXt", b"a\0\0" + squeezed(100_000_000)) * 10),
        DAMAGED,
    ),
    "a PNG with a squeezed profile of 100 MB": (
        lambda: in_png(chunk(b"iCCP", b"a\0\0" + squeezed(100_000_000))),
        DAMAGED,
    ),
    "a WebP larger than it says": (lambda: riff(b"WEBP", canvas(64, 64), (b"VP8 ", _VP8)), DAMAGED),
    "a WebP smaller than it says": (
        lambda: riff(b"WEBP", canvas(3600, 3600), (b"VP8 ", _VP8)),
        DAMAGED,
    ),
    "a WebP with a canvas of 2^48 pixels": (
        lambda: riff(b"WEBP", canvas(1 << 24, 1 << 24), (b"VP8 ", _VP8)),
        "is 16777216 × 16777216 pixels",
    ),
}

KEPT: dict[str, tuple[Callable[[], bytes], tuple[int, int]]] = {
    "a PNG with a script and a ZIP behind it": (
        lambda: PNG + b"<script>Canary</script>PK\x05\x06" + bytes(18),
        (200, 120),
    ),
    "a JPEG with PHP in its comment": (
        lambda: in_jpeg(segment(0xFE, b"<?php Canary ?>")),
        (200, 120),
    ),
    "a WebP with a script behind it": (lambda: WEBP + b"<script>Canary</script>", (200, 120)),
    "an upright photo with its place": (turned, (40, 80)),
    "inks": (lambda: encoded(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG"), (64, 64)),
    "16 bits": (lambda: png(64, 64, depth=16, colour=6, row=b"\1\2\3\4\5\6\7\x08" * 64), (64, 64)),
    "a palette, half clear": (clear_palette, (64, 64)),
    "a foreign colour profile": (foreign_profile, (64, 64)),
    "an animated PNG": (lambda: animated("PNG"), (64, 64)),
    "an animated WebP": (lambda: animated("WEBP"), (64, 64)),
    "a WebP of thousands of frames": (many_frames, (200, 120)),
    "a PNG that says it has 2^31 frames": (
        lambda: PNG[:33] + chunk(b"acTL", struct.pack(">II", 0x7FFFFFFF, 0)) + PNG[33:],
        (200, 120),
    ),
    "a JPEG with 16 MB of profile": (
        lambda: in_jpeg(
            *[segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 255]) + bytes(65_000)) for n in range(256)]
        ),
        (200, 120),
    ),
    "a JPEG with 9 million restarts": (
        lambda: JPEG[:-2] + b"\xff\xd0" * 9_000_000 + JPEG[-2:],
        (200, 120),
    ),
    "40 million clear pixels": (
        lambda: png(8000, 5000, depth=8, colour=6, row=b"\xff\0\0\x80" * 8000),
        (3840, 2400),
    ),
    "40 million pixels of 16 bits": (
        lambda: png(8000, 5000, depth=16, colour=0, row=b"\xff\0" * 8000),
        (3840, 2400),
    ),
    "40 million pixels in seven passes": (lambda: interlaced_png(8000, 5000), (3840, 2400)),
    "13 million clear pixels in a WebP": (
        lambda: encoded(Image.new("RGBA", (4060, 3200), (1, 2, 3, 4)), "WEBP", lossless=True),
        (3840, 3026),
    ),
    "15 passes over 40 million pixels": (lambda: passes((8000, 5000), 5), (3840, 2400)),
}

PICTURES: dict[str, Case] = {**REFUSED, **KEPT}
