"""Named moments in a program's life at which it is killed, found from outside: our own code is not touched.

``row …``   what SQLAlchemy tells before it commits, and once a connection is handed back after that;
            a transaction is named by the event that it writes into a task's journal
``disk …``  what CPython's audit events tell of files that are opened and renamed
``wire …``  what the provider at the other end of the socket sees
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event


class Point(NamedTuple):
    """The `nth` time that something happens in one run."""

    name: str
    nth: int = 1

    @property
    def is_on_the_wire(self) -> bool:
        return self.name.startswith("wire ")


_ONCE = (
    "row before QUEUED",
    "row after QUEUED",
    "row before SUBMITTING",
    "row after SUBMITTING",
    "disk connecting",
    "wire create read",
    "wire create made",
    "wire create half answered",
    "wire create answered",
    "disk receipt opened",
    "row before accepted",
    "row after accepted",
    "wire look read",
    "wire look answered",
    "row before SUCCEEDED",
    "row after SUCCEEDED",
    "disk part opened",
    "wire file begun",
    "wire file piece",
    "wire file sent",
    "disk part whole",
    "disk naming video",
    "disk video named",
    "disk naming poster",
    "disk naming sidecar",
    "row before KEPT",
    "row after KEPT",
)
_AGAIN = (
    "row after SUBMITTING",
    "wire create made",
    "wire create half answered",
    "wire create answered",
    "disk receipt opened",
    "row before accepted",
    "row after accepted",
    "row after SUCCEEDED",
    "wire file piece",
    "disk part whole",
    "disk naming video",
    "disk video named",
    "row before KEPT",
)
POINTS = [Point(name) for name in _ONCE] + [Point(name, 2) for name in _AGAIN]


class Trap:
    """Springs when its point is reached; safe to call from any thread."""

    def __init__(self, point: Point, spring: Callable[[], None]) -> None:
        self._point = point
        self._spring = spring
        self._times = 0
        self._turn = threading.Lock()

    def reached(self, name: str) -> None:
        if name != self._point.name:
            return
        with self._turn:
            self._times += 1
            if self._times == self._point.nth:
                self._spring()


def watch_rows(trap: Trap) -> None:
    """Tell `trap` of every transaction that writes an event of a task."""

    def begun(sql: Any) -> None:
        sql.info.pop("writes", None)

    def executed(
        sql: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        if statement.startswith("INSERT INTO events"):
            sql.info["writes"] = context.compiled_parameters[0]["kind"]

    def committing(sql: Any) -> None:
        if "writes" in sql.info:
            sql.info["wrote"] = sql.info.pop("writes")
            trap.reached(f"row before {sql.info['wrote']}")

    def handed_back(_raw: Any, record: Any) -> None:
        wrote = record.info.pop("wrote", None)
        if wrote:
            trap.reached(f"row after {wrote}")

    event.listen(sa.engine.Engine, "begin", begun)
    event.listen(sa.engine.Engine, "after_cursor_execute", executed)
    event.listen(sa.engine.Engine, "commit", committing)
    event.listen(sa.pool.Pool, "checkin", handed_back)


def watch_files(trap: Trap) -> None:
    """Tell `trap` of files of the archive, of receipts and of connections."""

    def audit(name: str, found: tuple[Any, ...]) -> None:
        if name == "open":
            trap.reached(_opened(str(found[0]), found[1], found[2]))
        elif name == "os.rename":
            trap.reached(_RENAMED.get(Path(str(found[1])).suffix, ""))
        elif name == "socket.connect":
            trap.reached("disk connecting")

    sys.addaudithook(audit)


_RENAMED = {
    ".mp4": "disk naming video",
    ".jpg": "disk naming poster",
    ".json": "disk naming sidecar",
}


def _opened(path: str, mode: str | None, flags: int) -> str:
    """Which moment the opening of a file is; a task's own part is named by the task, others by chance."""
    writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
    if path.endswith("receipts.log") and writes:
        return "disk receipt opened"
    if path.endswith(".part") and "-0." in Path(path).name and writes:
        return "disk part opened" if mode else "disk part whole"
    if Path(path).parent.name == "videos" and mode is None and not writes:
        return "disk video named"
    return ""
