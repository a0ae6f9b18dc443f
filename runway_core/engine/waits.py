"""How long to wait: pure functions of what happened."""

from __future__ import annotations

import random
from datetime import timedelta

from runway_core.errors import DeskError, NotOfferedError, RateLimitError

LOOK_BASE, LOOK_CAP = 2.0, 120.0
CREATE_BASE, CREATE_CAP = 2.0, 60.0
RATE_CAP = 300.0
CREATE_TRIES = 4
"""Creates of one task that may fail before anything left this machine."""
GONE_AFTER = 3
"""Answers “no such task” in a row before it is believed."""
LINK_TRIES = 6
"""Fresh links that may fail before a file is called expired."""
SLOW_GAP = 60.0
"""Seconds between looks at a task that is older than its profile's ``give_up``."""


def backoff(failures: int, *, base: float, cap: float) -> timedelta:
    """Full jitter: anything up to twice as long after each failure, never under half a second."""
    longest = min(cap, base * 2.0 ** min(failures, 16))
    return timedelta(seconds=max(0.5, random.uniform(0, longest)))  # noqa: S311 - jitter, not a secret


def look_gap(
    floor: float, *, age: timedelta, give_up: float, asked: float | None = None
) -> timedelta:
    """Between two looks: the profile's floor, a little more at random; rare once a task is slow.

    `asked` is what the provider wishes for at least, in seconds.
    """
    least = floor if age.total_seconds() < give_up else max(floor, SLOW_GAP)
    least = max(least, asked or 0)
    return timedelta(seconds=least * random.uniform(1.0, 1.25))  # noqa: S311 - jitter, not a secret


def after_error(error: DeskError, failures: int, *, floor: float) -> timedelta:
    """Until the next look or download after it failed; what the provider asks for wins.

    `floor` is the profile's least number of seconds between two looks.
    """
    asked = error.retry_after if isinstance(error, RateLimitError | NotOfferedError) else None
    if asked is not None:
        return timedelta(seconds=max(asked, floor))
    return after_failed_look(failures, floor=floor)


def after_failed_look(failures: int, *, floor: float) -> timedelta:
    """Until the next look, when the last one taught nothing."""
    return timedelta(seconds=floor) + backoff(failures, base=LOOK_BASE, cap=LOOK_CAP)


def after_refused_create(error: RateLimitError, tries: int) -> timedelta:
    """Until a create is sent again that the provider has surely not worked on."""
    if error.retry_after is not None:
        return timedelta(seconds=error.retry_after)
    return backoff(tries, base=CREATE_BASE, cap=RATE_CAP)
