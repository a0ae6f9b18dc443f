"""Where media lie in the end: a folder, or a bucket. What `runway_core.archive.Archive` asks of either.

A name is a path below the storage, such as ``videos/ab/<sha256>.mp4``; what stands in it is there whole
or not at all. A part is an unfinished file in ``disk.parts``: in the folder itself, or, for a bucket, on this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from runway_core.archive.disk import Disk
from runway_core.errors import NotFoundError

PIECE = 2 * 1024 * 1024
"""Bytes of a file that are read at a time, and in memory at a time."""


class Storage(Protocol):
    """Every method but `near` and `shown` may raise StorageError: it can't be reached or used."""

    disk: Disk
    """The folder where files are written before they are put."""
    elsewhere: bool
    """Whether it may be out of reach while this machine's disk is well."""

    def put(self, part: Path, name: str) -> None:
        """Give a part its name, whole or not at all and durably; the part is gone afterwards."""

    def write(self, name: str, data: bytes) -> None:
        """Put `data` under a name, whole or not at all and durably."""

    def near(self, name: str) -> Path | None:
        """The file where it lies on a disk of this machine; None when it would have to be fetched."""

    def fetch(self, name: str) -> Path:
        """A file on this machine with the bytes of `name`, for the next ten minutes at least.

        Raises:
            NotFoundError: there is none of that name.
        """

    def size(self, name: str) -> int | None:
        """Bytes; None when there is none of that name."""

    def read(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to, and without, `end`, a `PIECE` at a time."""

    def beside(self, stem: str) -> list[str]:
        """The names that begin with `stem` and a dot."""

    def names(self) -> Iterator[str]:
        """The name of every file that is kept."""

    def remove(self, name: str) -> None:
        """Remove a file durably; one that is not there is no error."""

    def shown(self, name: str) -> str:
        """Where a file is, for a person or a script to find: a path or a URL, never a secret."""

    def free_bytes(self) -> int:
        """Bytes that can still be kept."""

    def check(self) -> None:
        """Write, read and remove a small file."""

    def close(self) -> None:
        """Let connections go; the next use opens them again."""


def proper(name: str) -> str:
    """A name as it is, when it leads to a place below the storage.

    Raises:
        NotFoundError: it leads elsewhere.
    """
    path = PurePosixPath(name)
    plain = name == path.as_posix() and name.isprintable() and "\\" not in name
    if not plain or path.is_absolute() or {".", ".."} & set(path.parts) or not path.name:
        raise NotFoundError("This file is not in the media folder.")
    return name


def missing() -> NotFoundError:
    """What is said of a file that is not there (any more)."""
    return NotFoundError("This file is no longer in the media folder.")
