"""One file that holds a whole home, and the way back into an empty one.

What a backup calls waiting may have been sent since it was made. So nothing in a restored home is
sent by itself: such tasks come back as UNCERTAIN, and a person decides.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runway_core.domain import Noun, TaskStatus
from runway_core.errors import StorageError
from runway_core.settings import Settings
from runway_core.store import Store, TaskQuery, open_store
from runway_core.store.copies import load, save
from runway_core.studio.clock import now

_DATABASE, _RECEIPTS, _KEY, _MEDIA = "desk.db", "receipts.log", "master.key", "media"
_MANIFEST = "manifest.json"
_FORMAT = 1
_NOTE = (
    "This was waiting when the backup was made that this home was restored from. "
    "It may have been sent since."
)


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
            finally:
                store.close()
            files = [(_DATABASE, copy), *_files(settings, media=media, key=key)]
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                made = _pack(file, files)
                file.flush()
                os.fsync(file.fileno())
            part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    return Backup(files=len(made), size=sum(row["size"] for row in made), has_key=key, media=media)


def restore(settings: Settings, source: Path) -> Backup:
    """Bring a backup into an empty home, every file checked against its hash.

    Raises:
        StorageError: the file is damaged or no backup, or the home is not empty; then nothing changed.
    """
    taken = [path for path in (settings.database, settings.media) if path.exists()]
    if taken and not settings.database_url:
        raise StorageError(
            f"{settings.home} is not empty.", hint="Set RUNWAY_HOME to an empty folder."
        )
    with _faults_named(source), tempfile.TemporaryDirectory(dir=settings.home) as name:
        folder = Path(name)
        manifest = _unpack(source, folder)
        store = open_store(settings.database, url=settings.database_url)
        try:
            load(folder / _DATABASE, store.database)
            uncertain = _doubt(store)
        finally:
            store.close()
        for part in (_RECEIPTS, _KEY, _MEDIA):
            if (folder / part).exists():
                (folder / part).rename(settings.home / part)
    files = manifest["files"]
    return Backup(
        files=len(files),
        size=sum(row["size"] for row in files),
        has_key=(settings.master_key).exists(),
        media=settings.media.exists(),
        uncertain=uncertain,
    )


def _doubt(store: Store) -> int:
    """Turn what was waiting to be sent, or being sent, into what a person decides."""
    waiting = frozenset({TaskStatus.QUEUED, TaskStatus.SUBMITTING})
    found = store.tasks.page(TaskQuery(statuses=waiting, limit=1_000_000)).tasks
    for task in found:
        store.tasks.move(
            task.id,
            waiting,
            now=now(),
            event="restored",
            detail=_NOTE,
            status=TaskStatus.UNCERTAIN,
            next_at=None,
            note=_NOTE,
            hint="Look at the provider whether it was made, then choose below.",
        )
    return len(found)


def _files(settings: Settings, *, media: bool, key: bool) -> Iterator[tuple[str, Path]]:
    if settings.receipts.exists():
        yield _RECEIPTS, settings.receipts
    if key and settings.master_key.exists():
        yield _KEY, settings.master_key
    if media and settings.media.exists():
        for path in sorted(settings.media.rglob("*")):
            inside = path.relative_to(settings.media)
            if path.is_file() and inside.parts[0] != "parts":
                yield f"{_MEDIA}/{inside.as_posix()}", path


def _pack(file: io.BufferedWriter, files: list[tuple[str, Path]]) -> list[dict[str, Any]]:
    made = []
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, path in files:
            with path.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
                info = tarfile.TarInfo(name)
                info.size, info.mode = content.tell(), 0o600
                content.seek(0)
                tar.addfile(info, content)
            made.append({"name": name, "size": info.size, "sha256": digest})
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
