"""What was spent each day, as bars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import streamlit as st

from runway_core.language import N_, _
from runway_core.studio.spending import Group, Report
from runway_core.ui.price_words import money
from runway_core.ui.spend_words import day_words
from runway_core.ui.words import amount, plain

_PARTS = {
    "confirmed": N_("Told by the provider"),
    "assumed": N_("Assumed"),
    "reserved": N_("Held"),
}
_LEAST = 2
"""Days that are worth a chart."""
_COLOURS = {"confirmed": "#168472", "assumed": "#c98500", "reserved": "#7d8a85"}
"""Each at least 3:1 from the page, light and dark."""
Parts = dict[str, Decimal]


class _Measure(NamedTuple):
    """In what the chart is drawn."""

    title: str
    says: Callable[[Decimal], str]
    of: Callable[[Group], Parts | None]


def spend_chart(report: Report) -> None:
    """Draw the days of a time; in the reporting currency if anything can be told in it."""
    measure = _measure(report)
    days = _days(report, measure)
    if len(days) < _LEAST or not any(sum(parts.values()) for parts in days.values()):
        return
    st.subheader(_("By day, in {unit}").format(unit=plain(measure.title)), anchor=False)
    st.echarts_chart(_bars(days), height=280, key="spend.chart", alt=_in_words(days, measure))
    if any(measure.of(group) is None for group in report.days):
        st.caption(_("What can't be told in this unit is not in the chart; the table has it."))


def _measure(report: Report) -> _Measure:
    currency = report.currency
    if report.told.total or not report.whole:
        return _Measure(currency, lambda value: money(value, currency), _in_currency)
    first = report.whole[0]  # nobody said what any unit is worth
    unit, provider = first.spent.unit, first.provider

    def own(group: Group) -> Parts | None:
        same = (group.provider, group.spent.unit) == (provider, unit)
        return {part: getattr(group.spent, part) for part in _PARTS} if same else None

    title = f"{amount(Decimal(2), unit).partition(' ')[2]} ({provider})"
    return _Measure(title, lambda value: amount(value, unit), own)


def _in_currency(group: Group) -> Parts | None:
    if not group.told.known:
        return None
    return {part: getattr(group.told, part) for part in _PARTS}


def _days(report: Report, measure: _Measure) -> dict[date, Parts]:
    """Each day from the first to the last that has any, also those between that have none."""
    found: dict[date, Parts] = defaultdict(lambda: dict.fromkeys(_PARTS, Decimal(0)))
    for group in report.days:
        for part, value in (measure.of(group) or {}).items():
            found[date.fromisoformat(group.key)][part] += value
    if not found:
        return {}
    first, last = min(found), max(found)
    return {
        first + timedelta(days=n): found[first + timedelta(days=n)]
        for n in range((last - first).days + 1)
    }


def _bars(days: dict[date, Parts]) -> dict[str, Any]:
    series = [
        {
            "type": "bar",
            "stack": "spent",
            "name": _(label),
            "itemStyle": {"color": _COLOURS[part]},
            "barMaxWidth": 40,
            "data": [_drawn(parts[part]) for parts in days.values()],
        }
        for part, label in _PARTS.items()
        if any(parts[part] for parts in days.values())
    ]
    return {
        "grid": {"left": 8, "right": 12, "top": 16, "bottom": 44, "containLabel": True},
        "legend": {"bottom": 0, "type": "scroll"},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "category", "data": [day_words(day) for day in days]},
        "yAxis": {"type": "value", "min": 0},
        "series": series,
    }


def _drawn(value: Decimal) -> float:
    """A place on the screen, for which a binary fraction will do."""
    return float(round(value, 4))


def _in_words(days: dict[date, Parts], measure: _Measure) -> str:
    """What the chart shows, for those who don't see it."""
    sums = {day: sum(parts.values(), Decimal(0)) for day, parts in days.items()}
    most = max(sums, key=lambda day: sums[day])
    says = _("{total} from {first} to {last}; the most on {day}: {most}.")
    return says.format(
        total=measure.says(sum(sums.values(), Decimal(0))),
        first=day_words(min(sums)),
        last=day_words(max(sums)),
        day=day_words(most),
        most=measure.says(sums[most]),
    )
