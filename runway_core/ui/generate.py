"""The price, the Generate button and what stands in its way."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from runway_core.catalog import Notice
from runway_core.domain import Connection, Estimate, GenerationRequest, Task, TaskStatus
from runway_core.errors import DeskError, InvalidInputError, Problem
from runway_core.language import _, translated
from runway_core.pricing import Outlook, refusal
from runway_core.ui import errors
from runway_core.ui.budgets import before_the_click
from runway_core.ui.choosing import Filled
from runway_core.ui.dialogs import asked
from runway_core.ui.drafts import gathered, make_another, start_over
from runway_core.ui.leads import EDIT
from runway_core.ui.notes import note
from runway_core.ui.rights import to_settings
from runway_core.ui.services import engine_running, get_studio
from runway_core.ui.unbroken import unbroken
from runway_core.ui.words import amounts, field, plain, price, sentence, shape

_ERROR = "create.error"
_SHOWN_AT_FIELD = ("ratio", "duration", "frames.first", "frames.last")
"""Fields that show their own disputes."""


def generate_bar(filled: Filled) -> None:
    """Draw the bar under the form.

    Raises:
        StorageError: the database can't be read.
    """
    request = filled.form.request(filled.spec, filled.profile)
    token = filled.form.token(request)
    sent = get_studio().tasks.by_token(token)
    problems, notices = _checked(filled, request)
    estimate = _estimate(filled, request)
    # What was sent is in the budgets already.
    budgets = get_studio().budgets.outlooks(filled.connection, None if sent else estimate)
    if sent is None:
        problems += tuple(problem for found in budgets for problem in _refused(found, estimate))
    # What is being typed reaches us only when the field is left, so the click itself must count: a
    # prompt is checked then, and a draft that was sent stays one task however often it is clicked.
    in_the_way = any(problem.field != "prompt" for problem in problems)
    with st.container(border=True, key="create.bar"):
        _price(filled, request, estimate)
        if sent is None:
            before_the_click(budgets, estimate, filled.connection)
        st.button(
            _("Generate"),
            key="create.generate",
            type="primary",
            icon=":material/movie_edit:",
            width="stretch",
            disabled=in_the_way,
            shortcut=_keys(),
            on_click=_submit,
        )
        _what_is_in_the_way(problems, sent)
        for notice in notices:
            if notice.field not in _SHOWN_AT_FIELD and not filled.spec.retired:
                note(plain(translated(notice.message)))
        _sent_or_refused(token, sent)
        if filled.connection.paused:
            _paused(filled.connection)
    _again(sent)


def _keys() -> str | None:
    """The keys that are the button; none while a window is open, as what is typed there is not for the form."""
    return None if asked()[0] else "Mod+Enter"


def _checked(
    filled: Filled, request: GenerationRequest
) -> tuple[tuple[Problem, ...], tuple[Notice, ...]]:
    connection, problems = filled.connection, []
    if connection.profile != "sandbox" and not connection.key_hint:
        problems.append(
            Problem("connection", _("{name} has no API key yet.").format(name=connection.name))
        )
    try:
        return tuple(problems), get_studio().tasks.check(request, connection)
    except InvalidInputError as error:
        return (*problems, *error.problems), ()


def _estimate(filled: Filled, request: GenerationRequest) -> Estimate:
    tasks = get_studio().tasks
    return tasks.estimate(filled.connection, filled.spec, tasks.asked(request))


def _refused(found: Outlook, estimate: Estimate) -> tuple[Problem, ...]:
    return refusal(found, estimate).problems if found.refused else ()


def _price(filled: Filled, request: GenerationRequest, estimate: Estimate) -> None:
    free = filled.profile.kind == "sandbox"
    length = " · " + _("{n} s").format(n=request.duration) if request.duration else ""
    with st.container(gap=None):
        st.markdown(f"**{plain(price(estimate, free=free))}**{length}")
        st.caption(plain(_what_is_sent(filled, request)))
        st.caption(_where_from(estimate, free=free))
        if estimate.low != estimate.high and not free and _measures(filled, request):
            st.caption(_("It depends on the length of your video, which is not known yet."))
    if not free and not estimate.is_known and request.duration:
        to_settings(
            _("Enter the price"),
            ask=_("enter the price"),
            icon=":material/sell:",
            query={EDIT: filled.connection.id},
        )


def _measures(filled: Filled, request: GenerationRequest) -> bool:
    """Whether the price hangs on a video whose length nobody here knows."""
    return not request.duration and get_studio().tasks.asked(request).video_seconds is None


def _where_from(estimate: Estimate, *, free: bool) -> str:
    if free:
        worth = (
            _(" At Runway: {amounts}.").format(amounts=amounts(estimate))
            if estimate.is_known
            else ""
        )
        return _("Practice, made on this computer.{worth}").format(worth=worth)
    if not estimate.is_known:
        return plain(translated(estimate.source))
    day = f", {estimate.as_of}" if estimate.as_of else ""
    return plain(f"{sentence(translated(estimate.source))}{day}")


def _what_is_sent(filled: Filled, request: GenerationRequest) -> str:
    """The paid thing in one line, so that no forgotten file goes along unseen."""
    sent = [field(f"frames.{frame.position}").lower() for frame in request.frames]
    for role, count in Counter(medium.role for medium in request.media).items():
        medium = filled.spec.medium(role)
        title = translated(medium.title if medium else role.value).lower()
        sent.append(title if count == 1 else f"{count} × {title}")
    alone = _("words only") if request.prompt.strip() else _("nothing yet")
    source = _(" and ").join(sent) if sent else alone
    return " · ".join(filter(None, (filled.spec.title, source, shape(request.ratio))))


def _what_is_in_the_way(problems: tuple[Problem, ...], sent: Task | None) -> None:
    if sent is not None:
        icon, words = _sent_words(sent)
        st.caption(
            f"{icon} **{words}** – " + _("change something, or make another."),
            width="stretch",
        )
    elif problems:
        listed = "\n".join(f"- {errors.one_problem(problem)}" for problem in problems)
        st.markdown(_("Before you can generate:\n{listed}").format(listed=listed))


def _sent_words(task: Task) -> tuple[str, str]:
    if task.status is TaskStatus.UNCERTAIN:
        return ":material/help:", _("Sent, but no answer came: open it to decide")
    if task.status is TaskStatus.FAILED and not task.remote_id:
        return ":material/error:", _("Not made, nothing was charged")
    if task.status is TaskStatus.FAILED:
        return ":material/error:", _("This one failed")
    if task.status is TaskStatus.CANCELLED:
        return ":material/block:", _("This one was cancelled")
    if task.is_open:
        return ":material/schedule:", _("On its way")
    return ":material/check_circle:", _("Ready")


def _sent_or_refused(token: str, sent: Task | None) -> None:
    found = st.session_state.get(_ERROR)
    if found and found[0] == token and sent is None:
        errors.show(found[1])
    if sent is not None and sent.is_open and not engine_running():
        note(_("Recorded. It is sent as soon as the app's engine runs."), icon="pause_circle")


def _paused(connection: Connection) -> None:
    name, why = plain(connection.name), plain(translated(connection.paused))
    note(
        _("{name} is paused: what you ask for waits. {why}").format(name=name, why=why),
        icon="pause_circle",
    )
    to_settings(_("Look at the connection"), ask=_("look at it"), icon=":material/settings:")


def _again(sent: Task | None) -> None:
    with st.container(horizontal=True):
        if sent is not None:
            st.button(
                _("Make another like this"),
                key="create.another",
                icon=":material/content_copy:",
                on_click=make_another,
            )
        st.button(
            _("New video"),
            key="create.new",
            icon=":material/restart_alt:",
            type="tertiary",
            on_click=start_over,
        )


@unbroken()
def _submit() -> None:
    """Record what the form says now: one write keyed by the draft's token, and nothing else."""
    token = ""
    try:
        studio, form = get_studio(), gathered()
        connection = studio.connections.get(form.connection_id)
        spec = studio.tasks.spec(connection, form.model, form.capability)
        request = form.request(spec, studio.connections.profile(connection))
        token = form.token(request)
        studio.tasks.submit(request, connection=connection, token=token)
        st.session_state.pop(_ERROR, None)
    except DeskError as error:
        st.session_state[_ERROR] = (token, error)
