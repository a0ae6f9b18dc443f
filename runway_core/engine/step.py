"""What every step of a task's life shares: its studio, its sockets, its observed exchanges."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runway_core.catalog import Profile
from runway_core.domain import Exchange, Task, TaskStatus
from runway_core.engine.receipts import Receipts
from runway_core.errors import DeskError
from runway_core.http import Http
from runway_core.providers import Provider
from runway_core.studio import Studio


@dataclass
class Tools:
    """What the steps work with; one set for each running engine."""

    studio: Studio
    http: Http
    receipts: Receipts
    now: Callable[[], datetime]
    posting: set[str] = field(default_factory=set)
    """Tasks whose create this process has on the wire now; a stop waits for them."""
    creates: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    looks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(8))
    downloads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(3))

    def provider(self, task: Task, exchanges: list[Exchange]) -> Provider:
        """The provider of a task's connection; what it does is added to `exchanges`."""
        connections = self.studio.connections
        connection = connections.get(task.connection_id)
        return connections.open(connection, self.http, observe=exchanges.append)

    def profile(self, task: Task) -> Profile:
        """The catalogue row of a task's connection."""
        connections = self.studio.connections
        return connections.profile(connections.get(task.connection_id))

    def move(self, task: Task, *expect: TaskStatus, **changes: Any) -> bool:
        """A guarded change of the task's row; False when somebody else has changed it."""
        return self.studio.store.tasks.move(task.id, expect, now=self.now(), **changes)


def said_of(error: DeskError) -> dict[str, str]:
    """The columns that explain an error to the person."""
    return {"note": str(error), "hint": error.hint, "said": getattr(error, "said", "")}


CLEAR = {"note": "", "hint": "", "said": "", "looks": 0}
"""The columns of a task that waits for nothing unusual."""
