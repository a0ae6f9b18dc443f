"""Kept files by their names, whether they lie in a folder or in a bucket."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from runway_core.archive.local import LocalStorage
from runway_core.archive.remote import RemoteStorage
from runway_core.archive.storage import Storage, missing, proper


class Files:
    """The media of a home, in the folder `root` or, when `url` names a bucket, there.

    A name is an `Artifact.path`, an `Artifact.poster` or what `Archive.asset_name` gives.
    """

    def __init__(self, root: Path, *, url: str = "") -> None:
        self.root = root
        self._storage: Storage
        if url.startswith("s3:"):
            self._storage = RemoteStorage(root, url)
        else:
            self._storage = LocalStorage(root, shared=bool(url))
        self._disk = self._storage.disk

    def path(self, name: str) -> Path:
        """A file on this machine with the bytes of a kept one; fetched if it is kept elsewhere.

        It may be read at once and within ten minutes; ask again for later.

        Raises:
            NotFoundError: it is not kept (any more), or the name leads out of the media.
            DiskFullError, StorageError: it can't be fetched.
        """
        return self._storage.fetch(proper(name))

    def near(self, name: str) -> Path | None:
        """The same, but only if nothing has to be fetched: then `size` and `read` give pieces of it.

        Raises:
            NotFoundError: the name leads out of the media.
        """
        return self._storage.near(proper(name))

    def size(self, name: str) -> int:
        """Bytes of a kept file.

        Raises:
            NotFoundError: it is not kept (any more), or the name leads out of the media.
            StorageError: the storage can't be asked.
        """
        size = self._storage.size(proper(name))
        if size is None:
            raise missing()
        return size

    def read(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to, and without, `end`, in pieces of at most `PIECE` bytes.

        Raises:
            NotFoundError: the name leads out of the media.
            StorageError: they can't be read.
        """
        return self._storage.read(proper(name), start, end)

    def write(self, name: str, data: bytes) -> None:
        """Keep what was made here of a kept file, whole or not at all.

        Raises:
            NotFoundError: the name leads out of the media.
            DiskFullError, StorageError: it could not be written.
        """
        self._storage.write(proper(name), data)

    def address(self, name: str) -> str:
        """Where a kept file is, for a person or a script: a path, or a URL without secrets.

        Raises:
            NotFoundError: the name leads out of the media.
        """
        return self._storage.shown(proper(name))

    # --- the whole ------------------------------------------------------------------------------

    def names(self) -> Iterator[str]:
        """The name of everything that is kept.

        Raises:
            StorageError: the storage can't be asked.
        """
        return self._storage.names()

    def take_back(self, name: str, source: BinaryIO) -> None:
        """Keep a file of a backup under its old name.

        Raises:
            NotFoundError: the name leads out of the media.
            DiskFullError, StorageError: it could not be written.
        """
        proper(name)
        part = self._disk.parts / f"{uuid.uuid4().hex}.part"
        try:
            with self._disk.faults_named():
                self._disk.make_folder(self._disk.parts)
                with part.open("wb") as file:
                    shutil.copyfileobj(source, file)
            self._storage.put(part, name)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def check(self) -> None:
        """See that files can be kept, before anything is paid for that would have to be.

        Raises:
            ConfigError: what speaks to buckets is not installed.
            DiskFullError, StorageError: the folder or bucket can't be reached or written.
        """
        self._storage.check()

    def close(self) -> None:
        """Let go of connections."""
        self._storage.close()

    def clean_parts(self, *, older_than: float = 3600.0) -> int:
        """See `Disk.clean_parts`."""
        return self._disk.clean_parts(older_than=older_than)

    def free_bytes(self) -> int:
        """Bytes that can still be kept; a bucket has no end.

        Raises:
            StorageError: the disk can't be asked.
        """
        return self._storage.free_bytes()
