"""A download that broke off: the bytes that came are kept, so that only the rest has to be asked for.

A file of its own holds them, then what is known of them as JSON, its length in four bytes, and in one byte how often
the rest was asked for in vain. It appears by a rename, whole and flushed to the disk, and its bytes are never written
again. The rest may follow only if the server proves by a strong validator that it is of the same file, and
if the bytes still have the hash they came with. In any doubt the file is fetched from its start.
Source: RFC 9110, sections 8.8, 13.1.5 and 14 (read 2026-11-22).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
from pydantic import BaseModel, ConfigDict

BROKEN_LASTS = 86400.0
"""Seconds after its first byte in which a download that broke off may go on."""
IN_VAIN_MOST = 3
"""How often the rest is asked for in vain; then the server may know no ranges, whatever it says."""

_TIME_LEAST = 0.1
"""The share of its time that must be left of a download, or going on would be in vain."""
_TAIL = 5
_FACTS_MOST = 4096
_APART = 60.0
"""Seconds between a file's date and the server's, from which on no later change can have the same date."""
_ETAG = re.compile(r'"[\x21\x23-\x7e]{1,200}"')
_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT")
_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")


class Source(BaseModel):
    """A file that a server has begun to give and could go on with."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    place: str
    """See `place_of`."""
    validator: str
    """A strong ETag, or a date by which a file can be told from every later one."""
    total: int
    """Bytes of the whole file."""
    mime: str


class Facts(BaseModel):
    """What is known of the bytes that came."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    source: Source
    size: int
    """Bytes."""
    sha256: str
    """Of these bytes."""
    began: float
    """Unix time of the first try."""
    seconds: float
    """How long all tries have taken."""


@dataclass(frozen=True)
class Piece:
    """A download that broke off and may go on."""

    path: Path
    facts: Facts
    length: int
    """Bytes of the file it is kept in."""
    asked: int
    """How often the rest was asked for in vain."""

    def headers(self, url: str) -> dict[str, str]:
        """What asks for the rest, if it came from there: a validator says nothing about any other address.

        Raises:
            httpx.InvalidURL: `url` is no address.
        """
        source = self.facts.source
        if place_of(url) != source.place:
            return {}
        return {"Range": f"bytes={self.facts.size}-", "If-Range": source.validator}

    def upto(self, headers: Mapping[str, str]) -> int:
        """Bytes of the file there are after a 206 with these headers; 0 when it gives anything else."""
        source, told = self.facts.source, _RANGE.fullmatch(headers.get("content-range", ""))
        if not told or source.validator not in (headers.get("etag"), headers.get("last-modified")):
            return 0
        first, last, total = map(int, told.groups())
        length = str(last - first + 1)
        fits = first == self.facts.size and first <= last < total == source.total
        return last + 1 if fits and headers.get("content-length", length) == length else 0

    def in_vain(self) -> None:
        """Note that the rest was asked for and nothing of it came."""
        with suppress(OSError), self.path.open("r+b") as file:
            if file.seek(0, 2) == self.length:  # else more of it came, and was kept in its place
                file.seek(-1, 2)
                file.write(bytes([self.asked + 1]))


def source_of(url: str, headers: Mapping[str, str]) -> Source | None:
    """The file that a 200 with these headers gives; None when it could not be gone on with."""
    length, validator = headers.get("content-length", ""), strong(headers)
    ranges = headers.get("accept-ranges", "").strip().lower() != "none"
    if not (validator and ranges and re.fullmatch("[0-9]{1,15}", length)):
        return None
    if "transfer-encoding" in headers:
        return None  # then the length counts for nothing
    return Source(
        place=place_of(url), validator=validator, total=int(length), mime=mime_of(headers)
    )


def strong(headers: Mapping[str, str]) -> str:
    """What tells this file from every other that the address gives or will give, or nothing."""
    if "etag" in headers:
        return headers["etag"] if _ETAG.fullmatch(headers["etag"]) else ""
    changed, sent = headers.get("last-modified", ""), headers.get("date", "")
    if not _DATE.fullmatch(changed) or not _DATE.fullmatch(sent):
        return ""
    try:
        apart = parsedate_to_datetime(sent) - parsedate_to_datetime(changed)
    except ValueError:
        return ""
    return changed if apart.total_seconds() >= _APART else ""


def mime_of(headers: Mapping[str, str]) -> str:
    """What the server calls the file, in lower case without parameters."""
    mime = headers.get("content-type", "").partition(";")[0].strip().lower()
    return mime or "application/octet-stream"


def place_of(url: str) -> str:
    """The hash of an address without its query, where the signatures are that each fresh link has anew.

    Raises:
        httpx.InvalidURL: it is no address.
    """
    parts = httpx.URL(url)
    place = parts.copy_with(query=None, fragment=None, userinfo=b"")
    return hashlib.sha256(str(place).encode()).hexdigest()


def find(path: Path | None, *, within: float) -> Piece | None:
    """What earlier tries have left there, well before `within` seconds were over; what can't go on is removed."""
    if path is None:
        return None
    try:
        piece = _read(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        piece = None
    if piece is None or not _is_usable(piece, within):
        forget(path)
        return None
    return piece


def forget(path: Path | None) -> None:
    """Remove what earlier tries have left there."""
    if path is not None:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def tail(facts: Facts) -> bytes:
    """What stands behind the bytes of a piece."""
    text = facts.model_dump_json().encode()
    return text + len(text).to_bytes(_TAIL - 1) + b"\0"


def _read(path: Path) -> Piece | None:
    with path.open("rb") as file:
        end = file.seek(-_TAIL, 2)
        last = file.read(_TAIL)
        size = end - int.from_bytes(last[:-1])
        if not 0 < end - size <= _FACTS_MOST or size <= 0:
            return None
        file.seek(size)
        facts = Facts.model_validate_json(file.read(end - size))
    if facts.size != size:
        return None
    return Piece(path, facts, end + _TAIL, last[-1])


def _is_usable(piece: Piece, within: float) -> bool:
    return (
        piece.facts.size < piece.facts.source.total
        and 0 <= piece.facts.seconds <= within * (1 - _TIME_LEAST)
        and piece.asked < IN_VAIN_MOST
        and 0 <= time.time() - piece.facts.began <= BROKEN_LASTS
    )
