"""When rows of batches are looked at: with each reading of the store, and when a task has made room for one."""

from __future__ import annotations

import logging

from runway_core.domain import Task
from runway_core.engine.agenda import Lane
from runway_core.studio import Studio

log = logging.getLogger(__name__)


def feed(studio: Studio) -> bool:
    """Ask for the rows of batches that can be asked for now; whether any were waiting.

    While some are, a budget, a balance, a connection or a date may change at any time, so it is asked again.
    A fault in it keeps no task from being followed.
    """
    try:
        return studio.feeding.feed()
    except Exception:
        log.exception("the batches stumbled")
        return True


def makes_room(lane: Lane, after: Task | None) -> bool:
    """Whether a step may have made room for a row: one has left the line, or is paid for, or never will be."""
    return lane == "create" or after is None or after.status.is_terminal
