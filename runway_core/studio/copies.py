"""Copies of the database that the program makes by itself each day, and which one to go back to.

They lie beside the database, so they help against a damaged file and not against a lost disk: that is
what `backup` is for, whose last file is noted here as well.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runway_core.domain import Noun, TaskStatus
from runway_core.errors import StorageError
from runway_core.settings import Settings
from runway_core.store import Store, TaskQuery, open_store
from runway_core.store.copies import check, copy, is_database, save, seems_whole
from runway_core.store.database import Database
from runway_core.studio.clock import now

EVERY = timedelta(days=1)
KEPT = 7
"""Daily copies that are kept; the oldest go first."""
_LOOK = 2.0
"""Seconds for which one copy may be looked at before it is offered."""
_NOTE = (
    "This was waiting when the backup was made that this home was restored from. "
    "It may have been sent since."
)
_STAMP = "%Y%m%d-%H%M%S"
_PARTS = ("", "-journal", "-wal", "-shm")
"""What belongs to a database of SQLite: `SQLite's own names <https://sqlite.org/tempfiles.html>`_."""


class Copy(Noun):
    """A copy of the database, or a backup with everything."""

    path: Path
    made_at: datetime
    whole: bool
    """A backup that `backup` wrote; False for a copy of the database alone."""


def keep_daily(settings: Settings, database: Database) -> Copy | None:
    """Copy the database unless that was done within a day, and have SQLite read the copy through.

    None when there was nothing to do. PostgreSQL has its own tools: nothing is done there.

    Raises:
        StorageError: no good copy could be made; older ones are still there.
    """
    made = daily(settings)
    if settings.database_url or (made and now() - made[0].made_at < EVERY):
        return None
    folder = _folder(settings)
    part = folder / f"part-{os.getpid()}.db"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        part.unlink(missing_ok=True)
        save(database, part)
        check(part)
        target = folder / f"desk-{now():{_STAMP}}.db"
        part.rename(target)
        for old in daily(settings)[KEPT:]:
            old.path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} can't be written: {error.strerror}.") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return daily(settings)[0]


def daily(settings: Settings) -> list[Copy]:
    """The copies that were made by themselves, newest first."""
    found = sorted(_folder(settings).glob("desk-*.db"), reverse=True)
    return [Copy(path=path, made_at=at, whole=False) for path in found if (at := _moment(path))]


def note_backup(settings: Settings, file: Path) -> None:
    """Remember where a backup was written; that this can't be noted does not spoil the backup."""
    fields = {"path": str(file.absolute()), "made_at": now().isoformat()}
    fields["size"] = str(file.stat().st_size)
    with contextlib.suppress(OSError):
        _folder(settings).mkdir(mode=0o700, exist_ok=True)
        _note(settings).write_text(json.dumps(fields), "utf-8")


def last_backup(settings: Settings) -> Copy | None:
    """The backup that was written last; None when there is none or its file is no longer the same."""
    try:
        fields = json.loads(_note(settings).read_text("utf-8"))
        path = Path(fields["path"])
        if path.stat().st_size != int(fields["size"]):
            return None
        made_at = datetime.fromisoformat(fields["made_at"])
        return Copy(path=path, made_at=made_at, whole=True)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def newest_good(settings: Settings) -> Copy | None:
    """What to go back to when the database is damaged; each copy is looked at before it is offered."""
    backup = last_backup(settings)
    found = [*_before_upgrades(settings), *daily(settings), *([backup] if backup else [])]
    for one in sorted(found, key=lambda one: one.made_at, reverse=True):
        if one.whole or seems_whole(one.path, seconds=_LOOK):
            return one
    return None


def how_back(settings: Settings) -> str:
    """What a person whose database is damaged can do, as one sentence or two."""
    found = newest_good(settings)
    if found is None:
        return "There is no copy to go back to. Keep the file: much of it can often be read."
    when = f"{found.made_at:%Y-%m-%d %H:%M} UTC"
    command = f"python -m runway_core restore {found.path}"
    if found.whole:
        return f"The newest good copy is the backup of {when}. Into an empty folder: {command}"
    return f"The newest good copy is of {when}. Stop the app and its workers, then: {command}"


def is_copy(file: Path) -> bool:
    """Whether a file is a copy of a database, and no backup of a whole home."""
    return is_database(file)


def bring_back(settings: Settings, source: Path) -> tuple[int, Path | None]:
    """Put a copy in the place of the database; the old file is kept under another name.

    Nothing that was waiting then is sent by itself: it comes back as UNCERTAIN. Nobody may be working on
    the database meanwhile; the caller sees to that.

    Returns:
        How many tasks that are, and where the old file is now; None when there was none.

    Raises:
        StorageError: the copy is damaged, or the home is in PostgreSQL; nothing was changed.
    """
    if settings.database_url:
        raise StorageError("This home keeps its rows in PostgreSQL.", hint="Use its own tools.")
    check(source)
    aside = settings.home / f"desk.replaced-{now():{_STAMP}}.db"
    there = settings.database.exists()
    try:
        with tempfile.TemporaryDirectory(dir=settings.home) as folder:
            fresh = Path(folder) / settings.database.name
            uncertain = _doubted(source, fresh)
            for part in _PARTS:
                old = settings.database.with_name(settings.database.name + part)
                if old.exists():
                    old.rename(aside.with_name(aside.name + part))
            fresh.rename(settings.database)
    except OSError as error:
        raise StorageError(f"{settings.home} can't be written: {error.strerror}.") from None
    return uncertain, aside if there else None


def doubt(store: Store) -> int:
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


def _doubted(source: Path, fresh: Path) -> int:
    copy(source, fresh)
    store = open_store(fresh)
    try:
        return doubt(store)
    finally:
        store.close()


def _before_upgrades(settings: Settings) -> list[Copy]:
    found = []
    for path in settings.home.glob("desk.before-*.db"):
        with contextlib.suppress(OSError):
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            found.append(Copy(path=path, made_at=at, whole=False))
    return found


def _folder(settings: Settings) -> Path:
    return settings.home / "backups"


def _note(settings: Settings) -> Path:
    return _folder(settings) / "last.json"


def _moment(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.stem, f"desk-{_STAMP}").replace(tzinfo=UTC)
    except ValueError:
        return None
