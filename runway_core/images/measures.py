"""Reads the size of a picture, and what decoding it will cost, from its first bytes. No decoder is involved.

Whatever the bytes are, the functions here return or raise IndexError, struct.error or ValueError.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

SEGMENTS_MAX = 2000
"""Parts before a JPEG's pixels; the largest colour profile and notes are 320 in a file of 20 MiB."""
NOTES_MAX = 16
"""Parts with EXIF notes; cameras write one, and each is joined to all before it."""
CHUNKS_MAX = 25_000
"""Parts of a PNG; programs write 8 KiB or more into each of its pixels' parts."""


@dataclass(frozen=True)
class JpegFrame:
    """The head of a JPEG's pixels (ITU T.81, B.2.2)."""

    size: tuple[int, int]
    samples: float
    """Numbers for each pixel: 3 in full colour, 1.5 as cameras save space, 4 for print."""
    in_passes: bool


def jpeg_frame(data: bytes) -> JpegFrame:
    """Walk the segments before the pixels (ITU T.81, B.1.1)."""
    at, notes, found = 2, 0, None
    for _ in range(SEGMENTS_MAX):
        at = data.index(b"\xff", at)
        marker = data[at + 1]
        if marker == 0xFF or marker <= 0x01 or 0xD0 <= marker <= 0xD9:
            at += 1 if marker == 0xFF else 2  # a filling byte, or a segment without a body
            continue
        body = at + 4
        notes += data[body : body + 6] == b"Exif\0\0"
        if notes > NOTES_MAX:
            break
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            found = _frame(data, body, progressive=marker in (0xC2, 0xC6, 0xCA, 0xCE))
        if marker == 0xDA and found is not None:
            frame, parts = found
            # Colours one after the other are held like passes.
            return JpegFrame(frame.size, frame.samples, frame.in_passes or data[body] < parts)
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    raise ValueError("no pixels within reason")


def _frame(data: bytes, body: int, *, progressive: bool) -> tuple[JpegFrame, int]:
    height, width, parts = struct.unpack_from(">xHHB", data, body)
    shares = [data[body + 7 + 3 * part] for part in range(parts)]
    across, down = [s >> 4 for s in shares], [s & 15 for s in shares]
    whole = max(across) * max(down)
    samples = sum(a * d for a, d in zip(across, down, strict=True)) / (whole or 1)
    return JpegFrame((width, height), samples, progressive), parts


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk (PNG, third edition, 11.2.1)."""
    if data[12:16] != b"IHDR":
        raise ValueError("no head")
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def png_chunks(data: bytes) -> int:
    """How many parts it has, as far as `CHUNKS_MAX` and one more."""
    at, seen = 8, 0
    while at + 8 <= len(data) and seen <= CHUNKS_MAX:
        at += 12 + int(struct.unpack_from(">I", data, at)[0])
        seen += 1
    return seen


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk (RFC 9649, 2.5 to 2.7)."""
    kind = data[12:16]
    if len(data) < 30:
        raise ValueError("no head")
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (part & 0x3FFF for part in struct.unpack_from("<HH", data, 26))
    return width, height


def scans(data: bytes) -> int:
    """Passes of a JPEG, counted by the heads of its scans (ITU T.81, B.2.3)."""
    return len(re.findall(rb"\xff\xda\x00[\x08\x0a\x0c\x0e][\x01-\x04]", data))
