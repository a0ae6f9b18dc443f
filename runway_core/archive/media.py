"""Media files by their bytes: what they are, and whether they are whole.

Names and types that somebody else gives are never trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from runway_core.domain import MediaKind
from runway_core.errors import UnexpectedReplyError

BOXES_MAX = 100_000

_HINT = "It is still with the provider: ask for the file again. Nothing is paid again."


@dataclass(frozen=True)
class Format:
    """A kind of file that a provider gives or a person brings."""

    suffix: str
    mime: str
    demuxer: str
    """FFmpeg's reader for it; named, so that FFmpeg never takes it for a list of other files to open."""
    kind: MediaKind | None = MediaKind.VIDEO
    """None for what can only be kept and downloaded."""


MP4 = Format(".mp4", "video/mp4", "mp4")
MOV = Format(".mov", "video/quicktime", "mov")
WEBM = Format(".webm", "video/webm", "matroska")
PNG = Format(".png", "image/png", "png_pipe", MediaKind.IMAGE)
JPEG = Format(".jpg", "image/jpeg", "jpeg_pipe", MediaKind.IMAGE)
WEBP = Format(".webp", "image/webp", "webp_pipe", MediaKind.IMAGE)
MP3 = Format(".mp3", "audio/mpeg", "mp3", MediaKind.AUDIO)
WAV = Format(".wav", "audio/wav", "wav", MediaKind.AUDIO)
M4A = Format(".m4a", "audio/mp4", "mp4", MediaKind.AUDIO)
AAC = Format(".aac", "audio/aac", "aac", MediaKind.AUDIO)
FLAC = Format(".flac", "audio/flac", "flac", MediaKind.AUDIO)
ZIP = Format(".zip", "application/zip", "", None)
"""Single frames, which some models give instead of a video."""

BROUGHT = (MP4, MOV, WEBM, MP3, WAV, M4A, AAC, FLAC)
"""Videos and sounds that providers take (docs.dev.runwayml.com/assets/inputs, read 2026-08-08)."""


def recognise(path: Path) -> Format:
    """Tell what a downloaded file is by its bytes, whatever its name or the server says.

    An MP4 or MOV is walked box by box: each must be whole and together they must be the file.

    Raises:
        UnexpectedReplyError: it is neither a video nor a picture, or a part is missing.
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        start = file.read(1024)
    kind = next((kind for pattern, kind in _OUTPUTS if pattern.match(start)), None)
    if kind is None:
        raise _unexpected(f"The link to the finished file gave {_name(start)}, and no video.")
    if kind in (MP4, MOV) and (missing := incomplete(path)):
        raise _unexpected(f"The video came incomplete: {missing}")
    return kind


def brought(start: bytes) -> Format | None:
    """Tell by its first bytes which video or sound a person brings; None for anything else."""
    return next((kind for pattern, kind in _BROUGHT if pattern.match(start)), None)


def incomplete(path: Path) -> str:
    """What an MP4 or MOV lacks, in words; empty when it is whole.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        return _missing_boxes(file, path.stat().st_size)


def _table(*rows: tuple[bytes, Format]) -> tuple[tuple[re.Pattern[bytes], Format], ...]:
    return tuple((re.compile(pattern, re.DOTALL), kind) for pattern, kind in rows)


_QUICKTIME = rb".{4}ftypqt  "
_OUTPUTS = _table(
    (_QUICKTIME, MOV),
    (rb".{4}ftyp", MP4),
    (rb"\x1aE\xdf\xa3", WEBM),
    (rb"\x89PNG\r\n\x1a\n", PNG),
    (rb"\xff\xd8\xff", JPEG),
    (rb"RIFF.{4}WEBP", WEBP),
    (rb"PK\x03\x04", ZIP),
)
_BROUGHT = _table(
    (rb".{4}ftypM4[AB] ", M4A),
    (_QUICKTIME, MOV),
    (rb".{4}(moov|mdat|wide)", MOV),  # from before files said what they are
    (rb".{4}ftyp(?!hei|hev|mif1|msf1|avi[fs])", MP4),  # those are photographs
    (rb"\x1aE\xdf\xa3.{0,60}\x42\x82.webm", WEBM),
    (rb"RIFF.{4}WAVE", WAV),
    (rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", MP3),
    (rb"\xff[\xf0\xf1\xf8\xf9]", AAC),
    (rb"fLaC", FLAC),
)


def _name(start: bytes) -> str:
    text = start.decode("utf-8-sig", "replace").lstrip().lower()
    if not start:
        return "an empty file"
    if text.startswith("<"):
        return "a web page (HTML)" if re.search(r"<(!doctype html|html|head|body)", text) else "XML"
    if text.startswith(("{", "[")):
        return "a message (JSON)"
    return "a file of an unknown kind"


def _unexpected(message: str) -> UnexpectedReplyError:
    return UnexpectedReplyError(message, hint=_HINT)


def _missing_boxes(file: BinaryIO, size: int) -> str:
    """Walk the outermost boxes (ISO/IEC 14496-12, 4.2)."""
    kinds = set()
    for number, (kind, end) in enumerate(_boxes(file, size)):
        kinds.add(kind)
        if end > size or number > BOXES_MAX:
            return "its end is missing."
    whole = b"moov" in kinds and kinds & {b"mdat", b"moof"}
    return "" if whole else "it can't be played."


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Each box's kind, and where it ends: beyond `size` when a part of it is missing."""
    at = 0
    while at < size:
        file.seek(at)
        head = file.read(16)
        length, least = int.from_bytes(head[:4]), 8
        if length == 1:
            length, least = int.from_bytes(head[8:16]), 16
        elif length == 0:
            length = size - at
        whole = len(head) >= least and length >= least
        at = at + length if whole else size + 1
        yield head[4:8], at
