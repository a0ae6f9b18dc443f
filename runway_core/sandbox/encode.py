"""Writes frames to a file: H.264 in MP4, ProRes in MOV, or numbered pictures in a ZIP."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.reformatter import ColorRange

BT709 = 1
"""The number that H.264 writes for the colours of HD video (ITU-T H.273)."""
Stop = Callable[[], bool]


class StoppedError(Exception):
    """Somebody wants the video no longer."""


@dataclass(frozen=True)
class Form:
    """How a video is written."""

    width: int
    height: int
    fps: Fraction
    ending: str = "mp4"


@dataclass(frozen=True)
class _Codec:
    container: str
    name: str
    pixels: str
    options: dict[str, str]


CODECS = {
    # A fixed number of threads, because x264's output depends on it.
    "mp4": _Codec(
        "mp4",
        "libx264",
        "yuv420p",
        {"preset": "veryfast", "crf": "23", "threads": "2", "g": "48"},
    ),
    "mov": _Codec("mov", "prores_ks", "yuv422p10le", {"profile": "2", "threads": "2"}),
}


def encode(frames: Iterator[av.VideoFrame], target: Path, form: Form, should_stop: Stop) -> None:
    """Write the frames to `target`, whatever its name ends with.

    Raises:
        StoppedError: `should_stop` said so; `target` may be half written.
        OSError: the disk refuses.
    """
    if form.ending == "zip":
        _pictures(frames, target, should_stop)
        return
    codec = CODECS[form.ending]
    options = {"movflags": "+faststart"}
    with av.open(str(target), "w", format=codec.container, options=options) as container:
        stream = container.add_stream(codec.name, rate=form.fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = form.width, form.height, codec.pixels
        stream.options = {**codec.options}
        context = stream.codec_context
        context.time_base = 1 / form.fps
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = ColorRange.MPEG
        for number, made in enumerate(frames):
            if should_stop():
                raise StoppedError
            frame = made if codec.pixels == "yuv420p" else made.reformat(format=codec.pixels)
            frame.pts = number
            frame.time_base = context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _pictures(frames: Iterator[av.VideoFrame], target: Path, should_stop: Stop) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for number, frame in enumerate(frames, 1):
            if should_stop():
                raise StoppedError
            with archive.open(f"frame_{number:05}.png", "w") as file:
                image = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV leaves it so
                image.save(file, "png", compress_level=1)
