"""One click for what an advice says: the form filled again with its field named, or a link to the right place."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import streamlit as st

from runway_core.domain import Task
from runway_core.failures import Advice, Fix
from runway_core.language import N_, _
from runway_core.store import TaskQuery
from runway_core.ui import places
from runway_core.ui.clock import now
from runway_core.ui.drafts import ask_again
from runway_core.ui.leads import lead
from runway_core.ui.rights import may_make, own
from runway_core.ui.services import get_studio

_NOTE = "create.fix"


class _Change(NamedTuple):
    """A fix that is made on the create page."""

    label: str
    icon: str
    note: str
    """What the create page then says."""


CHANGES = {
    Fix.PROMPT: _Change(
        N_("Change the prompt"),
        ":material/edit_note:",
        N_("Write the **prompt** in other words, then generate."),
    ),
    Fix.SHORTEN: _Change(
        N_("Shorten the prompt"),
        ":material/short_text:",
        N_("Make the **prompt** shorter, then generate."),
    ),
    Fix.PICTURE: _Change(
        N_("Change the picture"),
        ":material/image:",
        N_("Choose another **picture** or file, then generate."),
    ),
    Fix.RATIO: _Change(
        N_("Change the shape"),
        ":material/aspect_ratio:",
        N_("Choose another **shape**, then generate."),
    ),
    Fix.DURATION: _Change(
        N_("Change the length"),
        ":material/timer:",
        N_("Choose another **length**, then generate."),
    ),
    Fix.MODEL: _Change(
        N_("Choose another model"),
        ":material/category:",
        N_("Choose another **model** or connection, then generate."),
    ),
    Fix.CHANGE: _Change(
        N_("Change what was asked for"),
        ":material/edit:",
        N_("Change what the provider names, then generate."),
    ),
    Fix.AGAIN: _Change(
        N_("Make it again"),
        ":material/refresh:",
        N_("This is the same wish once more: a **new paid video** as soon as you generate."),
    ),
    Fix.WAIT: _Change(
        N_("Make it again"),
        ":material/refresh:",
        N_("Wait some minutes before you generate: the provider had too much to do."),
    ),
}
"""Every fix that fills the create page; the others are links."""


def offer(advice: Advice, task: Task) -> None:
    """Draw the button that does what the advice on a failed video says."""
    if not may_make():
        return
    fix = _fitting(advice.fix, task)
    change = CHANGES.get(fix) if fix else None
    if change is None:
        lead(fix, connection_id=task.connection_id)
    elif st.button(_(change.label), key="task.fix", icon=change.icon, type="primary"):
        ask_again(task)
        st.session_state[_NOTE] = (change.note, now())
        st.switch_page(places.CREATE)


def note_on_create() -> None:
    """Say on the create page what to change, until the video was asked for."""
    found: tuple[str, datetime] | None = st.session_state.get(_NOTE)
    if found is None:
        return
    newest = get_studio().tasks.page(TaskQuery(limit=1, **own())).tasks
    if newest and newest[0].created_at > found[1]:
        del st.session_state[_NOTE]
    else:
        st.info(_(found[0]), icon=":material/build:")


def _fitting(fix: Fix | None, task: Task) -> Fix | None:
    """A task without a picture can only have its prompt changed."""
    if fix is Fix.PICTURE and not (task.request.frames or task.request.media):
        return Fix.PROMPT
    return fix
