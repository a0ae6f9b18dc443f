"""How a home's work stands: what a person or a monitor wants to know of it at a glance."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from runway_core.domain import Connection, Noun, TaskStatus
from runway_core.store import Store, TaskQuery

PACKAGE = Path(__file__).resolve().parents[1]


class Standing(Noun):
    """Counts and moments, and no names of what is made."""

    open: int
    """Tasks that are being sent, followed or fetched."""
    overdue_since: datetime | None
    """Since when the one has been due that has waited longest."""
    uncertain: int
    """Tasks that wait for a person's decision."""
    paused: tuple[Connection, ...]
    """Connections with which nothing is sent or asked."""


def standing(store: Store, now: datetime) -> Standing:
    """Look at a home.

    Raises:
        StorageError: the database can't be read.
    """
    uncertain = TaskQuery(statuses=frozenset({TaskStatus.UNCERTAIN}), limit=1)
    return Standing(
        open=store.tasks.count_open(),
        overdue_since=store.tasks.oldest_overdue(now),
        uncertain=store.tasks.page(uncertain).total,
        paused=tuple(one for one in store.connections.all() if one.paused),
    )


def program_version() -> str:
    """The version that is installed, or that this is a checkout."""
    try:
        return version("runway-desk")
    except PackageNotFoundError:
        return "from source"


def program_changed_at() -> datetime:
    """When a file of the program that this process has loaded was last changed."""
    loaded = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    own = {file for file in loaded if file and file.startswith(f"{PACKAGE}{os.sep}")}
    newest = max((Path(file).stat().st_mtime for file in own if Path(file).is_file()), default=0.0)
    return datetime.fromtimestamp(newest, UTC)
