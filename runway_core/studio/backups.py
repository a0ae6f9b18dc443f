"""One file that holds a whole home, and the way back into an empty one.

What a backup calls waiting may have been sent since it was made. So nothing in a restored home is
sent by itself: such tasks come back as UNCERTAIN, and a person decides.

Pictures and videos are in it wherever they are kept, and come back to where the new home keeps its own. So a
backup is also the way from a folder to a bucket, and back.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from runway_core.domain import Noun
from runway_core.errors import StorageError
from runway_core.settings import Settings
from runway_core.store import open_store
from runway_core.store.copies import check, load, save
from runway_core.studio.backup_media import bring_back, kept_files
from runway_core.studio.clock import now
from runway_core.studio.copies import doubt, note_backup

_DATABASE, _RECEIPTS, _KEY, _MEDIA = "desk.db", "receipts.log", "master.key", "media"
_MANIFEST = "manifest.json"
_FORMAT = 1


class Backup(Noun):
    """What a backup holds."""

    files: int
    size: int
    """Bytes of all files together."""
    has_key: bool
    """Whether the master key is in it; without it, API keys must be entered again."""
    media: bool
    uncertain: int = 0
    """Tasks that came back as UNCERTAIN."""


def back_up(settings: Settings, target: Path, *, media: bool = True, key: bool = False) -> Backup:
    """Write everything of a home into one new tar file, while the app may go on working.

    Raises:
        StorageError: it can't be read or written, or `target` is there already.
    """
    if target.exists():
        raise StorageError(f"{target} is there already.", hint="Choose another name.")
    part = target.with_name(f"{target.name}.part")
    try:
        with _faults_named(target), tempfile.TemporaryDirectory(dir=target.parent) as folder:
            copy = Path(folder) / _DATABASE
            store = open_store(settings.database, url=settings.database_url)
            try:
                save(store.database, copy)
                check(copy)
            finally:
                store.close()
            files = _files(settings, copy, media=media, key=key)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                made = _pack(file, files)
                file.flush()
                os.fsync(file.fileno())
            part.rename(target)
            note_backup(settings, target)
    finally:
        part.unlink(missing_ok=True)
    return Backup(files=len(made), size=sum(row["size"] for row in made), has_key=key, media=media)


def restore(settings: Settings, source: Path) -> Backup:
    """Bring a backup into an empty home, every file checked against its hash.

    Raises:
        StorageError: the file is damaged or no backup, or the home is not empty; then nothing changed.
    """
    own = (settings.database, *([] if settings.media_url else [settings.media]))
    if any(path.exists() for path in own) and not settings.database_url:
        raise StorageError(
            f"{settings.home} is not empty.", hint="Set RUNWAY_HOME to an empty folder."
        )
    with _faults_named(source), tempfile.TemporaryDirectory(dir=settings.home) as name:
        folder = Path(name)
        manifest = _unpack(source, folder)
        # Before the rows that name them. What is there already has the same bytes under the same name.
        media = bring_back(settings, folder / _MEDIA)
        store = open_store(settings.database, url=settings.database_url)
        try:
            load(folder / _DATABASE, store.database)
            uncertain = doubt(store)
        finally:
            store.close()
        for part in (_RECEIPTS, _KEY):
            if (folder / part).exists():
                (folder / part).rename(settings.home / part)
    files = manifest["files"]
    return Backup(
        files=len(files),
        size=sum(row["size"] for row in files),
        has_key=(settings.master_key).exists(),
        media=media,
        uncertain=uncertain,
    )


_Entry = tuple[str, int, Callable[[], BinaryIO]]
"""A file's name in the backup, its bytes, and what opens it."""


def _files(settings: Settings, database: Path, *, media: bool, key: bool) -> Iterator[_Entry]:
    own = {_DATABASE: database, _RECEIPTS: settings.receipts}
    if key:
        own[_KEY] = settings.master_key
    for name, path in own.items():
        if path.exists():
            yield name, path.stat().st_size, partial(_binary, path)
    for name, size, opened in kept_files(settings) if media else ():
        yield f"{_MEDIA}/{name}", size, opened


def _binary(path: Path) -> BinaryIO:
    return path.open("rb")


class _Hashing(io.RawIOBase):
    """Reads a file once, both for the backup and for its hash."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def _pack(file: io.BufferedWriter, files: Iterator[_Entry]) -> list[dict[str, Any]]:
    made = []
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, size, opened in files:
            info = tarfile.TarInfo(name)
            info.size, info.mode = size, 0o600
            with opened() as content:
                read = _Hashing(content)
                tar.addfile(info, read)
            made.append({"name": name, "size": size, "sha256": read.digest.hexdigest()})
        text = json.dumps({"format": _FORMAT, "made_at": now().isoformat(), "files": made})
        info = tarfile.TarInfo(_MANIFEST)
        info.size, info.mode = len(text.encode()), 0o600
        tar.addfile(info, io.BytesIO(text.encode()))
    return made


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, mode="r:") as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text("utf-8"))
        if manifest["format"] != _FORMAT:
            raise StorageError(f"{source} was made by a newer version of Runway Desk.")
        for row in manifest["files"]:
            with (folder / row["name"]).open("rb") as content:
                if hashlib.file_digest(content, "sha256").hexdigest() != row["sha256"]:
                    raise StorageError(f"{source} is damaged: {row['name']} is not what it was.")
    except (tarfile.TarError, ValueError, KeyError, TypeError, FileNotFoundError):
        raise StorageError(
            f"{source} is no whole backup of Runway Desk.", hint="Nothing was changed."
        ) from None
    return manifest


@contextmanager
def _faults_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}.") from None
