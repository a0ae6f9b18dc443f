"""Crops a picture to the shape of a video."""

from __future__ import annotations

import base64
import re
from math import isfinite

from PIL import Image, ImageDraw

from runway_core.images.header import SIDE_MIN, refusal
from runway_core.images.opening import every_fault_told, open_header
from runway_core.images.pixels import jpeg, orientation, plain, shrunk

_DARK = (24, 24, 27)
_SHAPE_MOST = 100
"""Numbers below this are a shape such as 16:9 and not pixels."""
_DATA_PREFIX = "data:image/jpeg;base64,"


def crop_box(
    width: int, height: int, ratio: str, focus: tuple[float, float]
) -> tuple[int, int, int, int]:
    """Find the largest part of that shape in a picture: left, top, right, bottom in pixels.

    `ratio` is ``width:height``; `focus` places the part, 0 left or top, 1 right or bottom.

    Raises:
        InvalidInputError: `ratio` is not two whole numbers above zero.
    """
    across, down = _pixels(ratio)
    if width * down >= height * across:
        kept = min(width, max(1, round(height * across / down))), height
    else:
        kept = width, min(height, max(1, round(width * down / across)))
    left = round((width - kept[0]) * _share(focus[0]))
    top = round((height - kept[1]) * _share(focus[1]))
    return left, top, left + kept[0], top + kept[1]


def crop_preview(data: bytes, *, ratio: str, focus: tuple[float, float], width: int = 480) -> bytes:
    """Show what a crop keeps: a JPEG at most `width` pixels wide, the rest dimmed, the kept part outlined.

    Raises:
        InvalidInputError: the picture can't be opened, or `ratio` is no ratio.
    """
    with every_fault_told("picture"):
        header = open_header(data, "picture", kept=True)
        header.draft(None, (width, width))
        image = plain(header)
        if image.width > width:
            size = (width, max(1, round(image.height * width / image.width)))
            image = shrunk(image, size)
        box = crop_box(image.width, image.height, ratio, focus)
        shown = Image.blend(image, Image.new("RGB", image.size, _DARK), 0.7)
        shown.paste(image.crop(box), box[:2])
        _outline(shown, box)
        return jpeg(shown, quality=85)


def _outline(image: Image.Image, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box[0], box[1], box[2] - 1, box[3] - 1
    draw = ImageDraw.Draw(image)
    draw.rectangle((left, top, right, bottom), outline="white", width=2)
    if right - left > 6 and bottom - top > 6:
        # A second, dark line keeps the outline visible on a white picture.
        draw.rectangle((left + 2, top + 2, right - 2, bottom - 2), outline=_DARK)


def fit_frame(
    data: bytes, *, ratio: str, focus: tuple[float, float], limit: int = 5_242_880
) -> str:
    """Crop a picture to a video's shape and give it as a data URI of at most `limit` characters.

    Reduced to the ratio's own pixels, never enlarged. The default limit is Runway's for an encoded
    picture (Runway OpenAPI of 2026-08-08, 5 MB of characters).

    Raises:
        InvalidInputError: the picture can't be opened, `ratio` is no ratio, or `limit` is too small
            for any picture.
    """
    with every_fault_told("picture"):
        header = open_header(data, "picture", kept=True)
        upright = header.size[::-1] if orientation(header) > 4 else header.size
        size = _reduced(upright, ratio)
        share = max(size[0] / upright[0], size[1] / upright[1])
        # A JPEG can be decoded at a half or a quarter of its size, which saves most of the work.
        across, down = (max(1, int(side * share)) for side in header.size)
        header.draft(None, (across, down))
        image = plain(header)
        box = crop_box(image.width, image.height, ratio, focus)
        image = image.resize(size, Image.Resampling.HAMMING, box=box, reducing_gap=2.0)
        return _data_uri(image, limit)


def _reduced(picture: tuple[int, int], ratio: str) -> tuple[int, int]:
    """The size of a cropped frame: the ratio's own pixels, or what the picture has if that is less."""
    left, top, right, bottom = crop_box(*picture, ratio, (0.5, 0.5))
    wanted = _pixels(ratio)
    kept = (right - left, bottom - top)
    if max(wanted) < _SHAPE_MOST:
        return kept
    return wanted if kept[0] >= wanted[0] and kept[1] >= wanted[1] else kept


def _data_uri(image: Image.Image, limit: int) -> str:
    room = (limit - len(_DATA_PREFIX)) // 4 * 3
    while True:
        for quality in (95, 92, 88, 84, 78, 70, 60, 45, 30):
            data = jpeg(image, quality=quality)
            if len(data) <= room:
                return _DATA_PREFIX + base64.b64encode(data).decode("ascii")
        smaller = (image.width * 3 // 4, image.height * 3 // 4)
        if min(smaller) < SIDE_MIN:
            raise refusal("picture", f"can't be made to fit into {limit} characters.")
        image = image.resize(smaller, Image.Resampling.HAMMING)


def _pixels(ratio: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9][0-9]{0,5}):([1-9][0-9]{0,5})", ratio)
    if not match:
        raise refusal("ratio", f"“{ratio[:40]}” is not width:height in pixels, like 1280:720.")
    return int(match[1]), int(match[2])


def _share(value: float) -> float:
    return min(1.0, max(0.0, value)) if isfinite(value) else 0.5
