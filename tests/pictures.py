"""Pictures for tests, made on the spot."""

from __future__ import annotations

from io import BytesIO
from random import Random
from typing import Any

from PIL import Image, ImageDraw


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    """The picture as a file of this format."""
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """The picture in a file's bytes, decoded."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    """Whether the picture has about this colour there."""
    found = image.convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return all(abs(a - b) <= 6 for a, b in zip(found, colour, strict=True))


def quarters(size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Red, green / blue, white: every turn and mirroring shows."""
    image = Image.new("RGB", size, "white")
    draw, (width, height) = ImageDraw.Draw(image), size
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), fill="red")
    draw.rectangle((width // 2, 0, width, height // 2 - 1), fill="lime")
    draw.rectangle((0, height // 2, width // 2 - 1, height), fill="blue")
    return image


def photo(width: int, height: int, grain: int = 16) -> Image.Image:
    """Soft noise, the same each time; the larger `grain`, the softer."""
    small = (max(2, width // grain), max(2, height // grain))
    noise = Image.frombytes("RGB", small, Random(1).randbytes(small[0] * small[1] * 3))
    return noise.resize((width, height), Image.Resampling.BICUBIC)
