"""What a sandbox video shows: the pictures it begins and ends with, and the words on top."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

Size = tuple[int, int]
Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

WIDE_FONTS = ("NotoSansCJK-Regular.ttc", "DejaVuSans.ttf", "Arial Unicode.ttf", "msyh.ttc")
"""Fonts with more letters than Pillow's own, most complete first."""
LABEL = "sandbox"
LINES_MAX = 8
LETTERS_MAX = 24
FIRST_WITHOUT_SPACES = "\u2e80"
"""From here on in Unicode, Chinese and Japanese: lines may break anywhere."""


class UnusablePictureError(Exception):
    """A picture's bytes can't be drawn."""


def open_picture(path: Path, size: Size) -> Image.Image:
    """Read a picture and crop it from its centre to the shape of `size`, as Runway's models do.

    Raises:
        UnusablePictureError: the file is damaged.
    """
    try:
        with Image.open(path) as image:
            image.draft("RGB", size)
            upright = ImageOps.exif_transpose(image)
            return ImageOps.fit(_opaque(upright), size, Image.Resampling.LANCZOS)
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise UnusablePictureError(str(error)) from None


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode in ("RGB", "L"):
        return image.convert("RGB")
    clear = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "black"), clear).convert("RGB")


def placeholder(link: str, size: Size) -> Image.Image:
    """Stand in for a linked picture, which is never fetched: its colours follow from the link."""
    picture = backdrop(f"link {link}", size)
    host = urlsplit(link).hostname or "linked picture"
    name = words(host, size)
    picture.paste(name, mask=name)
    return picture


def backdrop(name: str, size: Size) -> Image.Image:
    """Soft coloured light; the same name gives the same picture."""
    chance = random.Random(hashlib.sha256(name.encode()).digest())  # noqa: S311 - no secret
    small = Image.new("RGB", (64, 64), _colour(chance, 30, 90))
    draw = ImageDraw.Draw(small)
    for _ in range(7):
        x, y, radius = chance.uniform(0, 64), chance.uniform(0, 64), chance.uniform(6, 20)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), _colour(chance, 50, 200))
    soft = small.filter(ImageFilter.GaussianBlur(3))
    return soft.resize(size, Image.Resampling.BICUBIC)


def _colour(chance: random.Random, low: int, high: int) -> Colour:
    return (chance.randint(low, high), chance.randint(low, high), chance.randint(low, high))


def words(text: str, size: Size) -> Image.Image:
    """White words on nothing, wrapped and centred within the middle of `size`; any text will do."""
    layer = Image.new("RGBA", size, (255, 255, 255, 0))
    draw = ImageDraw.Draw(layer)
    pixels = max(min(size) // 18, 12)
    face = _font(text, pixels)
    lines = _wrap(_drawable(text), face, int(size[0] * 0.7))
    step = round(pixels * 1.4)
    top = (size[1] - step * len(lines)) // 2
    for number, line in enumerate(lines):
        place = ((size[0] - face.getlength(line)) / 2, top + number * step)
        draw.text(place, line, "white", font=face, stroke_width=pixels // 12, stroke_fill="black")
    return layer


def label(size: Size) -> Image.Image:
    """The word that tells a sandbox video from a real one, on a dark pill."""
    pixels = max(min(size) // 30, 14)
    face = _font(LABEL, pixels)
    width, height = round(face.getlength(LABEL)) + pixels, round(pixels * 1.6)
    pill = Image.new("RGBA", (width + width % 2, height + height % 2), (0, 0, 0, 0))
    draw = ImageDraw.Draw(pill)
    draw.rounded_rectangle((0, 0, pill.width - 1, pill.height - 1), height // 3, (0, 0, 0, 170))
    draw.text((pill.width / 2, pill.height / 2), LABEL, "white", font=face, anchor="mm")
    return pill


def _font(text: str, pixels: int) -> Font:
    if not text.isascii():
        for name in WIDE_FONTS:
            try:
                return ImageFont.truetype(name, pixels, layout_engine=ImageFont.Layout.BASIC)
            except OSError:
                continue
    return ImageFont.load_default(pixels)


def _drawable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text.replace("\r\n", "\n"))


def _wrap(text: str, face: Font, width: int) -> list[str]:
    lines, line = [], ""
    for piece in _pieces(text):
        if line and face.getlength(line + piece) > width:
            lines.append(line.strip())
            line = ""
        line += piece
    lines.append(line.strip())
    if len(lines) > LINES_MAX:
        lines = [*lines[: LINES_MAX - 1], lines[LINES_MAX - 1] + " …"]
    return [line for line in lines if line]


def _pieces(text: str) -> list[str]:
    """Words with their space; scripts without spaces, and very long words, letter by letter."""
    pieces: list[str] = []
    for word in text.split():
        if len(word) <= LETTERS_MAX and max(word) < FIRST_WITHOUT_SPACES:
            pieces.append(word + " ")
        else:
            pieces += [*word, " "]
    return pieces
