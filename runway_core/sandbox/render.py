"""Renders a sandbox video: real H.264 in MP4, with a camera that moves as the seed says.

Pictures are kept as planes of luma and chroma and moved with sub-pixel steps as such: less work than
moving colours and converting each frame.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from runway_core.sandbox import scene

FPS = 24
OVERSIZE = 1.2
"""Pictures are kept larger than the video, so that nearing them stays sharp."""
PRODUCERS = 2
AHEAD = 6
"""Frames made ahead of the encoder."""
UNHURRIED = 5
"""Seconds below which the camera goes less far, so that it never rushes."""
FADE = (0.35, 0.65)
"""When one picture gives way to the other, as shares of the duration."""
BT709 = 1
"""The number that H.264 writes for the colours of HD video (ITU-T H.273)."""

Planes = tuple[Image.Image, Image.Image, Image.Image]
Box = tuple[float, float, float, float]


class StoppedError(Exception):
    """Somebody wants the video no longer."""


@dataclass(frozen=True)
class Shot:
    """What to render. A picture is a file, or a link that is shown by name only."""

    width: int
    height: int
    seconds: int
    seed: int
    prompt: str = ""
    first: Path | str | None = None
    last: Path | str | None = None


def render(shot: Shot, target: Path, *, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Write the video to `target`, whatever its name ends with. The same shot gives the same file.

    Raises:
        UnusablePictureError: a picture's bytes can't be drawn.
        StoppedError: `should_stop` said so; `target` may be half written.
        OSError: the disk refuses.
    """
    film = _Film(shot)
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = shot.width, shot.height, "yuv420p"
        # A fixed number of threads, because x264's output depends on it.
        stream.options = {"preset": "veryfast", "crf": "23", "threads": "2", "g": "48"}
        context = stream.codec_context
        context.time_base = Fraction(1, FPS)
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = ColorRange.MPEG
        for number, frame in enumerate(_in_order(film.frame, shot.seconds * FPS)):
            if should_stop():
                raise StoppedError
            frame.pts = number
            frame.time_base = context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _in_order(make: Callable[[int], av.VideoFrame], count: int) -> Iterator[av.VideoFrame]:
    """Make frames in a few threads at once and give them out in order."""
    with ThreadPoolExecutor(PRODUCERS, thread_name_prefix="frames") as pool:
        waiting: deque[Future[av.VideoFrame]] = deque()
        for number in range(count):
            waiting.append(pool.submit(make, number))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@dataclass(frozen=True)
class _Camera:
    """A slow path over a picture from the whole of it to a part of it."""

    zoom: float
    angle: float
    bend: float

    @classmethod
    def of(cls, seed: int, seconds: int) -> _Camera:
        chance = random.Random(f"camera {seed}")  # noqa: S311 - no secret hangs on it
        return cls(
            zoom=1 + chance.uniform(0.12, 0.2) * min(seconds / UNHURRIED, 1),
            angle=chance.uniform(0, math.tau),
            bend=chance.uniform(-0.7, 0.7),
        )

    def box(self, way: float, size: tuple[int, int]) -> Box:
        """The part of a picture that is seen when `way` of the path, 0 to 1, is gone."""
        eased = way * way * (3 - 2 * way)
        zoom = 1 + (self.zoom - 1) * eased
        aside = self.bend * math.sin(math.pi * way)
        x = math.cos(self.angle) * eased - math.sin(self.angle) * aside
        y = math.sin(self.angle) * eased + math.cos(self.angle) * aside
        left, right = _span(size[0], zoom, x)
        top, bottom = _span(size[1], zoom, y)
        return left, top, right, bottom


def _span(length: int, zoom: float, shift: float) -> tuple[float, float]:
    seen = length / zoom
    start = (length - seen) / 2 * (1 + max(-1.0, min(1.0, shift)))
    return start, min(start + seen, length)


@dataclass(frozen=True)
class _Overlay:
    """Words at a place, ready to be put on each plane."""

    planes: Planes
    masks: Planes
    place: tuple[int, int]

    @classmethod
    def of(cls, layer: Image.Image, place: tuple[int, int]) -> _Overlay:
        mask = layer.getchannel("A")
        half = mask.resize((mask.width // 2, mask.height // 2), Image.Resampling.BOX)
        return cls(_planes(layer.convert("RGB")), (mask, half, half), place)

    def put(self, planes: Planes) -> None:
        x, y = self.place
        for plane, own, mask, step in zip(planes, self.planes, self.masks, (1, 2, 2), strict=True):
            plane.paste(own, (x // step, y // step), mask)


class _Film:
    """Everything that frames are made from."""

    def __init__(self, shot: Shot) -> None:
        self._size = (shot.width, shot.height)
        self._count = shot.seconds * FPS
        self._away = _Camera.of(shot.seed, shot.seconds)
        self._back = _Camera.of(shot.seed ^ 0x5EED, shot.seconds)
        self._overlays = [self._label()]
        self._first, self._last = self._scenes(shot)

    def frame(self, number: int) -> av.VideoFrame:
        """Make one frame; may be called from several threads at once."""
        way = number / max(self._count - 1, 1)
        planes = self._seen(way)
        for overlay in self._overlays:
            overlay.put(planes)
        frame = av.VideoFrame(*self._size, "yuv420p")
        for plane, image in zip(frame.planes, planes, strict=True):
            padded = image.crop((0, 0, plane.line_size, image.height))
            plane.update(padded.tobytes())
        return frame

    def _seen(self, way: float) -> Planes:
        share = min(max((way - FADE[0]) / (FADE[1] - FADE[0]), 0.0), 1.0)
        if self._first and (share == 0 or not self._last):
            return self._view(self._first, self._away, way)
        if self._last and (share == 1 or not self._first):
            return self._view(self._last, self._back, 1 - way)
        assert self._first and self._last
        first = self._view(self._first, self._away, way)
        last = self._view(self._last, self._back, 1 - way)
        a, b, c = (Image.blend(x, y, share) for x, y in zip(first, last, strict=True))
        return a, b, c

    def _view(self, planes: Planes, camera: _Camera, way: float) -> Planes:
        width, height = self._size
        sizes = ((width, height), (width // 2, height // 2), (width // 2, height // 2))
        a, b, c = (
            plane.resize(size, Image.Resampling.BILINEAR, box=camera.box(way, plane.size))
            for plane, size in zip(planes, sizes, strict=True)
        )
        return a, b, c

    def _label(self) -> _Overlay:
        pill = scene.label(self._size)
        x, y = self._size[0] - pill.width - 16, self._size[1] - pill.height - 16
        return _Overlay.of(pill, (x - x % 2, y - y % 2))

    def _scenes(self, shot: Shot) -> tuple[Planes | None, Planes | None]:
        big = (_even(shot.width * OVERSIZE), _even(shot.height * OVERSIZE))
        if shot.first is None and shot.last is None:
            self._overlays.append(_Overlay.of(scene.words(shot.prompt, self._size), (0, 0)))
            names = (f"{shot.prompt} {shot.seed} {end}" for end in ("from", "to"))
            start, end = (_planes(scene.backdrop(name, big)) for name in names)
            return start, end
        first, last = (
            None if picture is None else _planes(_picture(picture, big))
            for picture in (shot.first, shot.last)
        )
        return first, last


def _picture(source: Path | str, size: tuple[int, int]) -> Image.Image:
    if isinstance(source, Path):
        return scene.open_picture(source, size)
    return scene.placeholder(source, size)


def _planes(image: Image.Image) -> Planes:
    """Luma and half-size chroma of a picture, in the range and colours of HD video."""
    colours: av.VideoFrame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # PyAV leaves it so
    frame = colours.reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )
    a, b, c = (
        Image.frombuffer("L", (p.width, p.height), bytes(p), "raw", "L", p.line_size, 1)
        for p in frame.planes
    )
    return a, b, c


def _even(length: float) -> int:
    return round(length / 2) * 2
