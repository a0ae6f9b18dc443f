"""Starts the engine with the server, before any browser comes, and lets it finish when the server stops.

The runtime and all it needs are loaded in a thread, so that the server answers meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from runway_core import logs
from runway_core.errors import DeskError

log = logging.getLogger(__name__)
AGAIN = 5.0
"""Seconds until a home that could not be opened is tried again: a disk may have room by then."""


class Lifespan:
    """Runs the runtime for as long as the server runs.

    When nobody has been added, and the server is meant for other machines too, it prints a link for the first
    admin, at the address `set_up_at`.
    """

    def __init__(self, *, set_up_at: str = "") -> None:
        self._set_up_at = set_up_at

    @asynccontextmanager
    async def __call__(self, _app: Any) -> AsyncIterator[None]:
        logs.take_over()  # the server has given its loggers handlers of their own since the start
        # Not waited for: pages are served while the database opens, and say so if it can't.
        stopping = threading.Event()
        starting = threading.Thread(
            target=self._start, args=(stopping,), name="runway-start", daemon=True
        )
        starting.start()
        try:
            yield
        finally:
            stopping.set()
            await asyncio.to_thread(_stop, starting)

    def _start(self, stopping: threading.Event) -> None:
        from runway_core.web.runtime import runtime

        told = ""
        while not stopping.is_set():
            try:
                self._print_link()
                runtime().start()
                return
            except DeskError as error:
                if str(error) != told:  # once, not each few seconds
                    told = str(error)
                    log.error("%s %s", error, error.hint)
            except Exception:
                log.exception("the engine could not start")
            stopping.wait(AGAIN)

    def _print_link(self) -> None:
        """Not through the log: it is a secret, and logs are kept and sent on."""
        from runway_core.web.runtime import runtime

        if not self._set_up_at:
            return
        if token := runtime().studio.sign_in.setup_token():
            link = f"{self._set_up_at}/setup?token={token}"
            sys.stdout.write(f"\n  Set up Runway Desk, once: {link}\n\n")
            sys.stdout.flush()


def _stop(starting: threading.Thread) -> None:
    from runway_core.web.runtime import reset

    starting.join(timeout=10)
    reset()
