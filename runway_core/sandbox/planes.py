"""Pictures as planes of luma and chroma: less work to move and mix than colours that are converted each frame."""

from __future__ import annotations

from dataclasses import dataclass

import av
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

Planes = tuple[Image.Image, Image.Image, Image.Image]
Size = tuple[int, int]


def planes_of(image: Image.Image) -> Planes:
    """Luma and half-size chroma of a picture, in the range and colours of HD video."""
    colours: av.VideoFrame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # PyAV leaves it so
    frame = colours.reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )
    return taken_from(frame)


def taken_from(frame: av.VideoFrame) -> Planes:
    """The planes of a frame that is yuv420p."""
    a, b, c = (
        Image.frombuffer("L", (p.width, p.height), bytes(p), "raw", "L", p.line_size, 1)
        for p in frame.planes
    )
    return a, b, c


def to_frame(planes: Planes, size: Size) -> av.VideoFrame:
    """Put planes together again."""
    frame = av.VideoFrame(*size, "yuv420p")
    for plane, image in zip(frame.planes, planes, strict=True):
        padded = image.crop((0, 0, plane.line_size, image.height))
        plane.update(padded.tobytes())
    return frame


def even(length: float) -> int:
    """The nearest even number: half-size chroma needs one."""
    return max(round(length / 2) * 2, 2)


@dataclass(frozen=True)
class Overlay:
    """Something at a place, ready to be put on each plane."""

    planes: Planes
    masks: Planes
    place: tuple[int, int]

    @classmethod
    def of(cls, layer: Image.Image, place: tuple[int, int]) -> Overlay:
        """Make one of a picture with an alpha channel and even sides, at an even place."""
        mask = layer.getchannel("A")
        half = mask.resize((mask.width // 2, mask.height // 2), Image.Resampling.BOX)
        return cls(planes_of(layer.convert("RGB")), (mask, half, half), place)

    def put(self, planes: Planes) -> None:
        x, y = self.place
        for plane, own, mask, step in zip(planes, self.planes, self.masks, (1, 2, 2), strict=True):
            plane.paste(own, (x // step, y // step), mask)
