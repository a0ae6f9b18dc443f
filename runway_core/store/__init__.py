"""The only place that speaks SQL; one small module a noun. `open_store` migrates and hands them out."""

from __future__ import annotations

from pathlib import Path

from runway_core.store.assets import AssetRows
from runway_core.store.budgets import BudgetRows
from runway_core.store.callbacks import CallbackRows, Called, Said
from runway_core.store.connections import ConnectionRows
from runway_core.store.database import Database
from runway_core.store.doubts import DoubtRows
from runway_core.store.drafts import DraftRows
from runway_core.store.journal import JournalRows
from runway_core.store.line import Admission, Limits, LineRows, Standing
from runway_core.store.migrate import migrate
from runway_core.store.pauses import PauseRows
from runway_core.store.preferences import PreferenceRows
from runway_core.store.query import TaskPage, TaskQuery
from runway_core.store.sqlite import SqliteDatabase
from runway_core.store.tasks import NewTask, PutOff, TaskRows
from runway_core.store.workers import WorkerRows

__all__ = [
    "Admission",
    "Called",
    "Limits",
    "LineRows",
    "NewTask",
    "PutOff",
    "Said",
    "Standing",
    "Store",
    "TaskPage",
    "TaskQuery",
    "TaskRows",
    "open_store",
]


class Store:
    """All rows of one home."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.assets = AssetRows(database)
        self.budgets = BudgetRows(database)
        self.callbacks = CallbackRows(database)
        self.connections = ConnectionRows(database)
        self.doubts = DoubtRows(database)
        self.drafts = DraftRows(database)
        self.journal = JournalRows(database)
        self.line = LineRows(database)
        self.pauses = PauseRows(database)
        self.preferences = PreferenceRows(database)
        self.tasks = TaskRows(database)
        self.workers = WorkerRows(database)

    def close(self) -> None:
        self.database.close()


def open_store(path: Path, *, url: str = "", busy_timeout: float = 5.0) -> Store:
    """Open the database, making or upgrading it first: PostgreSQL at `url`, else SQLite at `path`.

    `busy_timeout` is how many seconds to wait for another program's write.

    Raises:
        StorageError: it can't be used; says why in words.
    """
    database = _open(path, url, busy_timeout)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return Store(database)


def _open(path: Path, url: str, busy_timeout: float) -> Database:
    if not url:
        return SqliteDatabase(path, busy_timeout=busy_timeout)
    from runway_core.store.postgres import PostgresDatabase  # its driver is an extra

    return PostgresDatabase(url, busy_timeout=busy_timeout)
