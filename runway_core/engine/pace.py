"""When to look at a task: not before a result is plausible, as own history tells, and not all at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from runway_core.store import TaskRows

KNOWN = 3
"""Finished tasks of a kind that are enough to learn from."""
EARLY = 0.8
"""Of the quickest one: the first look comes then."""
FIRST_MOST = timedelta(seconds=60)
"""The first look never waits longer: a refusal shows early."""
FRESH = timedelta(minutes=10)
"""For so long is what was learnt good."""
POLLS_SHARE = 0.5
"""Of a key's requests a minute, what looks may use together."""
SLOW_GAP = 60.0
"""Seconds between looks at a task that is older than its profile's ``give_up``."""


class Pace:
    """How quick each kind of task has been here lately."""

    def __init__(self, rows: TaskRows, now: Callable[[], datetime]) -> None:
        self._rows = rows
        self._now = now
        self._learnt: dict[tuple[str, str], tuple[datetime, timedelta]] = {}

    def first(self, profile: str, model: str, *, floor: float) -> timedelta:
        """From the create to the first look; `floor` is the profile's least number of seconds."""
        least = timedelta(seconds=floor)
        return _jittered(min(max(least, self._quickest(profile, model) * EARLY), FIRST_MOST))

    def _quickest(self, profile: str, model: str) -> timedelta:
        kind, now = (profile, model), self._now()
        known = self._learnt.get(kind)
        if known is None or now - known[0] > FRESH:
            spans = self._rows.spans(profile, model)
            known = (now, min(spans) if len(spans) >= KNOWN else timedelta(0))
            self._learnt[kind] = known
        return known[1]


def gap(floor: float, *, age: timedelta, give_up: float, asked: float | None = None) -> timedelta:
    """Between two looks, in seconds: the profile's floor; rare once a task is slow.

    `asked` is what is wished for at least, in seconds.
    """
    least = floor if age.total_seconds() < give_up else max(floor, SLOW_GAP)
    return _jittered(timedelta(seconds=max(least, asked or 0)))


def one_round(per_minute: int, followed: int) -> float:
    """Seconds in which each of the `followed` tasks of a key may be looked at once, creates left their share."""
    return followed * 60 / (POLLS_SHARE * per_minute)


def _jittered(wait: timedelta) -> timedelta:
    return wait * random.uniform(1.0, 1.25)  # noqa: S311 - jitter, not a secret
