"""The price, the Generate button and what stands in its way."""

from __future__ import annotations

import streamlit as st

from runway_core.catalog import Notice
from runway_core.domain import Estimate, GenerationRequest, Task
from runway_core.errors import DeskError, InvalidInputError
from runway_core.ui import errors, places
from runway_core.ui.create_form import Filled
from runway_core.ui.drafts import gathered, make_another, start_over
from runway_core.ui.services import engine_running, get_studio
from runway_core.ui.words import amount, field, plain, price

_ERROR = "create.error"
_SHOWN_AT_FIELD = ("ratio", "duration", "frames.first", "frames.last")
"""Fields that show their own disputes."""


def generate_bar(filled: Filled) -> None:
    """Draw the bar under the form.

    Raises:
        StorageError: the database can't be read.
    """
    request = filled.form.request(filled.spec)
    token = filled.form.token(request)
    sent = get_studio().tasks.by_token(token)
    problems, notices = _checked(filled, request)
    with st.container(border=True, key="create.bar"):
        _price(filled)
        st.button(
            "Generate",
            key="create.generate",
            type="primary",
            icon=":material/movie_edit:",
            width="stretch",
            disabled=bool(problems or sent),
            on_click=_submit,
        )
        _what_is_in_the_way(problems, sent)
        for notice in notices:
            if notice.field not in _SHOWN_AT_FIELD and not filled.spec.retired:
                st.caption(f":orange[:material/info:] {plain(notice.message)}")
        _sent_or_refused(token, sent)
    _again(sent)


def _checked(
    filled: Filled, request: GenerationRequest
) -> tuple[tuple[str, ...], tuple[Notice, ...]]:
    connection, problems = filled.connection, []
    if connection.profile != "sandbox" and not connection.key_hint:
        problems.append(f"**{field('connection')}** {plain(connection.name)} has no API key yet.")
    try:
        return tuple(problems), get_studio().tasks.check(request, connection)
    except InvalidInputError as error:
        return (*problems, *(errors.one_problem(problem) for problem in error.problems)), ()


def _price(filled: Filled) -> None:
    estimate = get_studio().tasks.estimate(
        filled.connection,
        model=filled.spec.id,
        capability=filled.spec.capability,
        duration=filled.form.duration,
    )
    free = filled.profile.kind == "sandbox"
    with st.container(gap=None):
        st.markdown(f"**{plain(price(estimate, free=free))}** · {filled.form.duration} s")
        st.caption(_where_from(estimate, free=free))
    if not free and not estimate.is_known:
        st.page_link(places.SETTINGS, label="Enter the price", icon=":material/sell:")


def _where_from(estimate: Estimate, *, free: bool) -> str:
    if free:
        worth = (
            "" if estimate.high is None else f" At Runway: {amount(estimate.high, estimate.unit)}."
        )
        return f"Practice, made on this computer.{worth}"
    if not estimate.is_known:
        return plain(estimate.source)
    day = f", {estimate.as_of}" if estimate.as_of else ""
    return plain(f"{estimate.source[0].upper()}{estimate.source[1:]}{day}")


def _what_is_in_the_way(problems: tuple[str, ...], sent: Task | None) -> None:
    if sent is not None:
        st.caption(
            ":material/check_circle: **Sent** – change something, or make another.", width="stretch"
        )
    elif problems:
        listed = "\n".join(f"- {problem}" for problem in problems)
        st.markdown(f"Before you can generate:\n{listed}")


def _sent_or_refused(token: str, sent: Task | None) -> None:
    found = st.session_state.get(_ERROR)
    if found and found[0] == token and sent is None:
        errors.show(found[1])
    if sent is not None and sent.is_open and not engine_running():
        st.caption(
            ":orange[:material/pause_circle:] Recorded. It is sent as soon as the app's engine runs."
        )


def _again(sent: Task | None) -> None:
    with st.container(horizontal=True):
        if sent is not None:
            st.button(
                "Make another like this",
                key="create.another",
                icon=":material/content_copy:",
                on_click=make_another,
            )
        st.button(
            "New video",
            key="create.new",
            icon=":material/restart_alt:",
            type="tertiary",
            on_click=start_over,
        )


def _submit() -> None:
    """Record what the form says now: one write keyed by the draft's token, and nothing else."""
    form = gathered()
    token = ""
    try:
        connection = get_studio().connections.get(form.connection_id)
        spec = get_studio().tasks.spec(connection, form.model, form.capability)
        request = form.request(spec)
        token = form.token(request)
        get_studio().tasks.submit(request, connection=connection, token=token)
        st.session_state.pop(_ERROR, None)
    except DeskError as error:
        st.session_state[_ERROR] = (token, error)
