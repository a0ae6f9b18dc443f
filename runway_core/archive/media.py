"""Finished files as they come from a provider: what they are, and whether they are whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from runway_core.errors import UnexpectedReplyError

BOXES_MAX = 100_000

_HINT = "It is still with the provider: ask for the file again. Nothing is paid again."


@dataclass(frozen=True)
class Format:
    """A kind of file that a provider may give."""

    suffix: str
    mime: str
    demuxer: str
    """FFmpeg's reader for it; named, so that FFmpeg never takes it for a list of other files to open."""
    is_video: bool = True


MP4 = Format(".mp4", "video/mp4", "mp4")
MOV = Format(".mov", "video/quicktime", "mov")
WEBM = Format(".webm", "video/webm", "matroska")
PNG = Format(".png", "image/png", "png_pipe", is_video=False)
JPEG = Format(".jpg", "image/jpeg", "jpeg_pipe", is_video=False)


def recognise(path: Path) -> Format:
    """Tell what a downloaded file is by its bytes, whatever its name or the server says.

    An MP4 or MOV is walked box by box: each must be whole and together they must be the file.

    Raises:
        UnexpectedReplyError: it is neither a video nor a picture, or a part is missing.
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        start = file.read(1024)
        if start[4:8] == b"ftyp":
            _check_boxes(file, path.stat().st_size)
            return MOV if start[8:12] == b"qt  " else MP4
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    raise _unexpected(f"The link to the finished file gave {_name(start)}, and no video.")


_MAGIC = (
    (b"\x1aE\xdf\xa3", WEBM),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
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


def _check_boxes(file: BinaryIO, size: int) -> None:
    """Walk the outermost boxes (ISO/IEC 14496-12, 4.2)."""
    kinds = set()
    for number, (kind, end) in enumerate(_boxes(file, size)):
        kinds.add(kind)
        if end > size or number > BOXES_MAX:
            raise _unexpected("The video came incomplete: its end is missing.")
    if b"moov" not in kinds or not kinds & {b"mdat", b"moof"}:
        raise _unexpected("The video came incomplete: it can't be played.")


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
