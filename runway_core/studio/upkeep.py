"""What a running process does for its home now and then: a copy of the database each day."""

from __future__ import annotations

import logging
import threading

from runway_core.errors import DeskError
from runway_core.studio import Studio
from runway_core.studio.copies import keep_daily

log = logging.getLogger(__name__)
FIRST = 10.0
"""Seconds after the start, when the first page is drawn and open tasks are on their way."""
AGAIN = 3600.0


class Upkeep:
    """A thread that sleeps nearly always."""

    def __init__(self, studio: Studio, *, first: float = FIRST) -> None:
        self._studio = studio
        self._first = first
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread; harmless when it runs."""
        if self._thread is None and not self._studio.settings.database_url:
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
            try:
                made = keep_daily(self._studio.settings, self._studio.store.database)
                if made is not None:
                    log.info("The database was copied.", extra={"file": made.path.name})
            except DeskError as error:
                log.error("The daily copy of the database failed: %s %s", error, error.hint)
            except Exception:
                log.exception("the daily copy of the database broke")
