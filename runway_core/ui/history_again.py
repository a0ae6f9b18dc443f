"""Asks for the chosen videos once more: what each costs and all together, then one click."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal

import streamlit as st

from runway_core.domain import Estimate
from runway_core.language import _, ngettext, number, translated
from runway_core.studio.repeating import MOST, Repeat
from runway_core.ui.services import get_studio
from runway_core.ui.words import amount, plain, short

_PLAN = "history.again"
"""For which videos it is asked, and the token by which they are asked for once, however often it is clicked."""
_PROBLEMS = "history.again.problems"


def again(ids: list[str], done: Callable[[str], None]) -> None:
    """Draw the prices and the one button; `done` is told what was asked for.

    Raises:
        StorageError: the database can't be read.
    """
    if len(ids) > MOST:
        st.caption(_("At most {most} at once: choose fewer.").format(most=MOST))
        return
    wanted = get_studio().repeating.priced(ids)
    can = [repeat for repeat in wanted if not repeat.problem]
    for repeat in wanted:
        if repeat.problem:
            name = plain(short(repeat.task.request.prompt, 60) or repeat.task.id[:8])
            st.caption(f":orange[:material/info:] {name}: {plain(translated(repeat.problem))}")
    if not can:
        st.markdown(_("None of them can be made again."))
        return
    token = _token([repeat.task.id for repeat in can])
    _problems()
    st.markdown(
        ngettext(
            "**Make {n} video again, with the same settings and seed?** {price}",
            "**Make {n} videos again, with the same settings and seeds?** {price}",
            len(can),
        ).format(n=number(len(can)), price=plain(total(can)))
    )
    st.button(
        ngettext("Make {n} video", "Make {n} videos", len(can)).format(n=number(len(can))),
        key="history.again.sure",
        type="primary",
        on_click=_submit,
        args=([repeat.task.id for repeat in can], token, done),
    )


def total(wanted: list[Repeat]) -> str:
    """What all of them should cost, each unit by itself; says how many have no price."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    unknown = free = 0
    for repeat in wanted:
        found = repeat.estimate or Estimate(low=None, high=None, unit="")
        if repeat.task.profile == "sandbox":
            free += 1
        elif found.low is None or found.high is None:
            unknown += 1
        else:
            low, high = sums.get(found.unit, (Decimal(), Decimal()))
            sums[found.unit] = (low + found.low, high + found.high)
    parts = [_span(low, high, unit) for unit, (low, high) in sums.items()]
    if free == len(wanted):
        return _("Free: this is practice.")
    if free:
        parts.append(ngettext("{n} free", "{n} free", free).format(n=number(free)))
    if unknown:
        told = ngettext("{n} at a price not known", "{n} at prices not known", unknown)
        parts.append(told.format(n=number(unknown)))
    return _("In all: {prices}.").format(prices=" + ".join(parts))


def _span(low: Decimal, high: Decimal, unit: str) -> str:
    most = amount(high, unit)
    return most if low == high else f"{amount(low, '')}–{most}"


def _token(ids: list[str]) -> str:
    known: tuple[list[str], str] | None = st.session_state.get(_PLAN)
    if known is None or known[0] != ids:
        known = (ids, uuid.uuid4().hex)
        st.session_state[_PLAN] = known
        st.session_state[_PROBLEMS] = []
    return known[1]


def _submit(ids: list[str], token: str, done: Callable[[str], None]) -> None:
    results = get_studio().repeating.submit(ids, token)
    made = sum(1 for result in results if result.made)
    st.session_state[_PROBLEMS] = [
        (short(r.task.request.prompt, 60) or r.task.id[:8], r.problem) for r in results if r.problem
    ]
    if made == len(results):
        st.session_state.pop(_PLAN, None)
        told = ngettext("{n} video asked for", "{n} videos asked for", made)
        done(told.format(n=number(made)))


def _problems() -> None:
    """What was not asked for at the last click, and why; a second click asks for those alone."""
    for name, problem in st.session_state.get(_PROBLEMS, []):
        st.error(f"{plain(name)}: {plain(problem)}", icon=":material/error:")
