"""Looks into files that were sent: what they are, how large, how long. Codecs are loaded at first use."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from runway_core.domain import MediaKind

PIXELS_MAX = 64_000_000
"""Ours: nothing larger is unpacked into memory."""


class ProbeError(Exception):
    """It is not what it should be; the message says what it is not."""


@dataclass(frozen=True)
class Facts:
    """What a file is."""

    format: str
    """``png``, ``jpeg`` or ``webp`` of a picture; of others the demuxer's name."""
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    fps: float = 0.0


def probe(source: bytes | Path, kind: MediaKind) -> Facts:
    """Look into a file that should be of this kind.

    Raises:
        ProbeError: it is none, is damaged, or its picture is too large.
    """
    facts = _picture(source) if kind is MediaKind.IMAGE else _moving(source, kind)
    if facts.width * facts.height > PIXELS_MAX:
        raise ProbeError(f"{facts.width}x{facts.height} pixels are too many")
    return facts


def _picture(source: bytes | Path) -> Facts:
    # Here, as in the next function, because a start of the server should not wait for it.
    from PIL import Image

    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with Image.open(file, formats=("PNG", "JPEG", "WEBP")) as image:
            return Facts((image.format or "").lower(), image.width, image.height)
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        raise ProbeError("not a PNG, JPEG or WebP picture") from None


def _moving(source: bytes | Path, kind: MediaKind) -> Facts:
    import av

    file = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    try:
        with av.open(file) as container:
            return _facts(container, kind)
    except (av.FFmpegError, ValueError, OSError):
        raise ProbeError(f"not a {kind} file that can be read") from None


def _facts(container: object, kind: MediaKind) -> Facts:
    import av

    assert isinstance(container, av.container.InputContainer)
    streams = container.streams.get(**{kind.value: 0}) if _has(container, kind) else []
    if not streams:
        raise ProbeError(f"has no {kind}")
    stream = streams[0]
    seconds = (container.duration or 0) / 1_000_000
    if not seconds and stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    if not seconds:
        raise ProbeError("its length is not known")
    if isinstance(stream, av.VideoStream):
        fps = float(stream.average_rate or stream.guessed_rate or 24)
        return Facts(container.format.name, stream.width, stream.height, seconds, fps)
    return Facts(container.format.name, seconds=seconds)


def _has(container: object, kind: MediaKind) -> bool:
    import av

    assert isinstance(container, av.container.InputContainer)
    return any(stream.type == kind.value for stream in container.streams)
