"""A look into a finished file: its size, its length, and a frame of it.

The archive imports this only when there is a file to look into: FFmpeg and Pillow are large, and a
script that follows tasks needs neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from runway_core.archive.media import Format

POSTER_SIDE = 960
"""Pixels of a poster's longest side."""
THUMBNAIL_SIDE = 640
"""Pixels of a thumbnail's longest side."""
POSTER_AT = 0.1
"""Which part of the length the poster is from: the very first frame is often the given picture, or black."""
POSTER_PIXELS_MAX = 40_000_000
FRAMES_MAX = 600
"""Frames decoded in search of a poster, for a video whose only key frame is its first."""


@dataclass(frozen=True)
class Probe:
    """What a look into a file told; None for what it did not."""

    width: int | None = None
    height: int | None = None
    """Pixels."""
    seconds: float | None = None
    poster: bytes | None = None
    """A JPEG, at most `POSTER_SIDE` pixels a side."""


def probe(path: Path, kind: Format) -> Probe:
    """Look into a recognised file: size, length, and a frame at a tenth of it.

    Never raises: a video that can't be decoded here is still what was paid for.
    """
    found = Probe()
    try:
        with av.open(str(path), format=kind.demuxer) as container:
            stream = container.streams.video[0]
            found = _facts(container, stream, kind)
            return replace(found, poster=_poster(container, stream, found))
    except Exception:  # noqa: BLE001 - FFmpeg raises a dozen unrelated types on foreign bytes
        return found


def _facts(container: InputContainer, stream: VideoStream, kind: Format) -> Probe:
    length = container.duration if kind.is_video else None
    return Probe(
        width=stream.codec_context.width or None,
        height=stream.codec_context.height or None,
        seconds=round(length / av.time_base, 3) if length and length > 0 else None,
    )


def _poster(container: InputContainer, stream: VideoStream, facts: Probe) -> bytes | None:
    if (facts.width or 0) * (facts.height or 0) > POSTER_PIXELS_MAX:
        return None
    frame = None
    if facts.seconds:
        at = facts.seconds * POSTER_AT + (container.start_time or 0) / av.time_base
        container.seek(int(at * av.time_base))
        frame = _frame_near(container, stream, at)
    if frame is None:
        if facts.seconds:
            container.seek(container.start_time or 0)
        frame = _frame_near(container, stream, 0.0)
    if frame is None:
        return None
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV gives no type
    return _small_jpeg(image, POSTER_SIDE)


def _frame_near(container: InputContainer, stream: VideoStream, at: float) -> VideoFrame | None:
    """The first frame that can be decoded at `at` seconds or later, or else the last before."""
    frame = None
    for seen, frame in enumerate(_decodable(container, stream)):
        if frame.pts is None or frame.time >= at or seen >= FRAMES_MAX:
            break
    return frame


def _decodable(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            continue


def thumbnail(picture: Path) -> bytes:
    """A small JPEG of a JPEG that is kept here.

    Raises:
        OSError: it can't be read.
    """
    with Image.open(picture, formats=("JPEG",)) as image:
        return _small_jpeg(image, THUMBNAIL_SIDE)


def _small_jpeg(image: Image.Image, side: int) -> bytes:
    image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    out = BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()
