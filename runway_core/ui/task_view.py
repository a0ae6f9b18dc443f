"""One video in full: player, facts, what happened, what went over the wire, and what can be done."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Artifact, Task, TaskStatus
from runway_core.errors import DeskError
from runway_core.language import _
from runway_core.ui import errors
from runway_core.ui.asked import what_was_sent
from runway_core.ui.cards import download_url, player, poster, progress, state_row, title_of
from runway_core.ui.clock import zone
from runway_core.ui.failure_view import failure, waiting
from runway_core.ui.history_review import review, strip
from runway_core.ui.inspector import wire
from runway_core.ui.opened import close
from runway_core.ui.recovery import recovery_card
from runway_core.ui.reuse import use_again
from runway_core.ui.rights import maker_of, makers, may_change, may_make
from runway_core.ui.services import get_studio
from runway_core.ui.spend_lines import ledger_lines
from runway_core.ui.task_actions import actions, sharing
from runway_core.ui.words import (
    amount,
    capability,
    made_elsewhere,
    moment,
    no_prompt,
    pixels,
    price,
    shape,
    size,
)

_EVERY = 1.0
"""Seconds between looks at the database while the video is being made."""
_RARELY = 5.0
"""The same while nobody knows whether it was: a late answer or call settles it by itself."""


@st.dialog("Video", width=880, on_dismiss=close)
def show_task(task_id: str) -> None:
    """Draw one video over the page; it stays current while it is being made."""
    try:
        task = get_studio().tasks.get(task_id)
    except DeskError as error:
        errors.show(error)
        return
    every = _EVERY if task.is_open else _RARELY if task.status is TaskStatus.UNCERTAIN else None
    st.fragment(_body, run_every=every)(task_id)


def _body(task_id: str) -> None:
    try:
        task = get_studio().tasks.get(task_id)
        state_row(task)
        _outcome(task)
        if task.status is TaskStatus.UNCERTAIN:
            _decide(task)
        st.text(task.request.prompt or no_prompt(task))
        actions(task)
        sharing(task)
        review(task)
        _facts(task)
        _history(task)
        ledger_lines(task)
        wire(task)
    except DeskError as error:
        errors.show(error)


def _decide(task: Task) -> None:
    if may_change(task):
        recovery_card(task)
    else:
        st.info(
            _("It was sent, but no answer came. Whoever made it, or an admin, has to decide."),
            icon=":material/help:",
        )


def _outcome(task: Task) -> None:
    if task.artifacts:
        player(task)
        strip(task)
        _files(task)
        return
    if task.is_open:
        poster(task)
    if task.status is TaskStatus.FAILED:
        failure(task)
    elif task.status is not TaskStatus.UNCERTAIN:
        progress(task)
    if task.is_open:
        waiting(task)
    if task.is_open and task.said:
        errors.provider_words(task.said)


def _files(task: Task) -> None:
    for position, artifact in enumerate(task.artifacts):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.link_button(
                _("Download"),
                download_url(task, position),
                key=f"task.download.{position}",
                icon=":material/download:",
                type="primary",
            )
            st.caption(_file_facts(artifact), width="content")
            if may_make():
                use_again(task, position)


def _file_facts(artifact: Artifact) -> str:
    facts = [size(artifact.size)]
    if artifact.width and artifact.height:
        facts.insert(0, f"{artifact.width} × {artifact.height}")
    if artifact.seconds:
        facts.append(_("{n} s").format(n=f"{artifact.seconds:.1f}"))
    return " · ".join(facts)


def _facts(task: Task) -> None:
    asked, zone_here = task.request, zone()
    free = task.profile == "sandbox"
    rows = {
        _("Kind"): capability(asked.capability) if asked.capability else "",
        _("Model"): f"{title_of(task)} ({asked.model})" if asked.model else _("not known"),
        _("Connection"): task.connection,
        _("Made by"): maker_of(task, makers()),
        _("Shape"): ", ".join(filter(None, (shape(asked.ratio), pixels(asked.ratio)))),
        _("Length"): _("{n} s").format(n=asked.duration) if asked.duration else "",
        _("Seed"): "" if asked.seed is None else str(asked.seed),
        **what_was_sent(asked),
        _("Estimate"): "" if made_elsewhere(task) else price(task.estimate, free=free),
        _("Charged"): _charge(task),
        _("Made"): moment(task.created_at, zone_here),
        _("Id at the provider"): task.remote_id or (_("none yet") if task.is_open else _("none")),
    }
    st.markdown(_("**What was asked for**"))
    with st.grid(3, min_column_width=150, gap="small"):
        for label, value in rows.items():
            if value:
                _fact(label, value)


def _fact(label: str, value: str) -> None:
    with st.container(gap=None):
        st.caption(label)
        st.text(value)


def _charge(task: Task) -> str:
    if task.profile == "sandbox":
        real = (
            _(" (Runway: {charge})").format(charge=amount(task.charge, task.estimate.unit))
            if task.charge
            else ""
        )
        return _("Nothing: practice{real}").format(real=real)
    if task.charge is not None:
        return amount(task.charge, task.estimate.unit)
    never_accepted = task.status in (TaskStatus.FAILED, TaskStatus.CANCELLED) and not task.remote_id
    unsettled = task.failure_code == "WRITTEN_OFF"
    return _("Nothing") if never_accepted and not unsettled else _("The provider did not say")


def _history(task: Task) -> None:
    here = zone()
    with st.expander(_("What happened"), icon=":material/timeline:"):
        for event in get_studio().tasks.events(task.id):
            at = event.at.astimezone(here)
            detail = f": {event.detail}" if event.detail else ""
            st.text(f"{at:%d %b %H:%M:%S}   {_event(event.kind)}{detail}")


def _event(kind: str) -> str:
    words = {
        "QUEUED": _("Recorded here"),
        "SUBMITTING": _("Being sent"),
        "UNCERTAIN": _("Sent, but no answer came"),
        "PENDING": _("Accepted by the provider"),
        "THROTTLED": _("Waiting for a free place at the provider"),
        "RUNNING": _("The provider began"),
        "SUCCEEDED": _("The provider finished"),
        "FAILED": _("Failed"),
        "CANCELLED": _("Cancelled"),
        "KEPT": _("File saved on this computer"),
        "called back": _("The provider called back"),
    }
    return words.get(kind, kind[:1].upper() + kind[1:])
