"""Renders a sandbox video: real H.264 in MP4, with a camera that moves as the seed says.

Pictures are moved with sub-pixel steps, as planes.
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
from PIL import Image

from runway_core.sandbox import scene
from runway_core.sandbox.encode import Form, StoppedError, encode
from runway_core.sandbox.planes import Overlay, Planes, even, planes_of, to_frame

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

Box = tuple[float, float, float, float]

__all__ = ["FPS", "Shot", "StoppedError", "draw", "render"]

STILL_FORMATS = {"png": "png", "jpg": "jpeg", "webp": "webp"}


@dataclass(frozen=True)
class Shot:
    """What to render. A picture is a file, or a link that is shown by name only."""

    width: int
    height: int
    seconds: float
    seed: int
    prompt: str = ""
    first: Path | str | None = None
    last: Path | str | None = None
    ending: str = "mp4"


def render(shot: Shot, target: Path, *, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Write the video to `target`, whatever its name ends with. The same shot gives the same file.

    Raises:
        UnusablePictureError: a picture's bytes can't be drawn.
        StoppedError: `should_stop` said so; `target` may be half written.
        OSError: the disk refuses.
    """
    film = _Film(shot)
    form = Form(shot.width, shot.height, Fraction(FPS), shot.ending)
    encode(_in_order(film.frame, film.count), target, form, should_stop)


def draw(shot: Shot, target: Path, *, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Write one picture to `target`, as `render` does a video; `should_stop` is not asked.

    Raises:
        UnusablePictureError: a picture's bytes can't be drawn.
        OSError: the disk refuses.
    """
    frame = _Film(shot).frame(0)
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV leaves it so
    image.save(target, STILL_FORMATS[shot.ending])


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
    def of(cls, seed: int, seconds: float) -> _Camera:
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


class _Film:
    """Everything that frames are made from."""

    def __init__(self, shot: Shot) -> None:
        self._size = (shot.width, shot.height)
        self.count = max(round(shot.seconds * FPS), 1)
        self._away = _Camera.of(shot.seed, shot.seconds)
        self._back = _Camera.of(shot.seed ^ 0x5EED, shot.seconds)
        self._overlays = [self._label()]
        self._first, self._last = self._scenes(shot)

    def frame(self, number: int) -> av.VideoFrame:
        """Make one frame; may be called from several threads at once."""
        way = number / max(self.count - 1, 1)
        planes = self._seen(way)
        for overlay in self._overlays:
            overlay.put(planes)
        return to_frame(planes, self._size)

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

    def _label(self) -> Overlay:
        pill = scene.label(self._size)
        x, y = self._size[0] - pill.width - 16, self._size[1] - pill.height - 16
        return Overlay.of(pill, (x - x % 2, y - y % 2))

    def _scenes(self, shot: Shot) -> tuple[Planes | None, Planes | None]:
        big = (even(shot.width * OVERSIZE), even(shot.height * OVERSIZE))
        if shot.first is None and shot.last is None:
            self._overlays.append(Overlay.of(scene.words(shot.prompt, self._size), (0, 0)))
            names = (f"{shot.prompt} {shot.seed} {end}" for end in ("from", "to"))
            start, end = (planes_of(scene.backdrop(name, big)) for name in names)
            return start, end
        first, last = (
            None if picture is None else planes_of(_picture(picture, big))
            for picture in (shot.first, shot.last)
        )
        return first, last


def _picture(source: Path | str, size: tuple[int, int]) -> Image.Image:
    if isinstance(source, Path):
        return scene.open_picture(source, size)
    return scene.placeholder(source, size)
