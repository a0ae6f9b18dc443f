"""Brings tasks to their end: `advance` is one step of a task's life, an `Engine` calls it on time.

`LocalEngine` needs nothing but this process; `ClusterEngine` shares the tasks of one PostgreSQL database
among any number of machines. Which one a home has follows from its settings.
"""

from __future__ import annotations

from typing import Protocol

from runway_core.engine.local import LocalEngine
from runway_core.engine.processes import someone_follows
from runway_core.studio import Studio

__all__ = ["Engine", "LocalEngine", "engine_for", "someone_follows"]


class Engine(Protocol):
    """Follows open tasks in a thread of its own."""

    @property
    def running(self) -> bool:
        """Whether its thread lives."""

    def start(self) -> None:
        """Start; open tasks of earlier runs are picked up."""

    def stop(self, *, drain: float = 10.0) -> None:
        """Send nothing new, wait up to `drain` seconds for creates on the wire, then end."""


def engine_for(studio: Studio) -> Engine:
    """The engine that a worker of this home runs.

    Raises:
        ConfigError: what a cluster needs is not installed.
    """
    if not studio.settings.database_url:
        return LocalEngine(studio)
    from runway_core.engine.cluster import ClusterEngine  # what it needs is an extra

    return ClusterEngine(studio)
