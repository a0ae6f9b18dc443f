"""What a process looks at before it sends or follows anything, and says plainly.

What makes work unsafe is refused; what only may become trouble is handed back as `Trouble`, for the log
and for Settings. Whatever is refused, videos that are being made go on at their provider.
"""

from __future__ import annotations

import errno
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runway_core.domain import Noun
from runway_core.errors import (
    ConfigError,
    DatabaseDamagedError,
    DiskFullError,
    NewerSchemaError,
    StorageError,
)
from runway_core.settings import Settings
from runway_core.store.copies import is_database, seems_whole
from runway_core.studio import Studio, open_studio
from runway_core.studio.clock import now
from runway_core.studio.copies import how_back
from runway_core.studio.recount import COMMAND, differing
from runway_core.studio.tasks import FREE_LEAST
from runway_core.vault import Vault

NOT_BEFORE = datetime(2026, 11, 22, tzinfo=UTC)
"""The day of this version: a clock that shows an earlier one is wrong. Raised with each release."""
_SLACK = timedelta(minutes=5)
_LOOK = 2.0
"""Seconds for which the database is looked through; a larger one is read through when it is copied."""
_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "9p", "fuse.sshfs", "fuse.glusterfs"}
)
"""File systems on which locks, and so SQLite, can't be relied on (sqlite.org/howtocorrupt.html, 2.1)."""
_GOES_ON = "Videos that are being made go on at their provider and are fetched once this is mended."


class Trouble(Noun):
    """Something that is not as it should be, though work can go on."""

    check: str
    """``disk``, ``database``, ``key``, ``clock``, ``network`` or ``sums``."""
    what: str
    """What is wrong."""
    paid: str
    """What that means for videos that are paid for."""
    do: str
    """What to do now."""


def open_for_work(settings: Settings) -> tuple[Studio, tuple[Trouble, ...]]:
    """Open a home for a process that is to send and follow.

    Raises:
        ConfigError: the clock or the master key is not as it must be.
        StorageError: the folder, the media storage or the database can't be used; a damaged database is not written to,
            and the hint names the newest good copy of it.
    """
    _refuse_clock()
    _refuse_folder(settings.home)
    Vault(settings.master_key).check()
    _refuse_damage(settings)
    try:
        studio = open_studio(settings)
    except DatabaseDamagedError as error:
        raise _damaged(settings, str(error)) from None
    except NewerSchemaError as error:
        raise NewerSchemaError(str(error), hint=f"{error.hint} {_GOES_ON}") from None
    try:
        _refuse_media(studio)
        return studio, troubles(studio)
    except BaseException:
        studio.close()
        raise


def troubles(studio: Studio) -> tuple[Trouble, ...]:
    """What is not as it should be with an open home, though work can go on.

    Raises:
        StorageError: the database can't be read.
    """
    settings = studio.settings
    found = [_disk(studio), _network(settings), _tree(settings.home), _keys(studio), _clock(studio)]
    found.append(_sums(studio))
    return tuple(trouble for trouble in found if trouble is not None)


def _refuse_clock() -> None:
    if now() < NOT_BEFORE:
        raise ConfigError(
            f"The clock of this computer shows {now():%Y-%m-%d}, a day before this version was made.",
            hint=f"Nothing is sent with a wrong clock. {_GOES_ON} Set the clock, then start again.",
        )


def _refuse_folder(home: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=home):
            return
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):  # what is on its way can still be followed
            return
        raise StorageError(
            f"The data folder {home} can't be written to: {error.strerror}.",
            hint=f"Nothing is sent that could not be recorded. {_GOES_ON} "
            "Give this user the right to write there, or set RUNWAY_HOME to another folder.",
        ) from None


def _refuse_media(studio: Studio) -> None:
    """Refuse a shared folder or bucket that can't be used; the folder in the home is part of the home."""
    if not studio.settings.media_url:
        return
    try:
        studio.archive.check()
    except DiskFullError:  # what is on its way can still be followed
        return
    except (ConfigError, StorageError) as error:
        raise type(error)(str(error), hint=f"{error.hint} {_GOES_ON}") from None


def _refuse_damage(settings: Settings) -> None:
    path = settings.database
    # What is no database at all is said when it is opened.
    if settings.database_url or not is_database(path) or seems_whole(path, seconds=_LOOK):
        return
    raise _damaged(settings, f"The database {path} is damaged.")


def _damaged(settings: Settings, what: str) -> DatabaseDamagedError:
    hint = f"Nothing was sent, and the file is not written to. {_GOES_ON} {how_back(settings)}"
    return DatabaseDamagedError(what, hint=hint)


def _disk(studio: Studio) -> Trouble | None:
    free = studio.archive.free_bytes()
    if free >= FREE_LEAST:
        return None
    return Trouble(
        check="disk",
        what=f"Only {free // 1_000_000} MB are free on the disk that keeps your videos.",
        paid="Nothing new is sent. Finished videos can't be fetched until there is room.",
        do="Free some space on this disk.",
    )


def _network(settings: Settings) -> Trouble | None:
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "replace")
    except OSError:  # not Linux: it can't be told
        return None
    kind = file_system(settings.home, mounts)
    if settings.database_url or kind not in _NETWORK:
        return None
    return Trouble(
        check="network",
        what=f"The data folder lies on a network drive ({kind}), where a database can be damaged.",
        paid="A damaged database may forget what was paid for.",
        do="Move the folder to a disk of this computer, or keep the rows in PostgreSQL.",
    )


def file_system(path: Path, mounts: str) -> str:
    """The kind of file system that holds a path, by the text of Linux's ``mountinfo`` (proc(5)).

    Empty when it can't be told.
    """
    kind, longest = "", -1
    for line in mounts.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if not separator or len(fields) < 5:
            continue
        point = Path(fields[4].encode().decode("unicode_escape"))
        if path.is_relative_to(point) and len(point.parts) >= longest:
            kind, longest = after.split(" ")[0], len(point.parts)
    return kind


def _tree(home: Path) -> Trouble | None:
    tree = next((folder for folder in (home, *home.parents) if (folder / ".git").exists()), None)
    if tree is None:
        return None
    return Trouble(
        check="key",
        what=f"The data folder lies in a git working copy, {tree}, and holds your master key.",
        paid="Whoever is given the key and the database can spend your credit.",
        do="Move the folder elsewhere and set RUNWAY_HOME, or have git ignore it.",
    )


def _keys(studio: Studio) -> Trouble | None:
    saved = [one.name for one in studio.store.connections.all() if one.key_hint]
    if not saved or studio.settings.master_key.exists():
        return None
    return Trouble(
        check="key",
        what=f"The file {studio.settings.master_key.name}, which opens the saved API keys, is gone.",
        paid="Nothing is sent or fetched with these connections until then.",
        do=f"Put the file back, or enter the API key again for: {', '.join(saved)}.",
    )


def _clock(studio: Studio) -> Trouble | None:
    newest = studio.store.journal.newest()
    if newest is None or newest <= now() + _SLACK:
        return None
    return Trouble(
        check="clock",
        what=f"The clock of this computer shows {now():%Y-%m-%d %H:%M} UTC, but something was recorded "
        f"at {newest:%Y-%m-%d %H:%M} UTC.",
        paid="Nothing is paid twice, but videos may be looked for late and days be counted wrongly.",
        do="Check the date and time of this computer.",
    )


def _sums(studio: Studio) -> Trouble | None:
    """As it was when the sums were last looked at: that reads the whole ledger."""
    number = differing(studio.store)
    if not number:
        return None
    return Trouble(
        check="sums",
        what=f"{number} of the sums that budgets and Spend are read from are not what the ledger says.",
        paid="No video is lost, but a budget may let through too much or too little.",
        do=f"Count them anew: {COMMAND}",
    )
