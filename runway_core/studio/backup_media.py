"""Pictures and videos on their way into a backup and back, wherever a home keeps them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from runway_core.archive import Archive
from runway_core.errors import NotFoundError
from runway_core.settings import Settings


def kept_files(settings: Settings) -> Iterator[tuple[str, int, partial[BinaryIO]]]:
    """Each kept file: its name, its bytes, and what opens it. One piece at a time is in memory.

    Raises:
        StorageError: the media folder or bucket can't be read.
    """
    with closing(Archive(settings.media, url=settings.media_url)) as archive:
        for name in archive.names():
            try:
                size = archive.size(name)
            except NotFoundError:
                continue  # deleted while this went on
            yield name, size, partial(_opened, archive, name, size)


def bring_back(settings: Settings, folder: Path) -> bool:
    """Keep the files in `folder` where this home keeps its own; whether there were any.

    Raises:
        StorageError: the media folder or bucket can't be written.
    """
    if not folder.exists():
        return False
    if not settings.media_url and not settings.media.exists():
        folder.rename(settings.media)
        return True
    with closing(Archive(settings.media, url=settings.media_url)) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                with path.open("rb") as file:
                    archive.take_back(path.relative_to(folder).as_posix(), file)
    return True


def _opened(archive: Archive, name: str, size: int) -> BinaryIO:
    return io.BufferedReader(_Pieces(archive.read(name, 0, size)))


class _Pieces(io.RawIOBase):
    """A file that comes in pieces, to be read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)
