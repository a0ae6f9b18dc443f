"""A look into a media file: its size, its length, what it holds, and a frame of it.

The archive imports this only when there is a file to look into: FFmpeg and Pillow are large, and a
script that follows tasks needs neither.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from runway_core.archive.media import Format
from runway_core.domain import MediaKind

POSTER_SIDE = 960
"""Pixels of a poster's longest side."""
THUMBNAIL_SIDE = 640
"""Pixels of a thumbnail's longest side."""
POSTER_AT = 0.1
"""Which part of the length the poster is from: the very first frame is often the given picture, or black."""
POSTER_PIXELS_MAX = 40_000_000
FRAMES_MAX = 600
"""Frames decoded in search of a poster, for a video whose only key frame is its first."""


LOOK_SECONDS = 8.0
"""Longest that a look may take where a file is made to take longer; what is known by then counts."""


@dataclass(frozen=True)
class Probe:
    """What a look into a file told; None for what it did not."""

    width: int | None = None
    height: int | None = None
    """Pixels, as it is shown: a telephone's upright video is turned."""
    seconds: float | None = None
    fps: float | None = None
    sound: bool = False
    poster: bytes | None = None
    """A JPEG, at most `POSTER_SIDE` pixels a side."""


def probe(path: Path, kind: Format) -> Probe:
    """Look into a finished file: size, length, and a frame at a tenth of it.

    Never raises: a video that can't be decoded here is still what was paid for.
    """
    found = Probe()
    with suppress(Exception):  # FFmpeg raises a dozen unrelated types on foreign bytes
        for found in _looks(path, kind):  # noqa: B007 - the last one before a fault counts
            pass
    return found


def look(path: Path, kind: Format) -> Probe:
    """Look into a video or sound that a person brings; a video without a poster can't be played here.

    Raises:
        ValueError: it can't be read as what it seems to be.
    """
    try:
        *_, found = _looks(path, kind)
    except Exception:  # noqa: BLE001 - FFmpeg raises a dozen unrelated types on foreign bytes
        raise ValueError(f"not a {kind.suffix} that can be read") from None
    return found


def _looks(path: Path, kind: Format) -> Iterator[Probe]:
    """First what the heads of the file say, then the poster too."""
    ends = time.monotonic() + LOOK_SECONDS
    options = {"protocol_whitelist": "file"}
    with av.open(
        str(path), format=kind.demuxer, timeout=LOOK_SECONDS, container_options=options
    ) as container:
        shown = [s for s in container.streams.video if not _is_cover(s)]
        stream = shown[0] if shown else None
        found = _facts(container, stream, kind, ends)
        yield found
        if stream is not None:
            frame = _poster_frame(container, stream, found, ends)
            if frame is not None:
                yield _with_poster(found, frame)


def _is_cover(stream: VideoStream) -> bool:
    """Whether it is the picture on a record's sleeve."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _facts(
    container: InputContainer, stream: VideoStream | None, kind: Format, ends: float
) -> Probe:
    sound = bool(container.streams.audio)
    length = _length(container, ends) if kind.kind is not MediaKind.IMAGE else None
    if stream is None:
        return Probe(seconds=length, sound=sound)
    rate = stream.average_rate or stream.guessed_rate
    return Probe(
        width=stream.codec_context.width or None,
        height=stream.codec_context.height or None,
        seconds=length,
        fps=round(float(rate), 3) if rate and kind.kind is not MediaKind.IMAGE else None,
        sound=sound,
    )


def _length(container: InputContainer, ends: float) -> float | None:
    """Seconds; read to the end where the head does not say, as browsers record their videos."""
    if container.duration and container.duration > 0:
        return round(container.duration / av.time_base, 3)
    last = 0.0
    for packet in container.demux():
        if packet.pts is not None and packet.time_base is not None:
            last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        if time.monotonic() > ends:
            return None
    container.seek(0)
    return round(last, 3) or None


def _with_poster(found: Probe, frame: VideoFrame) -> Probe:
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV gives no type
    width, height = found.width, found.height
    if frame.rotation % 360:
        image = image.rotate(frame.rotation, expand=True)
    if frame.rotation % 180:
        width, height = height, width
    return replace(found, width=width, height=height, poster=_small_jpeg(image, POSTER_SIDE))


def _poster_frame(
    container: InputContainer, stream: VideoStream, facts: Probe, ends: float
) -> VideoFrame | None:
    if (facts.width or 0) * (facts.height or 0) > POSTER_PIXELS_MAX:
        return None
    frame = None
    if facts.seconds:
        at = facts.seconds * POSTER_AT + (container.start_time or 0) / av.time_base
        container.seek(int(at * av.time_base))
        frame = _frame_near(container, stream, at, ends)
    if frame is None:
        if facts.seconds:
            container.seek(container.start_time or 0)
        frame = _frame_near(container, stream, 0.0, ends)
    return frame


def _frame_near(
    container: InputContainer, stream: VideoStream, at: float, ends: float
) -> VideoFrame | None:
    """The first frame that can be decoded at `at` seconds or later, or else the last before."""
    frame = None
    for seen, frame in enumerate(_decodable(container, stream)):
        late = seen >= FRAMES_MAX or time.monotonic() > ends
        if frame.pts is None or frame.time >= at or late:
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
