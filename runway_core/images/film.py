"""A look into a video or sound: its size, its length, what it holds, and a frame of it.

Runs in a process of its own (`runway_core.images.child`), which alone loads FFmpeg for foreign files.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, BinaryIO

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from runway_core.images.pixels import jpeg, small_jpeg

POSTER_SIDE = 960
"""Pixels of a poster's longest side."""
POSTER_AT = 0.1
"""Which part of the length the poster is from: the very first frame is often the given picture, or black."""
POSTER_PIXELS_MAX = 40_000_000
FRAMES_MAX = 600
"""Frames decoded in search of a poster, for a video whose only key frame is its first."""
LOOK_SECONDS = 1.5
"""Of the processor's time: after it, what is known counts. A person waits."""
END_SECONDS = 1.0
"""How far before its end a video is begun to be read for its last frame; from a key frame before that."""
STRIP_FRAMES = 5
STRIP_HEIGHT = 180
"""Pixels of each frame of a strip."""
_GAP = 4
"""Pixels between them."""

Facts = dict[str, Any]


def looks(source: BinaryIO, *, demuxer: str, still: bool) -> Iterator[tuple[Facts, bytes]]:
    """First what the head of the file says, then with a JPEG of a frame; a `still` has no length.

    Facts: ``width``, ``height`` (pixels as shown: a telephone's upright video is turned), ``seconds``,
    ``fps``, ``sound``; None for what it does not say.

    Raises:
        Exception: whatever FFmpeg raises on foreign bytes.
    """
    # The open file and nothing else, and its reader by name: FFmpeg never takes it for a list of others.
    only = {"fd": str(source.fileno()), "protocol_whitelist": "fd"}
    with av.open("fd:", "r", format=demuxer, container_options=only) as container:
        shown = [s for s in container.streams.video if not _is_cover(s)]
        stream = shown[0] if shown else None
        facts = _facts(container, stream, still=still)
        yield facts, b""
        if stream is not None:
            # Each thread of FFmpeg's holds frames of its own.
            stream.codec_context.thread_count = 1
            frame = _poster_frame(container, stream, facts)
            if frame is not None:
                yield _with_poster(facts, frame)


def last_frame(source: BinaryIO, *, demuxer: str) -> Iterator[tuple[Facts, bytes]]:
    """A JPEG of the last frame, as large as the video: what follows begins with that very picture.

    Raises:
        Exception: whatever FFmpeg raises on foreign bytes.
    """
    only = {"fd": str(source.fileno()), "protocol_whitelist": "fd"}
    with av.open("fd:", "r", format=demuxer, container_options=only) as container:
        stream = next(s for s in container.streams.video if not _is_cover(s))
        stream.codec_context.thread_count = 1
        if container.duration:
            end = container.duration + (container.start_time or 0)
            container.seek(max(0, int(end - END_SECONDS * av.time_base)))
        frame = None
        for packet in container.demux(stream):
            frame = ([frame, *packet.decode()])[-1]
        if frame is not None:
            image: Image.Image = frame.to_image(threads=1)  # type: ignore[no-untyped-call]  # PyAV gives no type
            if frame.rotation % 360:
                image = image.rotate(frame.rotation, expand=True)
            yield {"width": image.width, "height": image.height}, jpeg(image, quality=95)


def strip(source: BinaryIO, *, demuxer: str) -> Iterator[tuple[Facts, bytes]]:
    """A JPEG of five frames side by side, from the beginning to the end: clips that begin alike differ there.

    Raises:
        Exception: whatever FFmpeg raises on foreign bytes.
    """
    only = {"fd": str(source.fileno()), "protocol_whitelist": "fd"}
    with av.open("fd:", "r", format=demuxer, container_options=only) as container:
        stream = next(s for s in container.streams.video if not _is_cover(s))
        stream.codec_context.thread_count = 1
        begin = (container.start_time or 0) / av.time_base
        length = (container.duration or 0) / av.time_base
        moments = [begin + length * (n + 0.5) / STRIP_FRAMES for n in range(STRIP_FRAMES)]
        shown = [_small(frame) for frame in _frames_at(container, stream, moments)]
    if shown:
        width, height = shown[0].size
        whole = Image.new("RGB", ((width + _GAP) * len(shown) - _GAP, height), "black")
        for number, image in enumerate(shown):
            whole.paste(image, (number * (width + _GAP), 0))
        yield {"width": whole.width, "height": whole.height}, jpeg(whole, quality=80)


def _frames_at(
    container: InputContainer, stream: VideoStream, moments: list[float]
) -> Iterator[VideoFrame]:
    """The first frame at or after each of these moments, in seconds; read once from begin to end."""
    wanted = iter(moments)
    at = next(wanted)
    for frame in _decodable(container, stream):
        while frame.pts is not None and frame.time >= at:
            yield frame
            following = next(wanted, None)
            if following is None:
                return
            at = following


def _small(frame: VideoFrame) -> Image.Image:
    share = STRIP_HEIGHT / frame.height
    width = max(1, min(round(frame.width * share), 4 * STRIP_HEIGHT))
    image: Image.Image = frame.to_image(  # type: ignore[no-untyped-call]  # PyAV gives no type
        width=width, height=STRIP_HEIGHT, interpolation="AREA", threads=1
    )
    return image.rotate(frame.rotation, expand=True) if frame.rotation % 360 else image


def _is_cover(stream: VideoStream) -> bool:
    """Whether it is the picture on a record's sleeve."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _facts(container: InputContainer, stream: VideoStream | None, *, still: bool) -> Facts:
    facts: Facts = {
        "seconds": None if still else _length(container),
        "sound": bool(container.streams.audio),
    }
    if stream is None:
        return facts
    rate = stream.average_rate or stream.guessed_rate
    return facts | {
        "width": stream.codec_context.width or None,
        "height": stream.codec_context.height or None,
        "fps": round(float(rate), 3) if rate and not still else None,
    }


def _is_late() -> bool:
    return time.process_time() > LOOK_SECONDS


def _length(container: InputContainer) -> float | None:
    """Seconds; read to the end where the head does not say, as browsers record their videos."""
    if container.duration and container.duration > 0:
        return round(container.duration / av.time_base, 3)
    last = 0.0
    for packet in container.demux():
        if packet.pts is not None and packet.time_base is not None:
            last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        if _is_late():
            return None
    container.seek(0)
    return round(last, 3) or None


def _with_poster(facts: Facts, frame: VideoFrame) -> tuple[Facts, bytes]:
    share = min(1.0, POSTER_SIDE / max(frame.width, frame.height))
    image: Image.Image = frame.to_image(  # type: ignore[no-untyped-call]  # PyAV gives no type
        width=max(1, round(frame.width * share)),
        height=max(1, round(frame.height * share)),
        interpolation="AREA",
        threads=1,
    )
    if frame.rotation % 360:
        image = image.rotate(frame.rotation, expand=True)
    if frame.rotation % 180:
        facts = facts | {"width": facts["height"], "height": facts["width"]}
    return facts, small_jpeg(image, POSTER_SIDE)


def _poster_frame(
    container: InputContainer, stream: VideoStream, facts: Facts
) -> VideoFrame | None:
    if (facts["width"] or 0) * (facts["height"] or 0) > POSTER_PIXELS_MAX:
        return None
    frame = None
    if facts["seconds"]:
        at = facts["seconds"] * POSTER_AT + (container.start_time or 0) / av.time_base
        container.seek(int(at * av.time_base))
        frame = _frame_near(container, stream, at)
    if frame is None:
        if facts["seconds"]:
            container.seek(container.start_time or 0)
        frame = _frame_near(container, stream, 0.0)
    return frame


def _frame_near(container: InputContainer, stream: VideoStream, at: float) -> VideoFrame | None:
    """The first frame that can be decoded at `at` seconds or later, or else the last before."""
    frame = None
    for seen, frame in enumerate(_decodable(container, stream)):
        if frame.pts is None or frame.time >= at or seen >= FRAMES_MAX or _is_late():
            break
    return frame


def _decodable(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except MemoryError:
            raise
        except av.error.FFmpegError:
            if _is_late():
                return
