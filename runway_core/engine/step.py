"""What every step of a task's life shares: its studio, its sockets, its observed exchanges."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, NamedTuple

from runway_core.catalog import Profile
from runway_core.domain import Connection, Exchange, Task, TaskStatus
from runway_core.engine.meter import Circuits, Holds, Meter, Purpose
from runway_core.engine.pace import Pace, gap, one_round
from runway_core.engine.receipts import Receipts
from runway_core.errors import DeskError
from runway_core.http import Http, Seen, Watch
from runway_core.providers import Provider
from runway_core.store import Limits, PutOff
from runway_core.store.pauses import Refusal
from runway_core.studio import Studio
from runway_core.studio.hosts import host_of
from runway_core.studio.limits import limits_of

SEEN_FOR = timedelta(seconds=1)
"""For so long is a connection taken to be as it was, by looks."""


Doing = Literal["create", "look", "cancel", "file", "upload", "balance"]


@dataclass
class Exchanges:
    """A step's requests; records are made of them once they are kept, which is seldom."""

    doing: Doing = "look"
    """What the next ones are for."""
    _made: list[tuple[Doing, Seen | Exchange]] = field(default_factory=list)

    def add(self, one: Seen | Exchange) -> None:
        """Take note of one more."""
        self._made.append((self.doing, one))

    def records(self) -> list[Exchange]:
        """All of them, as they may be kept."""
        told = ((d, each.record() if isinstance(each, Seen) else each) for d, each in self._made)
        return [each.model_copy(update={"doing": doing}) for doing, each in told]


class _Known(NamedTuple):
    """A connection with what it takes to call its provider."""

    at: datetime
    connection: Connection
    profile: Profile
    refusal: Refusal | None
    opened: list[tuple[str, Provider]]
    """Its host and its provider, once they were needed."""

    def __repr__(self) -> str:
        return f"_Known({self.connection.name})"  # never the key


@dataclass(frozen=True)
class _Observer(Watch):
    """Adds what a provider does to a step's exchanges, and tells the meter."""

    exchanges: Exchanges
    meter: Meter

    def see(self, seen: Seen) -> None:
        self.exchanges.add(seen)
        self.meter.note(seen)

    def __call__(self, exchange: Exchange) -> None:
        self.exchanges.add(exchange)
        self.meter.note(exchange)


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
    scale: float = 1.0
    """Multiplies every wait of our own that `runway_core.policy` plans; tests need not take hours."""
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a provider is asked what a plan allows."""
    circuits: Circuits = field(default_factory=Circuits)
    holds: Holds = field(default_factory=Holds)
    put_offs: dict[str, PutOff] | None = None
    """Where a scheduler gathers by task what `put_off` notes; None has each written at once."""
    pace: Pace = field(init=False)
    _connections: dict[str, _Known] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.studio.store.tasks, self.now)

    def provider(self, task: Task, exchanges: Exchanges) -> Provider:
        """The provider of a task's connection, within its limits; what it does is added to `exchanges`."""
        host, provider = self._opened(task)
        purpose = _PURPOSES.get(task.status, "look")
        meter = Meter(
            line=self.studio.store.line,
            circuits=self.circuits,
            holds=self.holds,
            now=self.now,
            connection_id=task.connection_id,
            host=host,
            limits=self.limits(task),
            purpose=purpose,
            round=partial(self._round, task),
            prepaid=purpose == "create",
        )
        return provider.through(_Observer(exchanges, meter), gate=meter)

    def connection(self, task: Task) -> Connection:
        """A task's connection: as it is now before a create, for looks as it was within the last second."""
        return self._known(task).connection

    def refusal(self, task: Task) -> Refusal | None:
        """Why the key of a task's connection is not used, as far as that is known."""
        return self._known(task).refusal

    def forget(self, task: Task) -> None:
        """Read a task's connection anew next time: something of it has just been changed here."""
        self._connections.pop(task.connection_id, None)

    def limits(self, task: Task) -> Limits:
        """What may be sent with the key of a task's connection for its model."""
        return limits_of(self.connection(task), self.profile(task), task.request.model)

    def put_off(
        self, task: Task, next_at: datetime, exchanges: Exchanges, *, progress: float | None
    ) -> None:
        """Note that a look has taught nothing new but how far the task is, and when the next one is due.

        Many of these may be written at once, a moment later: one that is lost is a look too early. What
        went over the wire is kept once a minute of the task's life, in the place of the time before.
        """
        kept = exchanges.records() if self._is_last_of_minute(task, next_at) else []
        now, look = self.now(), next(reversed(kept), None)
        if self.put_offs is not None:
            off = PutOff(task.id, task.status, task.next_at, next_at, progress, now, look)
            self.put_offs[task.id] = off
            return
        self.move(task, task.status, next_at=next_at, seen=task.next_at, progress=progress)
        if look is not None:
            self.studio.store.exchanges.keep_last(task.id, look)

    def _is_last_of_minute(self, task: Task, next_at: datetime) -> bool:
        began, now = task.submitted_at or task.created_at, self.now()
        minute = timedelta(minutes=1)
        return (now - began) // minute != (next_at - began) // minute

    def _known(self, task: Task) -> _Known:
        found, now = self._connections.get(task.connection_id), self.now()
        sending = task.status in (TaskStatus.QUEUED, TaskStatus.SUBMITTING)
        if found is None or sending or now - found.at > SEEN_FOR:
            connection = self.studio.connections.get(task.connection_id)
            profile = self.studio.connections.profile(connection)
            refusal = self.studio.store.pauses.found(connection.id)
            found = _Known(now, connection, profile, refusal, [])
            self._connections[connection.id] = found
        return found

    def _opened(self, task: Task) -> tuple[str, Provider]:
        known, connections = self._known(task), self.studio.connections
        if not known.opened:
            root, key = connections.root(known.connection), connections.key(known.connection)
            provider = connections.provider(known.connection, self.http, root=root, key=key)
            known.opened.append((host_of(root), provider))
        return known.opened[0]

    def look_gap(self, task: Task, age: timedelta, *, asked: float | None) -> timedelta:
        """Until the next look at a task of that age; `asked` is what its provider wishes for, in seconds."""
        profile = self.profile(task)
        least = max(asked or 0, self._round(task))
        return gap(profile.poll_floor, age=age, give_up=profile.give_up, asked=least)

    def _round(self, task: Task) -> float:
        limits = self.limits(task)
        if not limits.per_minute:
            return 0.0
        followed = self.studio.store.tasks.count_open(task.connection_id, sent=True)
        return one_round(limits.per_minute, followed)

    def profile(self, task: Task) -> Profile:
        """The catalogue row of a task's connection."""
        return self._known(task).profile

    def move(
        self,
        task: Task,
        *expect: TaskStatus,
        exchanges: Exchanges | None = None,
        **changes: Any,
    ) -> bool:
        """A guarded change of the task's row; False when somebody else has changed it."""
        made = exchanges.records() if exchanges else ()
        rows = self.studio.store.tasks
        return rows.move(task.id, expect, now=self.now(), exchanges=made, **changes)


def said_of(error: DeskError) -> dict[str, str]:
    """The columns that explain an error to the person."""
    return {"note": str(error), "hint": error.hint, "said": getattr(error, "said", "")}


_PURPOSES: dict[TaskStatus, Purpose] = {
    TaskStatus.QUEUED: "create",
    TaskStatus.SUBMITTING: "create",
    TaskStatus.SUCCEEDED: "keep",
}


CLEAR = {"note": "", "hint": "", "said": "", "looks": 0}
"""The columns of a task that waits for nothing unusual."""
