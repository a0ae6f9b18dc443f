"""The only place that speaks SQL; one small module a noun. `open_store` migrates and hands them out."""

from __future__ import annotations

from pathlib import Path

from runway_core.people import LOCAL, Actor
from runway_core.pricing import Limits
from runway_core.store.assets import AssetRows
from runway_core.store.audit import AuditRows, Entry
from runway_core.store.balance_asks import BalanceAsk, BalanceAskRows
from runway_core.store.batches import Batch, BatchRow, BatchRows, NewRow, Stand, Waiting
from runway_core.store.budgets import BudgetRows
from runway_core.store.callbacks import CallbackRows, Called, Said
from runway_core.store.connections import ConnectionRows
from runway_core.store.database import Database
from runway_core.store.doubts import DoubtRows
from runway_core.store.drafts import DraftRows
from runway_core.store.exchanges import ExchangeRows
from runway_core.store.feeding import FeedRows
from runway_core.store.history import Failure, HistoryRows
from runway_core.store.journal import JournalRows
from runway_core.store.ledger import LedgerEntry, LedgerRows
from runway_core.store.line import Admission, LineRows, Standing
from runway_core.store.migrate import migrate
from runway_core.store.notices import NoticeRows
from runway_core.store.own_preferences import OwnPreferenceRows
from runway_core.store.pauses import PauseRows
from runway_core.store.people import Known, PersonRows
from runway_core.store.plans import PlanRows
from runway_core.store.preferences import PreferenceRows
from runway_core.store.query import TaskPage, TaskQuery
from runway_core.store.recent import Finished, RecentRows
from runway_core.store.recount import Difference, RecountRows
from runway_core.store.review import Change, Mark, Review, ReviewRows
from runway_core.store.sealed import SealedRows
from runway_core.store.sessions import Session, SessionRows, SignedIn
from runway_core.store.shelf import Kept, ShelfRows
from runway_core.store.sqlite import SqliteDatabase
from runway_core.store.tallies import Cell, CellQuery, TallyRows
from runway_core.store.tasks import NewTask, PutOff, TaskRows
from runway_core.store.usage import UsageRead, UsageRows, Used
from runway_core.store.workers import WorkerRows

__all__ = [
    "Admission",
    "BalanceAsk",
    "Batch",
    "BatchRow",
    "Called",
    "Cell",
    "CellQuery",
    "Change",
    "Difference",
    "Entry",
    "Failure",
    "Finished",
    "Kept",
    "Known",
    "LedgerEntry",
    "Limits",
    "LineRows",
    "Mark",
    "NewRow",
    "NewTask",
    "PutOff",
    "Review",
    "Said",
    "Session",
    "SignedIn",
    "Stand",
    "Standing",
    "Store",
    "TaskPage",
    "TaskQuery",
    "TaskRows",
    "UsageRead",
    "Used",
    "Waiting",
    "open_store",
]


class Store:
    """All rows of one home, as one person may see and change them."""

    def __init__(self, database: Database, actor: Actor = LOCAL) -> None:
        self.database = database
        self.actor = actor
        self.assets = AssetRows(database, actor)
        self.audit = AuditRows(database, actor)
        self.batches = BatchRows(database, actor)
        self.balance_asks = BalanceAskRows(database, actor)
        self.budgets = BudgetRows(database, actor)
        self.callbacks = CallbackRows(database, actor)
        self.connections = ConnectionRows(database, actor)
        self.doubts = DoubtRows(database, actor)
        self.drafts = DraftRows(database, actor)
        self.exchanges = ExchangeRows(database, actor)
        self.feeding = FeedRows(database, actor)
        self.history = HistoryRows(database, actor)
        self.journal = JournalRows(database, actor)
        self.ledger = LedgerRows(database, actor)
        self.line = LineRows(database, actor)
        self.notices = NoticeRows(database, actor)
        self.own_preferences = OwnPreferenceRows(database, actor)
        self.pauses = PauseRows(database, actor)
        self.people = PersonRows(database, actor)
        self.plans = PlanRows(database, actor)
        self.preferences = PreferenceRows(database, actor)
        self.recent = RecentRows(database, actor)
        self.recount = RecountRows(database, actor)
        self.reviews = ReviewRows(database, actor)
        self.sealed = SealedRows(database, actor)
        self.sessions = SessionRows(database, actor)
        self.shelf = ShelfRows(database, actor)
        self.tallies = TallyRows(database, actor)
        self.tasks = TaskRows(database, actor)
        self.usage = UsageRows(database, actor)
        self.workers = WorkerRows(database, actor)

    def acting_as(self, actor: Actor) -> Store:
        """The same rows, as somebody else may see and change them."""
        return Store(self.database, actor)

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
