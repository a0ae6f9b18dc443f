"""What the acting person may do, so that pages draw no button that would be refused, and name whom to ask."""

from __future__ import annotations

from typing import Any

import streamlit as st

from runway_core.domain import Task
from runway_core.language import _
from runway_core.people import Right, Role
from runway_core.ui import places
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain


def may_make() -> bool:
    """Whether they may make videos and change their own."""
    return get_studio().actor.may(Right.MAKE)


def manages() -> bool:
    """Whether they may change connections, budgets and people, and everybody's videos."""
    return get_studio().actor.may(Right.MANAGE)


def is_mine(task: Task) -> bool:
    """Whether a video is the acting person's own; never while nobody signs in."""
    me = get_studio().actor
    return bool(me.id) and task.owner_id == me.id


def may_change(task: Task) -> bool:
    """Whether they may cancel, settle or delete a video."""
    me = get_studio().actor
    return me.may(Right.MAKE) and (me.sees_all or task.owner_id == me.id)


def own() -> dict[str, Any]:
    """The filter of a `TaskQuery` for what is the acting person's; none while nobody signs in."""
    me = get_studio().actor
    return {"owner_id": me.id} if me.id else {}


def makers() -> dict[str, str]:
    """The name of each person of the team but oneself, by id; empty while nobody signs in."""
    me = get_studio().actor
    if not me.id:
        return {}
    return {key: name for key, name in get_studio().people.names().items() if key != me.id}


def maker_of(task: Task, names: dict[str, str]) -> str:
    """Who made a video, for one of somebody else; empty for one's own, and while nobody signs in."""
    me = get_studio().actor
    if not me.id or task.owner_id == me.id:
        return ""
    return names.get(task.owner_id, "this computer, without a person")


def ask_an_admin(to: str) -> None:
    """Say who can do what the acting person may not, such as ``change connections``."""
    st.caption(f":material/lock: {plain(whom_to_ask(to))}")


def whom_to_ask(to: str) -> str:
    """`ask_an_admin` as text."""
    admins = [one.name for one in get_studio().people.roster() if one.role is Role.ADMIN]
    return _("Ask an admin to {to}: {value}.").format(to=to, value=", ".join(admins))


def to_settings(label: str, *, ask: str, icon: str, query: dict[str, str] | None = None) -> None:
    """A link to Settings for admins; for others, whom to `ask` to do what the link is for."""
    if manages():
        st.page_link(places.SETTINGS, label=label, icon=icon, query_params=query or {})
    else:
        ask_an_admin(ask)
