"""Real sounds for tests, made on the spot."""

from __future__ import annotations

import math
import struct
import wave
from io import BytesIO

RATE = 8000
"""Samples a second."""


def sound(*, seconds: float = 1) -> bytes:
    """A WAV file with a quiet tone."""
    count = int(seconds * RATE)
    tone = (int(3000 * math.sin(number / 8)) for number in range(count))
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return out.getvalue()
