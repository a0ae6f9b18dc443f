"""Streams a finished file to disk: whole, hashed and flushed, or not there at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from runway_core.errors import (
    DeskError,
    NoAnswerError,
    OutputExpiredError,
    ProviderError,
    RateLimitError,
    ServerError,
    UnexpectedReplyError,
)
from runway_core.http.faults import encoded, too_much
from runway_core.http.piece import Piece, Source, forget, mime_of, source_of
from runway_core.http.reply import Reply, request_id, retry_after
from runway_core.http.sink import MIB, Sink

BATCH = 256 * 1024
"""Bytes that are gathered before a thread writes them."""


@dataclass(frozen=True)
class Download:
    """A file that is whole on disk."""

    size: int
    """Bytes."""
    sha256: str
    mime: str
    """What the server called it, in lower case without parameters; it may be wrong."""


@dataclass(frozen=True)
class Pace:
    """The slowest download that is waited for."""

    bytes_per_second: int = 10_000
    over: float = 30.0
    """Seconds over which it is measured."""

    def is_missed(self, size: int, seconds: float) -> bool:
        """Whether so many bytes were too few for that time."""
        return seconds >= self.over and size < self.bytes_per_second * seconds


@dataclass(frozen=True)
class Order:
    """A file that is wanted."""

    target: Path
    """Where to."""
    broken: Path | None
    """Where to keep what came when the line breaks off; None to keep nothing."""
    max_bytes: int
    """Of the whole file."""
    pace: Pace
    piece: Piece | None
    """What an earlier try has left of it."""
    since: float = field(default_factory=time.monotonic)
    """When this try began."""


@dataclass(frozen=True)
class _Body:
    """The bytes that an answer brings."""

    mime: str
    source: Source | None
    """The whole file they are of, if it could be gone on with."""
    piece: Piece | None
    """What they follow."""
    upto: int
    """Bytes of the file there are after them; 0 when nobody said."""


async def receive(
    reply: Reply, chunks: AsyncIterator[bytes], order: Order, *, url: str, host: str, rest: bool
) -> Download:
    """Write the file that an answer brings, and flush it to the disk.

    Where it fails, nothing stays of it but what the next try may go on with.

    Args:
        url: where it was asked for.
        rest: whether only the rest of the piece was asked for.

    Raises:
        OutputExpiredError, RateLimitError, ServerError: no file was given.
        UnexpectedReplyError: too much, nothing at all, or not what was asked for.
        NoAnswerError: too slow, or only a part of it.
        DiskFullError, StorageError: the file can't be written.
    """
    body = _body(reply, order, url=url, host=host, rest=rest)
    if _told(body, reply) > order.max_bytes:
        raise too_much(host, f"{order.max_bytes} bytes")
    sink = Sink(order.target, broken=order.broken, source=body.source, since=order.since)
    gathered = bytearray()
    try:
        if body.piece:
            await asyncio.to_thread(sink.begin_with, body.piece)
        async for chunk in _measured(chunks, host=host, pace=order.pace):
            gathered += chunk
            _check_most(sink.size + len(gathered), body, host=host, max_bytes=order.max_bytes)
            if len(gathered) >= BATCH:
                batch, gathered = bytes(gathered), bytearray()
                await asyncio.to_thread(sink.write, batch)
        _check_whole(sink.size + len(gathered), body, host=host)
        await asyncio.to_thread(sink.finish, bytes(gathered))
    except BaseException as error:
        slow = order.pace.is_missed(sink.size + len(gathered), sink.seconds)
        keep = not slow and _may_go_on(error)
        await asyncio.to_thread(sink.break_off, bytes(gathered), keep=keep)
        raise
    return Download(size=sink.size, sha256=sink.hash.hexdigest(), mime=body.mime)


def _body(reply: Reply, order: Order, *, url: str, host: str, rest: bool) -> _Body:
    piece = order.piece if rest else None
    if reply.status == 206 and piece is not None:
        upto = piece.upto(reply.headers)
        if upto and reply.is_plain:
            return _Body(piece.facts.source.mime, piece.facts.source, piece, upto)
        forget(order.broken)
        raise _not_the_rest(host)
    if reply.status in (200, 416):
        forget(order.broken)  # the file is another one now, or its server knows no parts
    if reply.status != 200:
        raise refusal(reply, host=host)
    if not reply.is_plain:
        raise encoded(host)
    source = source_of(url, reply.headers)
    return _Body(mime_of(reply.headers), source, None, source.total if source else 0)


def _told(body: _Body, reply: Reply) -> int:
    """Bytes of the whole file, as far as the server says."""
    length = reply.headers.get("content-length", "")
    if body.source:
        return body.source.total
    return int(length[:20]) if length.isascii() and length.isdigit() else 0


def _check_most(size: int, body: _Body, *, host: str, max_bytes: int) -> None:
    if size > max_bytes:
        most = f"{max_bytes // MIB} MiB" if max_bytes >= MIB else f"{max_bytes} bytes"
        raise too_much(host, most)
    if size > (body.upto or size):
        raise _not_the_rest(host)


def _check_whole(size: int, body: _Body, *, host: str) -> None:
    if not size:
        raise UnexpectedReplyError(f"{host} sent an empty file.", hint="It is asked for again.")
    if body.source and size < body.source.total:
        raise NoAnswerError(f"{host} broke off before its answer was complete.")


def _may_go_on(error: BaseException) -> bool:
    """Whether what came until then is good: the line broke, or somebody stopped waiting."""
    return isinstance(error, NoAnswerError) or not isinstance(error, DeskError)


def _not_the_rest(host: str) -> UnexpectedReplyError:
    return UnexpectedReplyError(
        f"{host} sent something else than the rest of the file.",
        hint="The file is asked for again, from its start.",
    )


def refusal(reply: Reply, *, host: str) -> ProviderError:
    """Our error for a file server's answer that is not the file."""
    status, number = reply.status, request_id(reply.headers) or None
    if status in (401, 403, 404, 410):
        return OutputExpiredError(
            f"{host} no longer gives this file out.", status_code=status, request_id=number
        )
    if status == 429:
        return RateLimitError(
            f"{host} asks to wait: too many requests.",
            retry_after=retry_after(reply.headers),
            status_code=status,
            request_id=number,
        )
    if status in (408, 409) or 500 <= status < 600:
        return ServerError(
            f"{host} failed to give the file out (HTTP {status}).",
            status_code=status,
            request_id=number,
        )
    return UnexpectedReplyError(
        f"{host} answered with HTTP {status} and not with the file.",
        hint="It is asked for again.",
        status_code=status,
        request_id=number,
    )


async def _measured(chunks: AsyncIterator[bytes], *, host: str, pace: Pace) -> AsyncIterator[bytes]:
    since, received = time.monotonic(), 0
    async for chunk in chunks:
        received += len(chunk)
        yield chunk
        passed = time.monotonic() - since
        if pace.is_missed(received, passed):
            raise NoAnswerError(f"{host} sent the file too slowly to go on.")
        if passed >= pace.over:
            since, received = time.monotonic(), 0
