"""What a running process does for its home now and then: a copy of the database each day, and a look at the sums."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from runway_core.errors import DeskError
from runway_core.store.exchanges import KEPT_FOR
from runway_core.studio import Studio
from runway_core.studio.clock import now
from runway_core.studio.copies import keep_daily
from runway_core.studio.recount import COMMAND

log = logging.getLogger(__name__)
FIRST = 10.0
"""Seconds after the start, when the first page is drawn and open tasks are on their way."""
AGAIN = 3600.0
_DAY = 86400.0


class Upkeep:
    """A thread that sleeps nearly always."""

    def __init__(self, studio: Studio, *, first: float = FIRST) -> None:
        self._studio = studio
        self._first = first
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._counted: float | None = None
        """When the sums were last looked at, on the monotonic clock."""

    def start(self) -> None:
        """Start the thread; harmless when it runs."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._main, name="runway-upkeep", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End it; a copy that is being made is finished first."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=2)
            self._thread = None

    def _main(self) -> None:
        wait = self._first
        while not self._stopping.wait(wait):
            wait = AGAIN
            if not self._studio.settings.database_url:  # a server's copies are its own business
                _do("The daily copy of the database", self._copy)
            if self._counted is None or time.monotonic() - self._counted >= _DAY:
                _do("The look at the sums", self._count)
            _do("Dropping what is old of the wire", self._prune)

    def _copy(self) -> None:
        made = keep_daily(self._studio.settings, self._studio.store.database)
        if made is not None:
            log.info("The database was copied.", extra={"file": made.path.name})

    def _count(self) -> None:
        self._counted = time.monotonic()
        found = self._studio.recount.differences()
        if found:
            log.error("%s sums are not what the ledger says: %s", len(found), COMMAND)

    def _prune(self) -> None:
        if gone := self._studio.store.exchanges.prune(now() - KEPT_FOR):
            log.info("What is old of the wire was dropped.", extra={"count": gone})


def _do(what: str, job: Callable[[], None]) -> None:
    try:
        job()
    except DeskError as error:
        log.error("%s failed: %s %s", what, error, error.hint)
    except Exception:
        log.exception("%s broke", what.lower())
