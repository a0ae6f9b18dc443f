"""The way to the Compare page with videos in it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from runway_core.language import _
from runway_core.studio.comparing import MOST
from runway_core.ui import places

IDS = "ids"
"""Word in the address of the Compare page: the ids of videos, with commas between."""
LEAST = 2


def compare_query(ids: Sequence[str]) -> dict[str, str]:
    """What stands in the address of the Compare page for these videos."""
    return {IDS: ",".join(dict.fromkeys(ids))}


def compare_button(ids: Sequence[str]) -> None:
    """Draw the button that opens these videos side by side; it says so when they are too few or too many."""
    chosen = list(dict.fromkeys(ids))
    fits = LEAST <= len(chosen) <= MOST
    if st.button(
        _("Compare"),
        key="compare.open",
        icon=":material/compare:",
        disabled=not fits,
        help=None if fits else _("Choose from 2 to {most} videos.").format(most=MOST),
    ):
        st.switch_page(places.COMPARE, query_params=compare_query(chosen))
