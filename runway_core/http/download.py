"""Streams a finished file to disk: whole, hashed and flushed, or not there at all."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from runway_core.errors import (
    DiskFullError,
    NoAnswerError,
    OutputExpiredError,
    ProviderError,
    RateLimitError,
    ServerError,
    StorageError,
    UnexpectedReplyError,
)
from runway_core.http.faults import too_much
from runway_core.http.reply import Reply, request_id, retry_after

MIB = 1024 * 1024
_NOT_LOST = "The video is not lost: it is fetched again. Check the data folder named in Settings."
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


async def save(
    chunks: AsyncIterator[bytes], target: Path, *, host: str, mime: str, max_bytes: int, pace: Pace
) -> Download:
    """Write `chunks` to `target` and flush it to the disk; the file is removed when anything fails.

    Raises:
        DiskFullError, StorageError: the file can't be written.
        NoAnswerError: slower than `pace`.
        UnexpectedReplyError: more than `max_bytes`, or nothing at all.
    """
    sink = _Sink(target)
    try:
        async for batch in _batches(_measured(chunks, host=host, pace=pace)):
            if sink.size + len(batch) > max_bytes:
                raise too_much(
                    host, f"{max_bytes // MIB} MiB" if max_bytes >= MIB else f"{max_bytes} bytes"
                )
            await asyncio.to_thread(sink.write, batch)
        if not sink.size:
            raise UnexpectedReplyError(f"{host} sent an empty file.", hint="It is asked for again.")
        await asyncio.to_thread(sink.finish)
    finally:
        sink.discard_unless_finished()
    return Download(size=sink.size, sha256=sink.hash.hexdigest(), mime=mime)


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
        if passed >= pace.over:
            if received < pace.bytes_per_second * passed:
                raise NoAnswerError(f"{host} sent the file too slowly to go on.")
            since, received = time.monotonic(), 0


async def _batches(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    gathered = bytearray()
    async for chunk in chunks:
        gathered += chunk
        if len(gathered) >= BATCH:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


class _Sink:
    """The file; opened by the first write. Its methods run in threads, one at a time."""

    def __init__(self, target: Path) -> None:
        self.size = 0
        self.hash = hashlib.sha256()
        self._target = target
        self._turn = threading.Lock()
        self._file: FileIO | None = None
        self._finished = False
        self._discarded = False

    def write(self, data: bytes) -> None:
        with self._turn:
            if self._discarded:
                return
            try:
                if self._file is None:
                    self._file = self._target.open("wb", buffering=0)
                rest = memoryview(data)
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError as error:
                raise _disk_error(error) from None
            self.hash.update(data)
            self.size += len(data)

    def finish(self) -> None:
        with self._turn:
            if self._file is None:
                return
            try:
                os.fsync(self._file.fileno())
                self._file.close()
            except OSError as error:
                raise _disk_error(error) from None
            self._finished = True

    def discard_unless_finished(self) -> None:
        with self._turn:
            if self._finished:
                return
            # A write that is still queued for a thread must not bring the file back.
            self._discarded = True
            if self._file is not None:
                self._file.close()
                self._target.unlink(missing_ok=True)


def _disk_error(error: OSError) -> StorageError:
    # EFBIG: a limit on the size of files, which is a full disk to whoever waits for the video.
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFullError("There is no room left for the video.", hint=_NOT_LOST)
    return StorageError(f"The video can't be written: {error.strerror}.", hint=_NOT_LOST)
