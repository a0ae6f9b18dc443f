"""What videos cost with each connection and model, as far as anybody published it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from runway_core.catalog import ModelSpec, catalog
from runway_core.domain import Connection, Estimate
from runway_core.pricing import Asked
from runway_core.ui.services import get_studio
from runway_core.ui.words import amount, dollars, model_label, plain

LENGTHS = sorted({d for p in catalog().profiles for s in p.specs for d in s.offered_durations()})
"""Seconds that any model in the catalogue makes."""
_USD = 4
"""Place of the US$ column."""


@dataclass(frozen=True)
class Question:
    """What to price."""

    models: tuple[str, ...]
    """Labels of models; empty means all."""
    duration: int
    count: int


def price_questions() -> Question:
    """Draw the three inputs."""
    labels = sorted({model_label(spec) for _, spec in _offers()})
    models = st.multiselect("Models", labels, placeholder="All models", key="pricing.models")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        duration = st.select_slider(
            "Length of each video",
            LENGTHS,
            value=5,
            format_func=lambda seconds: f"{seconds} s",
            key="pricing.duration",
            width=320,
        )
        count = st.number_input("Number of videos", 1, 10_000, 1, key="pricing.count", width=160)
    return Question(tuple(models), duration, int(count))


def price_table(asked: Question) -> None:
    """Draw one row for each connection and model.

    Raises:
        StorageError: the database can't be read.
    """
    rows = [
        _row(connection, spec, asked)
        for connection, spec in _offers()
        if not asked.models or model_label(spec) in asked.models
    ]
    if not rows:
        st.info("No connection offers these models.", icon=":material/search_off:")
        return
    total = "Total" if asked.count == 1 else f"{asked.count} videos"
    head = (
        "Connection",
        "Model",
        f"One video of {asked.duration} s",
        total,
        "US$",
        "Where the price is from",
    )
    rule = ("---", "---", "---:", "---:", "---:", "---")
    lines = [head, rule, *rows]
    if all(row[_USD] == "–" for row in rows):
        lines = [(*line[:_USD], *line[_USD + 1 :]) for line in lines]
    with st.container(horizontal=True, wrap=False):  # a phone scrolls the table, not the page
        st.markdown("\n".join("| " + " | ".join(line) + " |" for line in lines), width="content")


def _offers() -> list[tuple[Connection, ModelSpec]]:
    connections = get_studio().connections
    return [(c, spec) for c in connections.all() for spec in connections.profile(c).specs]


def _row(connection: Connection, spec: ModelSpec, asked: Question) -> tuple[str, ...]:
    names = (plain(connection.name), plain(model_label(spec)))
    if asked.duration not in spec.offered_durations():
        made = " or ".join(map(str, spec.durations))
        return (*names, "–", "–", "–", f"It makes {made} s only.")
    one = _estimate(connection, spec, asked.duration, 1)
    if one.high is None:
        return (*names, "not known", "not known", "–", "Not published: enter it in Settings.")
    every = _estimate(connection, spec, asked.duration, asked.count)
    if connection.profile == "sandbox":
        return (*names, "free", "free", "–", "Practice")
    usd = "–" if every.usd_high is None else dollars(every.usd_high)
    day = f", {every.as_of}" if every.as_of else ""
    source = plain(f"{_sentence(every.source)}{day}")
    total = amount(every.high or one.high, every.unit)
    return (*names, plain(amount(one.high, one.unit)), plain(total), usd, source)


def _sentence(source: str) -> str:
    """With a capital first letter, unless it begins with a web address."""
    first = source.split(" ", 1)[0]
    return source if "." in first or "/" in first else source[:1].upper() + source[1:]


def _estimate(connection: Connection, spec: ModelSpec, duration: int, count: int) -> Estimate:
    asked = Asked(duration=duration, ratio=next(iter(spec.ratios), ""))
    return get_studio().tasks.estimate(connection, spec, asked, count=count)
