"""The same wish four times, each with a seed of its own: the price of all four first, then one click."""

from __future__ import annotations

import hashlib

import streamlit as st

from runway_core.domain import Estimate
from runway_core.errors import InvalidInputError
from runway_core.language import _, ngettext
from runway_core.pricing import refusal
from runway_core.ui import errors
from runway_core.ui.budgets import before_the_click
from runway_core.ui.choosing import Filled
from runway_core.ui.compare_link import compare_button
from runway_core.ui.dialogs import end_when_closed
from runway_core.ui.form import Form
from runway_core.ui.send_several import Wanted, send, total, total_words
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain, price

COUNT = 4
_ROUND = "create.samples.round"
_REFUSED = "create.samples.refused"


def seeds_of(form: Form, *, most: int, round_: int = 0) -> tuple[int, ...]:
    """The seeds of a draft, the same whenever it is asked: a second click asks for no other four."""
    texts = (f"{form.draft_id}/{form.serial}/{round_}/{number}" for number in range(COUNT))
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return tuple(int.from_bytes(digest[:8]) % (most + 1) for digest in digests)


def samples_window(filled: Filled) -> None:
    """Draw the four, what they cost together, and the click that asks for them."""
    end_when_closed()
    wanted = _wanted(filled)
    sent = [get_studio().tasks.by_token(one.token) for one in wanted]
    ids = [task.id for task in sent if task is not None]
    if len(ids) == len(wanted):
        _made(filled, ids)
        return
    left = [one for one, task in zip(wanted, sent, strict=True) if task is None]
    each = price(left[0].estimate, free=left[0].free)
    st.markdown(
        _("{n} videos of the form as it is now, each with its own seed.").format(n=len(left))
    )
    st.markdown(total_words(left))
    st.caption(plain(_("Each: {price}. Seeds: {seeds}.").format(price=each, seeds=_seeds(left))))
    problems = _in_the_way(filled, left)
    label = ngettext("Make {n} video", "Make {n} videos", len(left)).format(n=len(left))
    st.button(
        label,
        key=f"create.samples.sure.{_round(filled.form)}",
        type="primary",
        icon=":material/movie_edit:",
        disabled=problems,
        on_click=_make,
        args=(left,),
    )
    if error := st.session_state.pop(_REFUSED, None):
        errors.show(error)


def _wanted(filled: Filled) -> list[Wanted]:
    form, tasks = filled.form, get_studio().tasks
    found = []
    for seed in seeds_of(form, most=filled.spec.seed_max, round_=_round(form)):
        request = form.model_copy(update={"seed": seed}).request(filled.spec, filled.profile)
        found.append(
            Wanted(
                connection=filled.connection,
                request=request,
                token=form.token(request),
                estimate=tasks.estimate(filled.connection, filled.spec, tasks.asked(request)),
                free=filled.profile.kind == "sandbox",
            )
        )
    return found


def _seeds(wanted: list[Wanted]) -> str:
    return ", ".join(str(one.request.seed) for one in wanted)


def _in_the_way(filled: Filled, wanted: list[Wanted]) -> bool:
    """Say what has to be mended before; whether there is anything."""
    all_four: Estimate = total([one.estimate for one in wanted])
    outlooks = get_studio().budgets.outlooks(filled.connection, all_four)
    before_the_click(outlooks, all_four, filled.connection)
    problems = [p for o in outlooks if o.refused for p in refusal(o, all_four).problems]
    try:
        get_studio().tasks.check(wanted[0].request, filled.connection)
    except InvalidInputError as error:
        problems += error.problems
    for problem in problems:
        errors.red_line(errors.one_problem(problem))
    return bool(problems)


def _made(filled: Filled, ids: list[str]) -> None:
    st.success(
        _("All {n} are on their way or made. Nothing is paid twice.").format(n=len(ids)),
        icon=":material/check_circle:",
    )
    with st.container(horizontal=True):
        compare_button(ids)
        st.button(
            _("Four more"),
            key="create.samples.more",
            icon=":material/casino:",
            on_click=_next_round,
            args=(filled.form,),
        )


def _round(form: Form) -> int:
    draft, number = st.session_state.get(_ROUND, ("", 0))
    return int(number) if draft == form.draft_id else 0


def _next_round(form: Form) -> None:
    st.session_state[_ROUND] = (form.draft_id, _round(form) + 1)


def _make(wanted: list[Wanted]) -> None:
    """Record what is still to be asked for: one write each, keyed by its own token."""
    _tasks, error = send(wanted)
    if error is not None:
        st.session_state[_REFUSED] = error
