"""What each connection and model costs, as far as anybody published it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from runway_core.catalog import ModelSpec
from runway_core.domain import Capability, Connection, Estimate
from runway_core.pricing import Asked
from runway_core.ui.services import get_studio
from runway_core.ui.words import (
    CAPABILITIES,
    amounts,
    capability,
    dollar_range,
    model_label,
    plain,
    sentence,
    spans,
)

_USD = 4
"""Place of the US$ column."""
_COUNT_MAX = 10_000


@dataclass(frozen=True)
class Question:
    """What to price."""

    wanted: Capability
    models: tuple[str, ...]
    """Labels of models; empty means all."""
    duration: int
    """Seconds; 0 where no model has a length to choose."""
    count: int


def price_questions() -> Question | None:
    """Draw the inputs; None when there is no connection."""
    offers = _offers()
    capabilities = [
        wanted for wanted in CAPABILITIES if any(wanted == s.capability for _, s in offers)
    ]
    if not capabilities:
        st.info(
            "There is no connection yet, so there is nothing to price.", icon=":material/link_off:"
        )
        return None
    wanted = st.pills(
        "What to make",
        capabilities,
        format_func=capability,
        default=capabilities[0],
        required=True,
        wrap=True,
        key="pricing.capability",
    )
    wanted = wanted or capabilities[0]
    specs = [spec for _, spec in offers if spec.capability == wanted]
    models = st.multiselect(
        "Models",
        sorted({model_label(spec) for spec in specs}),
        placeholder="All models",
        key=f"pricing.models.{wanted}",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        duration = _length(wanted, specs)
        makes = "pictures" if specs[0].makes == "image" else "videos"
        count = st.number_input(
            f"Number of {makes}", 1, _COUNT_MAX, 1, key="pricing.count", width=160
        )
    return Question(wanted, tuple(models), duration, int(count))


def _length(wanted: Capability, specs: list[ModelSpec]) -> int:
    """Seconds to price: any that one of these models makes."""
    lengths = sorted({d for spec in specs for d in spec.offered_durations()})
    if not lengths:
        return 0
    usual = 5 if 5 in lengths else lengths[0]
    return st.select_slider(
        "Length of each video",
        lengths,
        value=usual,
        format_func=lambda seconds: f"{seconds} s",
        key=f"pricing.duration.{wanted}",
        width=320,
    )


def price_table(asked: Question) -> None:
    """Draw one row for each connection and model.

    Raises:
        StorageError: the database can't be read.
    """
    rows = list(dict.fromkeys(_rows(asked)))
    if not rows:
        st.info("No connection offers these models.", icon=":material/search_off:")
        return
    total = "Total" if asked.count == 1 else f"{asked.count} of them"
    one = f"One video of {asked.duration} s" if asked.duration else "One"
    head = ("Connection", "Model", one, total, "US$", "Where the price is from")
    rule = ("---", "---", "---:", "---:", "---:", "---")
    lines = [head, rule, *rows]
    if all(row[_USD] == "–" for row in rows):
        lines = [(*line[:_USD], *line[_USD + 1 :]) for line in lines]
    with st.container(horizontal=True, wrap=False):  # a phone scrolls the table, not the page
        st.markdown("\n".join("| " + " | ".join(line) + " |" for line in lines), width="content")
    if not asked.duration and asked.wanted is not Capability.TEXT_TO_IMAGE:
        st.caption(
            "The price goes by the length of your video. Create shows it exactly once the video is there."
        )


def _offers() -> list[tuple[Connection, ModelSpec]]:
    connections = get_studio().connections
    return [(c, spec) for c in connections.all() for spec in connections.profile(c).specs]


def _rows(asked: Question) -> Iterator[tuple[str, ...]]:
    for connection, spec in _offers():
        wanted = not asked.models or model_label(spec) in asked.models
        if wanted and spec.capability == asked.wanted:
            yield _row(connection, spec, asked)


def _row(connection: Connection, spec: ModelSpec, asked: Question) -> tuple[str, ...]:
    if connection.profile == "sandbox":
        return (plain(connection.name), "every model", "free", "free", "–", "Practice")
    names = (plain(connection.name), plain(model_label(spec)))
    lengths = spec.offered_durations()
    if lengths and asked.duration not in lengths:
        return (*names, "–", "–", "–", f"It makes {spans(lengths)} s only.")
    duration = asked.duration if lengths else 0
    one = _estimate(connection, spec, duration, 1)
    if one.high is None:
        why = plain(spec.unpriced) or "Not published: enter it in Settings."
        return (*names, "not known", "not known", "–", why)
    every = _estimate(connection, spec, duration, asked.count)
    day = f", {every.as_of}" if every.as_of else ""
    source = plain(f"{sentence(every.source)}{day}")
    usd = "–" if every.usd_high is None else plain(dollar_range(every))
    return (*names, plain(amounts(one)), plain(amounts(every)), usd, source)


def _estimate(connection: Connection, spec: ModelSpec, duration: int, count: int) -> Estimate:
    asked = Asked(duration=duration, ratio=spec.default_ratio or next(iter(spec.ratios), ""))
    return get_studio().tasks.estimate(connection, spec, asked, count=count)
