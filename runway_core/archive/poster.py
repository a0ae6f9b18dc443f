"""What a media file holds, and small pictures of it.

Foreign files are read in a process of their own. The archive imports this only when there is a file
to look into: Pillow is large, and a script that follows tasks needs none of it.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from runway_core.archive.media import Format, recognise
from runway_core.domain import MediaKind
from runway_core.errors import InvalidInputError, Problem
from runway_core.images import SECONDS, Outcome, apart, small_jpeg

THUMBNAIL_SIDE = 640
"""Pixels of a thumbnail's longest side."""


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
    """A JPEG, at most 960 pixels a side."""


def probe(path: Path, kind: Format) -> Probe:
    """Look into a finished file: size, length, and a frame at a tenth of it.

    Never raises: a video that can't be decoded here is still what was paid for.
    """
    with suppress(OSError):
        return _probe(_look(path, kind, SECONDS))
    return Probe()


def look(path: Path, kind: Format, *, seconds: float = SECONDS) -> Probe:
    """Look into a video or sound that a person brings; a video without a poster can't be played here.

    Raises:
        ValueError: it can't be read as what it seems to be; says why and what to do.
        OSError: it can't be opened.
    """
    outcome = _look(path, kind, seconds)
    if outcome.fault:
        form = "MP3" if kind.kind is MediaKind.AUDIO else "MP4"
        raise ValueError(outcome.words(f"save it again as {form}."))
    return _probe(outcome)


def _look(path: Path, kind: Format, seconds: float) -> Outcome:
    still = kind.kind is MediaKind.IMAGE
    with path.open("rb") as source:
        return apart("film", source, seconds=seconds, demuxer=kind.demuxer, still=still)


def _probe(outcome: Outcome) -> Probe:
    """Only what makes sense: see `Outcome.facts`."""
    facts = outcome.facts
    return Probe(
        width=_pixels(facts.get("width")),
        height=_pixels(facts.get("height")),
        seconds=_number(facts.get("seconds")),
        fps=_number(facts.get("fps")),
        sound=facts.get("sound") is True,
        poster=outcome.data if outcome.data.startswith(b"\xff\xd8\xff") else None,
    )


def _pixels(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 < value < 1_000_000 else None


def _number(value: Any) -> float | None:
    fits = isinstance(value, int | float) and math.isfinite(value) and 0 <= value < 1e9
    return float(value) if fits else None


def thumbnail(picture: Path) -> bytes:
    """A small JPEG of a JPEG that was made here.

    Raises:
        OSError: it can't be read.
    """
    with Image.open(picture, formats=("JPEG",)) as image:
        return small_jpeg(image, THUMBNAIL_SIDE)


def last_frame(path: Path, *, field: str) -> bytes:
    """A JPEG of the last frame of a kept video, as large as the video.

    Raises:
        InvalidInputError: its end can't be read; names `field`.
        UnexpectedReplyError: it is no video any more.
        OSError: it can't be opened.
    """
    kind = recognise(path)
    with path.open("rb") as source:
        outcome = apart("last frame", source, demuxer=kind.demuxer)
    if outcome.fault or not outcome.data.startswith(b"\xff\xd8\xff"):
        told = "has no last frame that can be read here; take a picture of it yourself."
        raise InvalidInputError(Problem(field, told))
    return outcome.data
