"""The charts of the pricing page: what one costs by its length, and when videos are made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import streamlit as st

from runway_core.language import _, ngettext
from runway_core.pricing import Curve, Offer, Timetable
from runway_core.ui.price_inputs import Question
from runway_core.ui.price_words import money
from runway_core.ui.services import get_studio
from runway_core.ui.words import lasting

_LINES = 6
"""More of them can't be told apart."""
_FAR = 10
"""Seconds that are drawn at least, where there are models that make them."""
_BARS = 24
"""More of them can't be read; then one stands for several."""
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_FRAME, _BAR = 56, 22
"""Pixels of height around the bars, and for each bar."""


def cost_chart(asked: Question, shown: Sequence[Offer]) -> None:
    """Draw what one costs by its length, for the first offers.

    Raises:
        StorageError: the database can't be read.
    """
    priced = [offer for offer in shown if offer.total.is_known and not offer.practice]
    # A model that makes far longer ones than are asked for would press all other lines to the ground.
    far = max(_FAR, 2 * asked.wish.duration)
    lengths = [length for length in asked.lengths if length <= far]
    if len(lengths) < 2 or not priced:
        return
    found = get_studio().pricing.curves(asked.wish, priced[:_LINES], lengths)
    if not found:
        return
    st.subheader(_("Cost by length"), anchor=False)
    st.echarts_chart(
        _lines(found), height=320, key="pricing.chart", alt=_lines_in_words(found, asked)
    )
    says = [_("The price of one. Where it is a range, a dashed line shows the least.")]
    if len(priced) > _LINES:
        says.append(_("The first {n} offers are shown.").format(n=_LINES))
    st.caption(" ".join(says))


def _lines(found: Sequence[Curve]) -> dict[str, Any]:
    unit = "US$" if found[0].unit == "USD" else found[0].unit
    series = []
    for curve in found:
        name = f"{curve.title} · {curve.connection}"
        high = [[point.seconds, _drawn(point.high)] for point in curve.points]
        low = [[point.seconds, _drawn(point.low)] for point in curve.points]
        line = {"type": "line", "name": name, "symbolSize": 5}
        series.append({**line, "data": high})
        if low != high:
            dashed = {
                "lineStyle": {"type": "dashed"},
                "name": _("{name}, at least").format(name=name),
            }
            series.append({**line, **dashed, "data": low})
    return {
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 56, "containLabel": True},
        "legend": {"type": "scroll", "bottom": 0},
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "value",
            "min": "dataMin",
            "max": "dataMax",
            "minInterval": 1,
            "name": "s",
        },
        "yAxis": {"type": "value", "min": 0, "name": unit},
        "series": series,
    }


def _lines_in_words(found: Sequence[Curve], asked: Question) -> str:
    """What the chart shows, for those who don't see it: each line's ends."""
    said = []
    for curve in found:
        first, last = curve.points[0], curve.points[-1]
        says = _("{name}: {low} for {short} s, {high} for {long} s")
        said.append(
            says.format(
                name=f"{curve.title}, {curve.connection}",
                low=_amount(first.high, curve),
                short=first.seconds,
                high=_amount(last.high, curve),
                long=last.seconds,
            )
        )
    return _("Cost of one by its length. {lines}.").format(lines="; ".join(said))


def _amount(value: Decimal, curve: Curve) -> str:
    return money(value, curve.unit) if curve.in_money else f"{value:f} {curve.unit}"


def _drawn(value: Decimal) -> float:
    """A place on the screen, for which a binary fraction will do."""
    return float(value)


def timeline(table: Timetable) -> None:
    """Draw when the videos are sent and finished."""
    bars = _bars(table)
    step, unit = _scale(table.ends)
    st.echarts_chart(
        _gantt(bars, step, unit),
        height=_FRAME + _BAR * len(bars),
        key="pricing.timeline",
        alt=_("When videos are sent and finished. {lines}.").format(
            lines="; ".join(_bar_in_words(bar) for bar in bars)
        ),
    )
    st.caption(_("From now on, in {unit}.").format(unit=unit))


_Bar = tuple[int, int, timedelta, timedelta]
"""First and last video, when the first is sent, and when the last is finished."""


def _bars(table: Timetable) -> list[_Bar]:
    """Each video by itself, or the videos of each wave, or as many together as there is room for."""
    if len(table.runs) <= _BARS:
        return [(run.number, run.number, run.starts, run.ends) for run in table.runs]
    if 1 < len(table.waves) <= _BARS:
        return [(wave.first, wave.last, wave.starts, wave.ends) for wave in table.waves]
    in_turn = sorted(table.runs, key=lambda run: run.starts)
    size = -(-len(in_turn) // _BARS)
    parts = [in_turn[begin : begin + size] for begin in range(0, len(in_turn), size)]
    return [
        (n * size + 1, n * size + len(part), part[0].starts, max(run.ends for run in part))
        for n, part in enumerate(parts)
    ]


def _scale(ends: timedelta) -> tuple[timedelta, str]:
    if ends < 3 * _HOUR:
        return _MINUTE, _("minutes")
    if ends < 4 * _DAY:
        return _HOUR, _("hours")
    return _DAY, _("days")


def _gantt(bars: Sequence[_Bar], step: timedelta, unit: str) -> dict[str, Any]:
    bar = {"type": "bar", "stack": "videos", "barCategoryGap": "30%"}
    before = [round(begin / step, 3) for _first, _last, begin, _end in bars]
    during = [
        {"value": round((end - begin) / step, 3), "name": _bar_in_words((first, last, begin, end))}
        for first, last, begin, end in bars
    ]
    return {
        "grid": {"left": 8, "right": 24, "top": 8, "bottom": 28, "containLabel": True},
        "tooltip": {"trigger": "item", "formatter": "{b}"},
        "xAxis": {"type": "value", "min": 0, "name": ""},
        "yAxis": {"type": "category", "inverse": True, "data": [_numbers(b) for b in bars]},
        "series": [
            {**bar, "data": before, "silent": True, "itemStyle": {"color": "transparent"}},
            {**bar, "data": during, "itemStyle": {"borderRadius": 3}},
        ],
    }


def _numbers(bar: _Bar) -> str:
    first, last, *_times = bar
    return str(first) if first == last else f"{first}–{last}"


def _bar_in_words(bar: _Bar) -> str:
    first, last, begin, end = bar
    says = ngettext(
        "Video {numbers}: sent after {begin}, finished after {end}",
        "Videos {numbers}: sent from {begin} on, finished after {end}",
        last - first + 1,
    )
    return says.format(numbers=_numbers(bar), begin=lasting(begin), end=lasting(end))
