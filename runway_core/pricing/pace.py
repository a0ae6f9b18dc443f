"""How long tasks take, learnt from own history: what they took themselves, and what looking for their end added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from runway_core.domain import Noun
from runway_core.pricing.schedule import Pace

KNOWN = 3
"""Finished tasks that are enough to tell how long one takes."""


class Past(Noun):
    """A finished task."""

    took: timedelta
    """From being sent to being seen finished."""
    followed: int = 1
    """Tasks of its key that were followed when it was seen finished, itself included."""


def pace_of(past: Sequence[Past], *, floor: timedelta, per_minute: int | None) -> Pace | None:
    """How long one takes; None when too few have finished.

    An end is seen half a look late on average, and looks are the rarer the more tasks share a key's
    requests: that is taken off again, so that what was learnt with few tasks holds for many.

    Args:
        past: The last ones of a model.
        floor: The profile's least time between looks.
        per_minute: Requests that the key may make in a minute; None without a limit.
    """
    if len(past) < KNOWN:
        return None
    seen = sorted(each.took for each in past)
    late = [_late(each, floor, per_minute) for each in past]
    own = sorted(each.took - wait for each, wait in zip(past, late, strict=True))
    if seen[-1] - seen[0] <= 4 * max(late):  # looks alone may have made all of that difference
        own = [sum(own, timedelta(0)) // len(own)]
    return Pace(seen=tuple(seen), own=tuple(own), floor=floor)


def as_told(takes: timedelta, *, floor: timedelta) -> Pace:
    """The pace that somebody says."""
    return Pace(seen=(takes,), own=(takes,), floor=floor)


def _late(past: Past, floor: timedelta, per_minute: int | None) -> timedelta:
    """Half of a usual wait between looks: with its chance, nine eighths of the least one."""
    round_of_all = timedelta(minutes=2 * past.followed) // per_minute if per_minute else floor
    return min(max(floor, round_of_all) * 9 // 16, past.took // 2)
