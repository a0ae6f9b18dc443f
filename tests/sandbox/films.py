"""Small real videos to send, and a look into results."""

from __future__ import annotations

import base64
import io
from fractions import Fraction

import av
from PIL import Image


def film(
    seconds: float = 2.0,
    *,
    size: tuple[int, int] = (160, 90),
    fps: int = 12,
    colour: tuple[int, int, int] = (40, 160, 80),
    ending: str = "mp4",
    codec: str = "libx264",
) -> bytes:
    """A video of one colour whose left edge grows white, so that its moments can be told apart."""
    target = io.BytesIO()
    count = max(round(seconds * fps), 1)
    with av.open(target, "w", format=ending) as container:
        stream = container.add_stream(codec, rate=Fraction(fps))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(count):
            image = Image.new("RGB", size, colour)
            image.paste((255, 255, 255), (0, 0, size[0] * number // count, size[1] // 4))
            frame: av.VideoFrame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # PyAV leaves it so
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


def video_uri(data: bytes | None = None, mime: str = "video/mp4") -> str:
    """Encode a video as a create request carries it."""
    return f"data:{mime};base64,{base64.b64encode(film() if data is None else data).decode()}"


def sound(seconds: float = 1.0) -> bytes:
    """A WAV of silence."""
    rate = 8000
    target = io.BytesIO()
    with av.open(target, "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=rate, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=round(seconds * rate))
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


class Seen:
    """What is in a result."""

    def __init__(self, data: bytes) -> None:
        with av.open(io.BytesIO(data), "r") as container:
            stream = container.streams.video[0]
            self.codec = stream.codec_context.name
            self.size = (stream.width, stream.height)
            self.fps = float(stream.average_rate or 0)
            frames = list(container.decode(stream))
        self.seconds = len(frames) / self.fps
        self.frames: list[Image.Image] = [f.to_image() for f in frames]  # type: ignore[no-untyped-call]  # PyAV leaves it so
