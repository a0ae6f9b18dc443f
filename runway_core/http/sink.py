"""The file that a download is written to: whole in the end, or kept as a piece for the next try, or gone."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
import time
from contextlib import suppress
from io import FileIO
from pathlib import Path

from runway_core.errors import DiskFullError, StorageError
from runway_core.http.piece import Facts, Piece, Source, forget, tail

MIB = 1024 * 1024
_NOT_LOST = "The video is not lost: it is fetched again. Check the data folder named in Settings."


class Sink:
    """A file that is opened by the first write. Its methods run in threads, one at a time.

    Args:
        broken: where to keep what came, when it may be gone on with.
        source: the file as its server told it; None when it can't be gone on with.
        since: `time.monotonic` when this try began.
    """

    def __init__(
        self, target: Path, *, broken: Path | None, source: Source | None, since: float
    ) -> None:
        self.size = 0
        """Bytes that are written."""
        self.hash = hashlib.sha256()
        self._target = target
        self._broken = broken
        self._source = source
        self._turn = threading.Lock()
        self._file: FileIO | None = None
        self._closed = False
        self._taken = 0
        self._began, self._since, self._before = time.time(), since, 0.0

    @property
    def seconds(self) -> float:
        """How long it has taken, with the tries before this one."""
        return self._before + time.monotonic() - self._since

    def begin_with(self, piece: Piece) -> None:
        """Take over the bytes that came before. They are copied: whoever else has their file open does no harm.

        Raises:
            DiskFullError, StorageError: they can't be, or are no longer those that came.
        """
        with self._turn:
            self._taken = piece.facts.size  # first: if this ends half-way, nothing of it is kept
            self._began, self._before = piece.facts.began, piece.facts.seconds
            try:
                with piece.path.open("rb") as file:
                    while self.size < piece.facts.size and not self._closed:
                        data = file.read(min(MIB, piece.facts.size - self.size))
                        if not data:
                            break
                        self._append(data)
            except OSError as error:
                raise _disk_error(error) from None
            if self.hash.hexdigest() != piece.facts.sha256 and not self._closed:
                raise StorageError("What had come of the video is damaged.", hint=_NOT_LOST)

    def write(self, data: bytes) -> None:
        """Append to it.

        Raises:
            DiskFullError, StorageError: it can't be written.
        """
        with self._turn:
            if not self._closed:
                self._append(data)

    def finish(self, rest: bytes) -> None:
        """Append the last of it, and wait until all is on the disk.

        Raises:
            DiskFullError, StorageError: it can't be written.
        """
        with self._turn:
            if self._closed:
                return
            if rest:
                self._append(rest)
            if self._file is None:
                return
            try:
                os.fsync(self._file.fileno())
                self._file.close()
            except OSError as error:
                raise _disk_error(error) from None
            self._closed = True
            forget(self._broken)

    def break_off(self, rest: bytes, *, keep: bool) -> None:
        """End it unfinished; `keep` it for the next try if more came than the last one had, else remove it."""
        with self._turn:
            if self._closed:
                return
            # A write that is still queued for a thread must not bring the file back.
            self._closed = True
            if not keep:
                forget(self._broken)
            try:
                if keep and self._source and self._broken:
                    self._keep(rest, self._source, self._broken)
            except (OSError, StorageError):
                forget(self._broken)
            finally:
                if self._file is not None:
                    self._file.close()
                    with suppress(OSError):
                        self._target.unlink(missing_ok=True)

    def _keep(self, rest: bytes, source: Source, broken: Path) -> None:
        if rest:
            self._append(rest)
        if self._file is None or not self._taken < self.size < source.total:
            return
        facts = Facts(
            source=source,
            size=self.size,
            sha256=self.hash.hexdigest(),
            began=self._began,
            seconds=self.seconds,
        )
        self._append(tail(facts))
        os.fsync(self._file.fileno())
        self._file.close()
        self._target.replace(broken)

    def _append(self, data: bytes) -> None:
        try:
            if self._file is None:
                self._file = self._target.open("wb", buffering=0)
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise _disk_error(error) from None
        self.hash.update(data)
        self.size += len(data)


def _disk_error(error: OSError) -> StorageError:
    # EFBIG: a limit on the size of files, which is a full disk to whoever waits for the video.
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFullError("There is no room left for the video.", hint=_NOT_LOST)
    return StorageError(f"The video can't be written: {error.strerror}.", hint=_NOT_LOST)
