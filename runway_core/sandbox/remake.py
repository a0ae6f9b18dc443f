"""Makes a video from a video that was sent: its own frames, scaled, and tinted where it was to be changed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.reformatter import ColorRange, Colorspace

from runway_core.sandbox import scene
from runway_core.sandbox.encode import Form, encode
from runway_core.sandbox.planes import Overlay, Planes, even, taken_from, to_frame
from runway_core.sandbox.scene import UnusablePictureError

TINT = 18
"""How far a colour is moved, of 128."""
INSET = 4
"""The character's picture is a quarter of the video's width."""
MARGIN = 16


@dataclass(frozen=True)
class Take:
    """What to make of a video."""

    source: Path
    width: int
    height: int
    seconds: float
    fps: float
    seed: int
    is_tinted: bool
    inset: Path | None = None
    """The picture of the character that acts."""
    ending: str = "mp4"


def remake(take: Take, target: Path, *, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Write the video to `target`, whatever its name ends with. One that is too short is shown again.

    Raises:
        UnusablePictureError: the video or the picture can't be read.
        StoppedError: `should_stop` said so; `target` may be half written.
        OSError: the disk refuses.
    """
    fps = Fraction(take.fps).limit_denominator(1001)
    form = Form(take.width, take.height, fps, take.ending)
    encode(_frames(take, fps), target, form, should_stop)


def _frames(take: Take, fps: Fraction) -> Iterator[av.VideoFrame]:
    size = (take.width, take.height)
    overlays = list(_overlays(take))
    tables = _tint(take.seed) if take.is_tinted else None
    shown, planes = None, None
    for frame in _sampled(take.source, fps, max(round(take.seconds * fps), 1)):
        if frame is not shown or planes is None:
            shown, planes = frame, _fitted(frame, size)
            if tables:
                planes = (planes[0], planes[1].point(tables[0]), planes[2].point(tables[1]))
            for overlay in overlays:
                overlay.put(planes)
        yield to_frame(planes, size)


def _sampled(source: Path, fps: Fraction, count: int) -> Iterator[av.VideoFrame]:
    """The frame that is seen at each step of a clock, from the start again where the video ends."""
    given = 0
    while given < count:
        begun = given
        for frame, until in _shown(source):
            while given < count and Fraction(given - begun) / fps < until:
                given += 1
                yield frame
            if given >= count:
                return
        if given == begun:
            raise UnusablePictureError("the video has no frames")


def _shown(source: Path) -> Iterator[tuple[av.VideoFrame, float]]:
    """Each frame, and until when it is seen, in seconds from the start."""
    try:
        with av.open(str(source)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            usual = 1 / float(stream.average_rate or 24)
            start, last = None, None
            for frame in container.decode(stream):
                at = frame.time or 0.0
                start = at if start is None else start
                if last is not None:
                    yield last, at - start
                last = frame
            if last is not None and start is not None:
                yield last, (last.time or 0.0) - start + usual
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise UnusablePictureError(str(error)) from None


def _fitted(frame: av.VideoFrame, size: tuple[int, int]) -> Planes:
    """A frame cropped from its centre to the shape of `size`."""
    scale = max(size[0] / frame.width, size[1] / frame.height)
    width, height = (
        max(even(frame.width * scale), size[0]),
        max(even(frame.height * scale), size[1]),
    )
    scaled = frame.reformat(
        width=width,
        height=height,
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
    )
    whole = taken_from(scaled)
    left, top = even((width - size[0]) / 2 + 1) - 2, even((height - size[1]) / 2 + 1) - 2
    a, b, c = (
        plane.crop((left // n, top // n, (left + size[0]) // n, (top + size[1]) // n))
        for plane, n in zip(whole, (1, 2, 2), strict=True)
    )
    return a, b, c


def _tint(seed: int) -> tuple[list[int], list[int]]:
    """What each value of the two chroma planes becomes."""
    chance = random.Random(f"tint {seed}")  # noqa: S311 - no secret hangs on it
    shifts = [chance.choice((-1, 1)) * chance.randint(TINT // 2, TINT) for _ in range(2)]
    blue, red = ([min(max(n + shift, 16), 240) for n in range(256)] for shift in shifts)
    return blue, red


def _overlays(take: Take) -> Iterator[Overlay]:
    pill = scene.label((take.width, take.height))
    x, y = take.width - pill.width - MARGIN, take.height - pill.height - MARGIN
    yield Overlay.of(pill, (x - x % 2, y - y % 2))
    if take.inset:
        side = even(take.width / INSET)
        picture = scene.open_picture(take.inset, (side, side)).convert("RGBA")
        yield Overlay.of(picture, (MARGIN, even(take.height - side - MARGIN)))
