"""How long videos take under a key's plan: the line that the engine keeps, reckoned ahead.

The same rules as those by which tasks are admitted (`runway_core.store.line`): places, then days, then
requests in a window of 62 s. Every look at a running task is a request too, and is made as rarely as the
engine makes it (`runway_core.engine.pace`): the more tasks are followed, the later one's end is seen. Where the
engine waits a little longer by chance, so does this, by a chance that is the same each time; of several such
ways that things may go, the middle one is told.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from math import gcd
from typing import Annotated, Literal

from pydantic import Field

from runway_core.domain import Noun
from runway_core.pricing.plan import DAY, WINDOW, Limits

Held = Literal["", "place", "minute", "day"]
"""What a video waited for last before it could be sent; empty when it did not wait."""

_NONE = timedelta(0)
_FIRST_MOST = timedelta(seconds=60)
"""The engine's first look never comes later."""
_NOBODY = -1
"""The event is about no video: it is time to see who may be sent."""
_TURNS = 16
"""In so many steps goes what the engine waits longer by chance, from none to a quarter more."""
_PERIOD = 2**31
"""Of the chance, which is the linear congruence that ISO C gives as an example of ``rand``."""
_FEW, _WAYS = 200, 9
"""Of more videos one way is enough: their chances even out."""


class Pace(Noun):
    """How long tasks of one model take."""

    seen: Annotated[tuple[timedelta, ...], Field(min_length=1)]
    """From being sent to being seen finished, of each that is known; in order."""
    own: Annotated[tuple[timedelta, ...], Field(min_length=1)]
    """Until it is finished at the provider, as far as can be told; in order."""
    floor: timedelta
    """Looks are never closer together."""

    @property
    def typical(self) -> timedelta:
        """The middle one of those seen."""
        return self.seen[len(self.seen) // 2]


class Batch(Noun):
    """Videos of one model, in line together."""

    model: str
    count: Annotated[int, Field(ge=0)]
    pace: Pace
    limits: Limits


class Load(Noun):
    """What a key does already; for plans that count each model apart, with this model."""

    model: str = ""
    running: tuple[timedelta, ...] = ()
    """How long ago each video was sent that holds a place."""
    waiting: int = 0
    """Videos that are in line already, and go first."""
    sent: tuple[timedelta, ...] = ()
    """How long ago each video of the last 24 hours was sent."""


class Run(Noun):
    """One video, from now on."""

    number: int
    model: str
    starts: timedelta
    """When it is sent."""
    ends: timedelta
    """When it is seen finished."""
    held: Held
    """What it waited for last."""


def schedule(batches: Sequence[Batch], loads: Sequence[Load] = ()) -> list[Run]:
    """When each video is sent and finished, in the order of the line; the first moment is 0.

    All batches are of one key, so that they share its requests a minute; places and days are shared as
    each one's limits say.
    """
    by_chance = any(batch.limits.per_minute for batch in batches)
    few = sum(batch.count for batch in batches) <= _FEW
    ways = [_Clock(batches, loads, seed).run() for seed in range(_WAYS if by_chance and few else 1)]
    ways.sort(key=lambda runs: max((run.ends for run in runs), default=_NONE))
    return ways[len(ways) // 2]


class _Pool:
    """Videos that share places and days."""

    def __init__(self, load: Load) -> None:
        self.line: deque[int] = deque()
        self.sent = deque(sorted(-ago for ago in load.sent))
        self.busy = len(load.running)
        self.running = load.running
        self.waiting = load.waiting


class _Clock:
    """Goes from one event to the next."""

    def __init__(self, batches: Sequence[Batch], loads: Sequence[Load], seed: int) -> None:
        self._batches = batches
        self._videos = [batch for batch in batches for _ in range(batch.count)]
        known = {load.model: load for load in loads}
        models = dict.fromkeys(batch.limits.model for batch in batches)
        self._pools = {model: _Pool(known.get(model, Load())) for model in models}
        self._per_minute = min(
            (b.limits.per_minute for b in batches if b.limits.per_minute), default=None
        )
        self._requests: deque[timedelta] = deque()
        self._events: list[tuple[timedelta, int, int]] = []
        self._wakes: set[timedelta] = set()
        self._order = count()
        self._chance = seed
        self._held: list[Held] = [""] * len(self._videos)
        self._starts: dict[int, timedelta] = {}
        self._ends: dict[int, timedelta] = {}
        for number, batch in enumerate(self._videos):
            self._pools[batch.limits.model].line.append(number)

    def run(self) -> list[Run]:
        own = len(self._videos)
        for model, pool in self._pools.items():
            self._go_on(next(b for b in self._batches if b.limits.model == model), pool)
        self._admit(_NONE)
        while self._events:
            now, _, number = heapq.heappop(self._events)
            if number != _NOBODY:
                self._look(number, now)
            self._admit(now)
        return [self._told(number) for number in range(own)]

    def _go_on(self, batch: Batch, pool: _Pool) -> None:
        """Put in those that hold a place already, and those that wait before all others."""
        first = len(self._videos)
        self._videos += [batch] * (pool.busy + pool.waiting)
        self._held += [""] * (pool.busy + pool.waiting)
        for number, ago in enumerate(pool.running, start=first):
            self._starts[number] = -ago
            self._put(max(self._starts[number] + self._first(number), _NONE), number)
        pool.line.extendleft(reversed(range(first + pool.busy, len(self._videos))))

    def _told(self, number: int) -> Run:
        return Run(
            number=number + 1,
            model=self._videos[number].model,
            starts=self._starts[number],
            ends=self._ends[number],
            held=self._held[number],
        )

    def _put(self, at: timedelta, number: int) -> None:
        heapq.heappush(self._events, (at, next(self._order), number))

    # --- sending ---

    def _admit(self, now: timedelta) -> None:
        """Send whatever may be sent: of each pool the first, and so on while one can be."""
        moved = True
        while moved:
            heads = sorted(pool.line[0] for pool in self._pools.values() if pool.line)
            moved = any(self._try(number, now) for number in heads)

    def _try(self, number: int, now: timedelta) -> bool:
        batch = self._videos[number]
        pool = self._pools[batch.limits.model]
        held, until = self._refused(pool, batch.limits, now)
        if held:
            self._held[number] = held
            if until is not None and until not in self._wakes:
                self._wakes.add(until)
                self._put(until, _NOBODY)
            return False
        pool.line.popleft()
        pool.busy += 1
        pool.sent.append(now)
        self._starts[number] = now
        self._note(now)
        self._put(now + self._first(number), number)
        return True

    def _refused(
        self, pool: _Pool, limits: Limits, now: timedelta
    ) -> tuple[Held, timedelta | None]:
        """What holds a video up, and until when, where that is known."""
        if limits.running is not None and pool.busy >= limits.running:
            return "place", None
        while pool.sent and pool.sent[0] <= now - DAY:
            pool.sent.popleft()
        if limits.per_day is not None and len(pool.sent) >= limits.per_day:
            return "day", pool.sent[-limits.per_day] + DAY
        until = self._full(now)
        return ("", None) if until is None else ("minute", until)

    # --- requests ---

    def _note(self, now: timedelta) -> None:
        if self._per_minute is not None:
            self._requests.append(now)

    def _full(self, now: timedelta, *, keep_free: int = 0) -> timedelta | None:
        """None when one more request fits into the last minute, else when it will."""
        if self._per_minute is None:
            return None
        while self._requests and self._requests[0] <= now - WINDOW:
            self._requests.popleft()
        most = max(self._per_minute - keep_free, 1)
        room = len(self._requests) < most
        return None if room else self._requests[-most] + WINDOW

    # --- looks ---

    def _first(self, number: int) -> timedelta:
        """Until a video is first looked at; without a limit on requests looks are not followed one by one."""
        pace = self._videos[number].pace
        if self._per_minute is None:
            return _turn_of(number, pace.seen)
        return self._jittered(min(max(pace.floor, pace.seen[0] * 4 // 5), _FIRST_MOST))

    def _look(self, number: int, now: timedelta) -> None:
        batch = self._videos[number]
        keep_free = self._per_minute // 4 if self._per_minute and self._per_minute >= 4 else 0
        until = self._full(now, keep_free=keep_free)
        if until is not None:  # the engine lets looks that wait come back at random, within a round
            self._put(until + self._round() * self._next_turn() // _TURNS, number)
            return
        self._note(now)
        own = _turn_of(number, batch.pace.own)
        if self._per_minute is None or now >= self._starts[number] + own:
            self._ends[number] = now
            self._pools[batch.limits.model].busy -= 1
        else:
            gap = max(batch.pace.floor, self._round())
            self._put(now + self._jittered(gap), number)

    def _round(self) -> timedelta:
        """In which each video that is followed may be looked at once: by half of the requests."""
        followed = sum(pool.busy for pool in self._pools.values())
        return timedelta(minutes=2 * followed) // (self._per_minute or 1)

    def _jittered(self, wait: timedelta) -> timedelta:
        return wait * (8 * _TURNS + 2 * self._next_turn() + 1) // (8 * _TURNS)

    def _next_turn(self) -> int:
        """0 to 15, as if by chance."""
        self._chance = (self._chance * 1_103_515_245 + 12_345) % _PERIOD
        return self._chance * _TURNS // _PERIOD


def _turn_of(number: int, spans: Sequence[timedelta]) -> timedelta:
    """Which of the known spans a video takes: all in turn, short and long ones mixed."""
    stride = next(
        s for s in range(max(1, len(spans) * 5 // 8), len(spans) + 2) if gcd(s, len(spans)) == 1
    )
    return spans[(number + 1) * stride % len(spans)]
