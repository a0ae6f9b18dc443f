"""The card for a video that may have been charged: what is known, and the three ways to settle it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from runway_core.domain import Task
from runway_core.language import _, ngettext, translated
from runway_core.store import TaskQuery
from runway_core.studio.doubts import Evidence
from runway_core.ui import errors, places
from runway_core.ui.clock import zone
from runway_core.ui.opened import to_open
from runway_core.ui.rights import manages, may_make, own
from runway_core.ui.services import get_studio
from runway_core.ui.task_actions import attempt
from runway_core.ui.whose import EVERYBODY, WHOSE
from runway_core.ui.words import GROUPS, amount, amounts, moment, plain

_GROUP = "uncertain"
"""Word in the address of the history for videos that need a decision."""
_SURE = "recovery.sure"
"""Id of the video whose sending again is asked about once more."""


def needs_decision() -> None:
    """Say above a page how many videos wait for the person, with the way to them; nothing for none.

    Raises:
        StorageError: the database can't be read.
    """
    count = get_studio().doubts.count() if may_make() else 0
    if not count or st.query_params.get("status") == _GROUP:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="decide"):
        st.markdown(
            ":orange[:material/help:] "
            + ngettext(
                "**1 video needs your decision**: sent, but no answer came, so you may have been "
                "charged.",
                "**{n} videos need your decision**: sent, but no answer came, so you may have been "
                "charged.",
                count,
            ).format(n=count),
            width="stretch",
        )
        if st.button(_("Decide"), key="decide.open", icon=":material/rule:"):
            _open_them()


def _open_them() -> None:
    """Go to the videos that wait; a single one is opened at once."""
    whose = {} if manages() else own()
    page = get_studio().tasks.page(TaskQuery(statuses=GROUPS[_GROUP][1], limit=1, **whose))
    query = {"status": _GROUP} | (to_open(page.tasks[0].id) if page.total == 1 else {})
    st.session_state["history.status"] = _GROUP  # the address is for a filter that is new
    if manages():
        st.session_state[f"history.{WHOSE}"] = EVERYBODY
    st.switch_page(places.HISTORY, query_params=query)


def recovery_card(task: Task) -> None:
    """Draw what is known of an UNCERTAIN video and the choices.

    Raises:
        DeskError: what is known can't be read.
    """
    known = get_studio().doubts.evidence(task)
    with st.container(border=True, key="recovery"):
        st.markdown(f"#### :orange[:material/help:] {_('Was this video made?')}")
        _what_happened(task, known)
        _balances(task, known)
        _meanwhile(task, known)
        _found(task)
        _again(task)
        _write_off(task)


def _what_happened(task: Task, known: Evidence) -> None:
    sent = (
        _("It was sent to **{connection}** on {time}.")
        if known.sent_at
        else _("It was sent to **{connection}**.")
    )
    at = moment(known.sent_at, zone(), seconds=True) if known.sent_at else ""
    said = plain(translated(task.note) or _("No answer came."))
    st.markdown(f"{sent.format(connection=plain(task.connection), time=at)} {said}")
    charged = (
        _("Practice is never charged.")
        if known.reading == "practice"
        else (_("You may have been charged."))
    )
    st.markdown(
        _(
            "**{charged}** Nothing is sent again by itself, and until you decide its "
            "price stays reserved in your budgets."
        ).format(charged=charged)
    )
    if task.said:
        errors.provider_words(task.said)


def _balances(task: Task, known: Evidence) -> None:
    if task.balance_before is not None or task.balance_after is not None:
        with st.grid(3, min_column_width=95, gap="small"):
            _balance(_("Balance before"), task.balance_before, task.balance_before_at, known.unit)
            _balance(_("Balance after"), task.balance_after, task.balance_after_at, known.unit)
            if known.difference is not None:
                with st.container(gap=None):
                    st.caption(_("Difference"))
                    st.text(_signed(known))
    st.markdown(f":small[:material/account_balance_wallet: {_hint(task, known)}]")


def _balance(label: str, value: Decimal | None, at: datetime | None, unit: str) -> None:
    with st.container(gap=None):
        st.caption(label)
        st.text(_("not known") if value is None else amount(value, unit))
        if at is not None:
            st.caption(_("at {time}").format(time=_time(at)))


def _signed(known: Evidence) -> str:
    assert known.difference is not None
    sign = "−" if known.difference > 0 else "+" if known.difference < 0 else ""
    return f"{sign}{amount(abs(known.difference), known.unit)}"


def _hint(task: Task, known: Evidence) -> str:
    """What the balance may mean; never more than a hint."""
    name, price = plain(task.connection), amounts(task.estimate)
    by = "" if known.difference is None else plain(amount(abs(known.difference), known.unit))
    words = {
        "practice": _("Practice costs nothing, so there is no balance to look at."),
        "asking": _("{name} is being asked what is left.").format(name=name),
        "unknown": _("What it did to the balance is not known: {name} did not tell.").format(
            name=name
        ),
        "unchanged": _(
            "**The balance did not change**: a hint that nothing was made. "
            "Some providers book late, so look there as well."
        ),
        "as priced": _(
            "**The balance went down by {by}, as much as this video costs**: a hint that "
            "it was made."
        ).format(by=by),
        "down": (
            _("**The balance went down by {by}**; this video should cost {price}.")
            if price
            else _("**The balance went down by {by}**.")
        ).format(by=by, price=plain(price)),
        "up": _("The balance went up by {by}, so it tells nothing about this video.").format(by=by),
    }[known.reading]
    if known.others and known.reading in ("unchanged", "as priced", "down", "up"):
        words += " " + ngettext(
            "1 other video of {name} was under way in the same minutes, so this is less sure.",
            "{n} other videos of {name} were under way in the same minutes, so this is less sure.",
            known.others,
        ).format(n=known.others, name=name)
    return words


def _meanwhile(task: Task, known: Evidence) -> None:
    name = plain(task.connection)
    late = (
        _("If {name} calls back or its answer still comes").format(name=name)
        if known.calls_back
        else (_("If its answer still comes"))
    )
    st.markdown(
        _(
            "{late}, this settles itself. Programs can't get a list of your videos "
            "there: look at the website or the bill of {name}, then choose."
        ).format(late=late, name=name)
    )


def _found(task: Task) -> None:
    with _choice("found"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            typed = st.text_input(_("Its id at the provider"), key="task.remote_id", width=330)
            _settle(
                _("I found its id"),
                "adopt",
                task,
                lambda: get_studio().tasks.adopt(task.id, typed or ""),
                icon=":material/search_check:",
            )
        st.caption(
            _(
                "It is followed from there and its file is kept. Nothing is sent, and nothing is "
                "charged again."
            )
        )


def _again(task: Task) -> None:
    with _choice("again"):
        st.button(
            _("Nothing was made: send again"),
            key="task.send",
            icon=":material/send:",
            on_click=_ask,
            args=(task.id,),
        )
        st.caption(_("The same wish is sent once more, as a new video that is charged."))
        if st.session_state.get(_SURE) != task.id:
            return
        st.warning(
            _("**Send it again? If it was made after all, you pay twice.**"),
            icon=":material/warning:",
        )
        with st.container(horizontal=True):
            _settle(
                _("Send it again"),
                "send.sure",
                task,
                lambda: get_studio().tasks.send_again(task.id),
                primary=True,
            )
            st.button(_("Not now"), key="task.send.no", on_click=_ask, args=(None,))


def _write_off(task: Task) -> None:
    with _choice("write_off"):
        _settle(
            _("Write it off"),
            "write_off",
            task,
            lambda: get_studio().tasks.write_off(task.id),
            icon=":material/cancel:",
        )
        st.caption(
            _(
                "It is closed as failed, and recorded that nobody found out whether it was made. Its "
                "price stays counted in your budgets. Nothing is sent."
            )
        )


def _choice(name: str) -> DeltaGenerator:
    return st.container(border=True, gap="small", key=f"recovery.{name}")


def _ask(task_id: str | None) -> None:
    st.session_state[_SURE] = task_id


def _settle(
    label: str,
    name: str,
    task: Task,
    action: Callable[[], object],
    *,
    icon: str | None = None,
    primary: bool = False,
) -> None:
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if st.button(label, key=f"task.{name}", icon=icon, type=kind) and attempt(task.id, action):
        _ask(None)
        st.rerun()


def _time(at: datetime) -> str:
    return f"{at.astimezone(zone()):%H:%M:%S}"
