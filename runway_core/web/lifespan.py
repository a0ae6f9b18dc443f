"""Starts the engine with the server, before any browser comes, and lets it finish when the server stops."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from runway_core.errors import DeskError
from runway_core.web.runtime import runtime

log = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Run the runtime for as long as the server runs."""
    # Not waited for: pages are served while the database opens, and say so if it can't.
    starting = threading.Thread(target=_start, name="runway-start", daemon=True)
    starting.start()
    try:
        yield
    finally:
        await asyncio.to_thread(_stop, starting)


def _start() -> None:
    try:
        runtime().start()
    except DeskError as error:
        log.error("%s %s", error, error.hint)
    except Exception:
        log.exception("the engine could not start")


def _stop(starting: threading.Thread) -> None:
    starting.join(timeout=10)
    try:
        runtime().stop()
    except DeskError:
        log.info("nothing to stop")
