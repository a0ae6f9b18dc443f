"""The bare parts of picture and video files, from which hostile ones are put together."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from io import BytesIO
from typing import Any

import av

from tests.sounds import sound


def chunk(kind: bytes, body: bytes) -> bytes:
    """One part of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, *, depth: int, colour: int, row: bytes, extra: bytes = b""
) -> bytes:
    """A PNG from its bare parts: every row is the same, so even an enormous one is cheap."""
    squeeze, line = zlib.compressobj(1), b"\0" + row
    rows = b"".join(squeeze.compress(line) for _ in range(height)) + squeeze.flush()
    return _png(width, height, depth, colour, 0, extra + chunk(b"IDAT", rows))


def interlaced_png(width: int, height: int) -> bytes:
    """In seven passes (Adam7), clear black."""
    squeeze, rows = zlib.compressobj(1), b""
    for x, y, across, down in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        line = b"\4" + bytes(-(-(width - x) // across) * 4)
        rows += b"".join(squeeze.compress(line) for _ in range(-(-(height - y) // down)))
    return _png(width, height, 8, 6, 1, chunk(b"IDAT", rows + squeeze.flush()))


def _png(width: int, height: int, depth: int, colour: int, interlace: int, rest: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rest + chunk(b"IEND", b"")


def riff(form: bytes, *parts: tuple[bytes, bytes]) -> bytes:
    """A WebP or WAV from its parts."""
    body = form + b"".join(
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in parts
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def canvas(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    """The head of a WebP that says how large it is (RFC 9649, 2.7)."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes([flags, 0, 0, 0]) + size


def box(kind: bytes, *parts: bytes) -> bytes:
    """One part of an MP4."""
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def within(data: bytes, kind: bytes) -> bytes:
    """The first part of that kind, with its head."""
    at = data.index(kind) - 4
    return data[at : at + int.from_bytes(data[at : at + 4])]


def patched(data: bytes, kind: bytes, at: int, new: bytes) -> bytes:
    """With `new` in place of what is `at` bytes after the first ``kind``."""
    begins = data.index(kind) + len(kind) + at
    return data[:begins] + new + data[begins + len(new) :]


def id3(*frames: bytes) -> bytes:
    """The notes at the start of an MP3."""
    body = b"".join(frames)
    size = bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + size + body


def id3_frame(kind: bytes, body: bytes) -> bytes:
    """One note."""
    return kind + struct.pack(">I", len(body)) + b"\0\0" + body


@cache
def tone(form: str, codec: str) -> bytes:
    """A second of sound as a file of this kind."""
    out = BytesIO()
    with av.open(BytesIO(sound()), "r") as source, av.open(out, "w", format=form) as target:
        stream: Any = target.add_stream(codec, rate=44100)
        resampler = av.AudioResampler(stream.format.name, stream.layout.name, 44100, 1024)
        for frame in source.decode(audio=0):
            for part in resampler.resample(frame):
                target.mux(stream.encode(part))
        target.mux(stream.encode())
    return out.getvalue()
