"""Whose videos the history shows: one's own, those that others share, or everybody's."""

from __future__ import annotations

from typing import Any

import streamlit as st

from runway_core.language import _
from runway_core.ui.rights import makers, may_make
from runway_core.ui.services import get_studio

WHOSE = "whose"
"""Word in the address of the history."""
EVERYBODY = "all"
_MINE = "mine"
_SHARED = "shared"


def choices() -> dict[str, str]:
    """Each choice by its word in the address; empty when nothing of others is to be seen.

    Raises:
        StorageError: the database can't be read.
    """
    studio = get_studio()
    if not studio.actor.id:
        return {}
    if studio.actor.sees_all:
        others = makers()
        return {_MINE: _("Mine"), EVERYBODY: _("Everybody"), **others} if others else {}
    if not studio.tasks.others_share():
        return {}
    return {_MINE: _("Mine"), _SHARED: _("Shared with me"), EVERYBODY: _("Everybody")}


def usual() -> str:
    """What is shown unless somebody chooses: one's own; who makes none came for those of others."""
    return _MINE if may_make() else EVERYBODY


def whose_field(among: dict[str, str], on_change: Any) -> dict[str, str]:
    """Draw the choice, if there is one; gives the filters of a `TaskQuery`."""
    if not among:
        return {}
    chosen = st.selectbox(
        _("Whose"),
        list(among),
        format_func=lambda word: among[word],
        key=f"history.{WHOSE}",
        label_visibility="collapsed",
        width=180,
        on_change=on_change,
    )
    me = get_studio().actor.id
    filters = {_MINE: {"owner_id": me}, _SHARED: {"not_owner_id": me}, EVERYBODY: {}}
    return filters.get(chosen, {"owner_id": chosen})
