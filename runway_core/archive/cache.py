"""Copies on this machine of files that are kept elsewhere: what was used last, up to a size."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from runway_core.archive.disk import Disk, sync

CACHE_MOST = 2 * 1024**3
"""Bytes of all copies together."""
IN_USE = 600.0
"""Seconds in which a copy that was asked for is not removed, whatever the size: somebody may be opening it."""
UNUSED_MOST = 7 * 86400.0
"""Seconds after which a copy goes that nobody asked for: its original may have been deleted elsewhere."""


class Cache:
    """A flat folder of whole copies."""

    def __init__(self, disk: Disk, *, most: int = CACHE_MOST) -> None:
        self._disk = disk
        self._folder = disk.root / "cache"
        self._most = most

    def find(self, name: str) -> Path | None:
        """The copy of a file, kept for `IN_USE` from now on; None when there is none."""
        path = self._path(name)
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def take(self, part: Path, name: str) -> Path:
        """Make a whole part the copy of a file.

        Raises:
            DiskFullError, StorageError: it could not be done.
        """
        path = self._path(name)
        with self._disk.faults_named():
            sync(part)
            self._disk.make_folder(self._folder)
            part.replace(path)
            os.utime(path)
        self._shrink()
        return path

    def drop(self, name: str) -> None:
        """Forget the copy of a file."""
        with self._disk.faults_named():
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / name.replace("/", "-")

    def _shrink(self) -> None:
        """Remove what nobody has used for long, then the least used, until it fits."""
        now, total = time.time(), 0
        with self._disk.faults_named():
            for used, size, path in sorted(self._copies(), reverse=True):
                total += size
                old = now - used > UNUSED_MOST or (total > self._most and now - used > IN_USE)
                if old:
                    Path(path).unlink(missing_ok=True)
                    total -= size

    def _copies(self) -> list[tuple[float, int, str]]:
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # another process tidies too
                    facts = entry.stat()
                    found.append((facts.st_mtime, facts.st_size, entry.path))
        return found
