"""A schedule as people read it: when it is over, in which waves it goes, and what holds it up when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Literal

from runway_core.domain import Noun
from runway_core.pricing.plan import DAY, WINDOW, Limits
from runway_core.pricing.schedule import Run
from runway_core.pricing.spans import lasting

_NONE = timedelta(0)


class Moment(Noun):
    """From when on a limit of the plan holds videos up."""

    at: timedelta
    limit: Literal["place", "minute", "day"]
    says: str


class Wave(Noun):
    """Videos that are sent one after another without a day's limit between them."""

    first: int
    """Number of its first video, from 1."""
    last: int
    starts: timedelta
    ends: timedelta


class Timetable(Noun):
    """How long videos take, from now on."""

    runs: tuple[Run, ...]
    ends: timedelta
    """When the last one is finished."""
    waves: tuple[Wave, ...]
    moments: tuple[Moment, ...]
    says: str
    """All of it in a sentence."""


def timetable(runs: Sequence[Run], limits: Limits, *, who: str) -> Timetable:
    """Tell a schedule.

    Args:
        runs: As `schedule` gives them.
        limits: What the plan allows; of several models, those of the first.
        who: Whose limits they are, such as ``Free plan``.
    """
    in_turn = sorted(runs, key=lambda run: run.starts)
    stops = _day_stops(in_turn)
    ends = max((run.ends for run in runs), default=_NONE)
    moments = sorted(_moments(in_turn, stops, limits, who), key=lambda moment: moment.at)
    return Timetable(
        runs=tuple(runs),
        ends=ends,
        waves=tuple(_waves(in_turn, stops)),
        moments=tuple(moments),
        says=_says(len(runs), ends),
    )


def _says(number: int, ends: timedelta) -> str:
    if not number:
        return "Nothing is to be made."
    videos = "1 video is" if number == 1 else f"{number:,} videos are"
    return f"{videos} finished after about {lasting(ends)}."


def _day_stops(runs: Sequence[Run]) -> list[int]:
    """Positions of those that had to wait for a day to pass; not of those that only follow in their steps."""
    stops: list[int] = []
    for position, run in enumerate(runs):
        long_ago = not stops or run.starts - runs[stops[-1]].starts >= DAY // 2
        if run.held == "day" and long_ago:
            stops.append(position)
    return stops


def _waves(runs: Sequence[Run], stops: Sequence[int]) -> Iterator[Wave]:
    bounds = [0, *(stop for stop in stops if stop), len(runs)]
    for begin, end in pairwise(bounds):
        if part := runs[begin:end]:
            yield Wave(
                first=begin + 1,
                last=end,
                starts=part[0].starts,
                ends=max(run.ends for run in part),
            )


def _moments(
    runs: Sequence[Run], stops: Sequence[int], limits: Limits, who: str
) -> Iterator[Moment]:
    for limit in ("place", "minute"):
        position = next((at for at, run in enumerate(runs) if run.held == limit), None)
        if position is not None:
            at = runs[position - 1].starts if position else _NONE
            yield Moment(at=at, limit=limit, says=_words(limit, limits, who))
    for stop in stops:
        at = runs[stop - 1].starts if stop else _NONE
        waits = lasting(runs[stop].starts - at)
        says = (
            f"{who} makes {limits.per_day:,} in 24 hours; they are used up after {stop:,} of these, "
            f"and the next is sent {waits} later."
        )
        yield Moment(at=at, limit="day", says=says)


def _words(limit: str, limits: Limits, who: str) -> str:
    each = f" of {limits.model}" if limits.model else ""
    if limit == "place":
        return f"{who} runs {limits.running:,}{each} at a time; the others wait in line."
    seconds = WINDOW // timedelta(seconds=1)
    return (
        f"{who} leaves {limits.per_minute:,} requests in {seconds} s, looks at what is running "
        "included; the others wait in line."
    )
