"""How the pages reach the studio."""

from __future__ import annotations

from datetime import datetime

from runway_core.engine.processes import living
from runway_core.store.workers import Worker
from runway_core.studio import Studio
from runway_core.ui.access import acting_studio
from runway_core.web.runtime import runtime


def get_studio() -> Studio:
    """The studio as the person at this page may use it, opened on first use.

    In a tab whose person has been signed out meanwhile, this ends the run and shows the way in.

    Raises:
        ConfigError, StorageError: the home can't be opened; the next call tries again.
    """
    return acting_studio()


def engine_running() -> bool:
    """Whether recorded videos are being sent and followed by this process."""
    return runtime().engine_running


def opened_at() -> datetime:
    """Since when this process has had the home open."""
    return runtime().opened_at


def engine_started() -> bool:
    """Whether the server has started what sends and follows, as `app.py` has it do."""
    return runtime().started


def workers(now: datetime) -> list[Worker]:
    """Every process that follows this home's tasks.

    Raises:
        StorageError: the database can't be read.
    """
    return living(runtime().studio.store, now)
