"""How well connections have served: a board from own history."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import streamlit as st

from runway_core.language import N_, _, number, translated
from runway_core.store import CellQuery
from runway_core.studio.spending import Score
from runway_core.ui.clock import zone
from runway_core.ui.price_words import money
from runway_core.ui.services import get_studio
from runway_core.ui.spend_table import table
from runway_core.ui.spend_words import NONE, a_second, finely
from runway_core.ui.words import lasting, moment, plain, short

_COLUMNS = (
    N_("Connection"),
    N_("Model"),
    N_("Succeeded"),
    N_("Failed"),
    N_("Success"),
    N_("Usual wait"),
    N_("9 of 10 within"),
    N_("Per finished second"),
    N_("Last failure"),
)
_MOST = 30
"""Rows that are shown; the most used come first."""


def scoreboard(query: CellQuery, currency: str) -> None:
    """Draw the board.

    Raises:
        StorageError: the database can't be read.
    """
    scores = get_studio().spending.scoreboard(query)
    if not scores:
        return
    st.subheader(_("How connections have served"), anchor=False)
    head = [_(label) for label in _COLUMNS]
    table(head, [_row(score, currency) for score in scores[:_MOST]], left=2)
    st.caption(
        _(
            "Waits are those of the newest {n} finished videos: from being taken on to being seen finished. "
            "Cancelled videos count neither as succeeded nor as failed."
        ).format(n=200)
    )


def _row(score: Score, currency: str) -> tuple[str, ...]:
    cells = (
        score.connection or _("A removed connection"),
        score.model or _("not known"),
        number(score.succeeded),
        number(score.failed),
        _share(score.success_rate),
        _wait(score.median_wait),
        _wait(score.slow_wait),
        _second(score, currency),
        _failure(score),
    )
    return tuple(plain(cell) for cell in cells)


def _share(rate: Decimal | None) -> str:
    if rate is None:
        return NONE
    return f"{number((rate * 100).quantize(Decimal(1)))} %"


def _wait(wait: timedelta | None) -> str:
    return NONE if wait is None else lasting(wait)


def _second(score: Score, currency: str) -> str:
    own = a_second(score.spent)
    if score.told_per_second is None or own == NONE:
        return own
    return f"{own} · {money(finely(score.told_per_second), currency)}"


def _failure(score: Score) -> str:
    if score.last_failure is None:
        return NONE
    at, code, words = score.last_failure
    said = translated(words) or code
    return f"{moment(at, zone())}: {short(said, 36)}" if said else moment(at, zone())
