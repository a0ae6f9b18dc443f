"""What went wrong with a video, or what it waits for: one sentence, the money, what to do, one click."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Task, TaskStatus
from runway_core.failures import Advice, Fix, advice_of, is_explained, money, without_money
from runway_core.language import N_, _, translated
from runway_core.ui import errors, fixes
from runway_core.ui.clock import zone
from runway_core.ui.leads import lead
from runway_core.ui.words import amount, plain

_BRIEFLY = {
    "no": N_("Nothing was charged."),
    "yes": N_("It was charged."),
    "unknown": N_("It may have been charged."),
}


def failure(task: Task) -> None:
    """Draw why a video failed and what can be done now."""
    advice = advice_of(task)
    lines = [
        plain(translated(advice.sentence)),
        f"**{plain(money_line(task, advice))}**",
        plain(translated(advice.do)),
    ]
    st.error("\n\n".join(line for line in lines if line), icon=":material/error:")
    fixes.offer(advice, task)
    theirs = is_explained(task)
    code = (
        _("Code: {failure_code}").format(failure_code=task.failure_code)
        if theirs or (task.failure_code and task.remote_id)
        else ""
    )
    said = task.said or (task.failure if theirs else "")
    if said or code:
        errors.provider_words("\n".join(filter(None, (said, code))))


def waiting(task: Task) -> None:
    """Draw what an open video waits for, when something is unusual."""
    if not task.hint:
        return
    lines = [_money_while_open(task), plain(translated(without_money(task.hint)))]
    if task.next_at is not None:
        lines.append(
            _("Next try at {next_at:%H:%M:%S}.").format(next_at=task.next_at.astimezone(zone()))
        )
    st.info("\n\n".join(lines), icon=":material/hourglass_top:")
    lead(Fix.CHECK, connection_id=task.connection_id)


def in_brief(task: Task) -> str:
    """Why a video failed and whether it was charged, for a card."""
    advice = advice_of(task)
    return f"{translated(advice.sentence)} {_(_BRIEFLY[advice.charged])}"


def money_line(task: Task, advice: Advice) -> str:
    """What it cost: as the provider booked it, or what is known of such failures."""
    if task.profile == "sandbox" or task.charge is None:
        guessed = task.profile != "sandbox" and task.remote_id
        said = translated(money(advice))
        return f"{said} {_('Only the provider’s bill is final.')}" if guessed else said
    booked = _("nothing") if task.charge == 0 else amount(task.charge, task.estimate.unit)
    return _("Charged: {booked}, {why}.").format(booked=booked, why=translated(advice.why))


def _money_while_open(task: Task) -> str:
    if task.status is TaskStatus.QUEUED:
        return _("**Nothing has been charged so far.**")
    if task.status is TaskStatus.SUCCEEDED:
        return _("**It is paid already: fetching the file costs nothing.**")
    return _("**Looking again costs nothing, and the video goes on meanwhile.**")
