"""Writes files whole or not at all, durably, and says plainly what is wrong with the disk."""

from __future__ import annotations

import errno
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from runway_core.errors import DiskFullError, StorageError
from runway_core.http import BROKEN_LASTS

HELD_MOST = 30 * 86400.0
"""Seconds that a finished file waits for a storage that can't be reached."""
BROKEN_MOST = 2 * 1024**3
"""Bytes of all downloads together that broke off and may go on."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Disk:
    """A folder whose files appear under their names only when they are complete.

    A `shared` one is never made: see `runway_core.archive.local.LocalStorage`.
    """

    def __init__(self, root: Path, *, shared: bool = False) -> None:
        self.root = root
        self.parts = root / "parts"
        self._shared = shared

    def write(self, path: Path, data: bytes) -> None:
        """Put `data` under a name, whole or not at all, and durably.

        Raises:
            DiskFullError, StorageError: it could not be written; nothing is left of it.
        """
        part = self.parts / f"{uuid.uuid4().hex}.part"
        with self.faults_named():
            self.make_folder(self.parts)
            try:
                part.write_bytes(data)
                self.put(part, path)
            finally:
                part.unlink(missing_ok=True)

    def put(self, part: Path, path: Path) -> None:
        """Give a finished part its name, durably.

        Raises:
            OSError: it could not be done; use it within `faults_named`.
        """
        sync(part)
        self.make_folder(path.parent)
        part.replace(path)
        sync(path.parent)

    def make_folder(self, folder: Path) -> None:
        """Make a folder below the root, durably.

        Raises:
            OSError: it could not be done; use it within `faults_named`.
        """
        if folder.is_dir():
            return
        if self._shared and not self.root.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        folder.mkdir(parents=True, exist_ok=True)
        for parent in folder.parents:
            sync(parent)
            if parent == self.root.parent:
                break

    @contextmanager
    def faults_named(self) -> Iterator[None]:
        """Turn the system's errors into ours, naming the folder.

        Raises:
            DiskFullError, StorageError: in place of OSError.
        """
        try:
            yield
        except OSError as error:
            raise self._named(error) from error
        except StorageError as error:
            # Whoever wrote the file for us knew neither the folder nor what to do about it.
            if isinstance(error.__context__, OSError):
                raise self._named(error.__context__) from error
            raise

    def _named(self, error: OSError) -> StorageError:
        if error.errno in _FULL:
            return DiskFullError(f"The disk with the media folder {self.root} is full.")
        told = " (RUNWAY_MEDIA_URL)" if self._shared else ""
        why = error.strerror or type(error).__name__
        return StorageError(
            f"The media folder {self.root}{told} can't be used: {why}.",
            hint="Check that this folder exists and that you may write to it.",
        )

    def clean_parts(self, *, older_than: float = 3600.0) -> int:
        """Remove unfinished files that nothing has written to for `older_than` seconds; tells how many.

        The default is six times the longest download: another process may be writing the young ones.
        Finished files that wait for their storage stay for `HELD_MOST`; see also `clean_broken`.

        Raises:
            StorageError: a file could not be removed.
        """
        removed = 0
        with self.faults_named():
            for pattern, age in (
                ("*.part", older_than),
                ("*.check", older_than),
                ("*.held", HELD_MOST),
            ):
                for part in self.parts.glob(pattern):
                    # Its writer may finish and rename it meanwhile.
                    with suppress(FileNotFoundError):
                        if time.time() - part.stat().st_mtime >= age:
                            part.unlink()
                            removed += 1
        return removed + self.clean_broken()

    def clean_broken(self, *, most: int = BROKEN_MOST) -> int:
        """Remove downloads that broke off too long ago to go on, and the oldest above `most` bytes; tells how many.

        Raises:
            StorageError: a file could not be removed.
        """
        removed, total, found = 0, 0, []
        with self.faults_named():
            for path in self.parts.glob("*.broken"):
                with suppress(FileNotFoundError):  # it may just go on
                    facts = path.stat()
                    found.append((facts.st_mtime, facts.st_size, path))
            for changed, size, path in sorted(found, reverse=True):
                total += size
                if total > most or time.time() - changed >= BROKEN_LASTS:
                    path.unlink(missing_ok=True)
                    total -= size
                    removed += 1
        return removed

    def free_bytes(self) -> int:
        """Bytes that can still be written to the disk of the media folder.

        Raises:
            StorageError: the disk can't be asked.
        """
        folder = self.root
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        with self.faults_named():
            return shutil.disk_usage(folder).free


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk itself.

    Raises:
        OSError: they may not be.
    """
    if os.name == "nt" and path.is_dir():
        return  # Windows can't open folders, and journals their changes
    is_file = path.is_file()
    descriptor = os.open(path, os.O_RDWR if is_file else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems know no such call for a folder.
        if is_file or error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)
