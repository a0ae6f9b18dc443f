"""Where the pages are, and how to send a person to one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from runway_core.language import _
from runway_core.ui.leaving import SIGN_OUT, sign_out
from runway_core.ui.words import plain

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

PAGES = Path(__file__).resolve().parents[2] / "pages"
CREATE = str(PAGES / "create.py")
BATCH = str(PAGES / "batch.py")
HISTORY = str(PAGES / "history.py")
COMPARE = str(PAGES / "compare.py")
PRICING = str(PAGES / "pricing.py")
SPEND = str(PAGES / "spend.py")
SETTINGS = str(PAGES / "settings.py")
TEAM = str(PAGES / "team.py")
ACCOUNT = str(PAGES / "account.py")


def pages(own: str = "") -> dict[str, list[StreamlitPage]]:
    """Every page, each at a fixed address; the first one is shown at ``/``.

    Whoever is signed in has a menu of their `own`, under their name. Without one its pages are still known,
    so that an address leads there after the sign-in.
    """
    listed = [
        st.Page(
            CREATE, title=_("Create"), icon=":material/movie_edit:", default=True, url_path="home"
        ),
        st.Page(BATCH, title=_("Batch"), icon=":material/dynamic_feed:", url_path="batch"),
        st.Page(HISTORY, title=_("History"), icon=":material/video_library:", url_path="history"),
        st.Page(COMPARE, title=_("Compare"), icon=":material/compare:", url_path="compare"),
        st.Page(PRICING, title=_("Pricing"), icon=":material/payments:", url_path="pricing"),
        st.Page(
            SPEND, title=_("Spend"), icon=":material/account_balance_wallet:", url_path="spend"
        ),
        st.Page(SETTINGS, title=_("Settings"), icon=":material/settings:", url_path="settings"),
        st.Page(TEAM, title=_("Team"), icon=":material/group:", url_path="team"),
    ]
    unlisted = [_moved("create"), _moved("setup")]
    if not own:
        return {"": [*listed, *unlisted, *_own_pages("hidden")]}
    return {"": [*listed, *unlisted], plain(own): _own_pages("visible")}


def _own_pages(visibility: Literal["visible", "hidden"]) -> list[StreamlitPage]:
    account, leave = ":material/account_circle:", ":material/logout:"
    return [
        st.Page(
            ACCOUNT,
            title=_("Your account"),
            icon=account,
            url_path="account",
            visibility=visibility,
        ),
        st.Page(
            sign_out, title=_("Sign out"), icon=leave, url_path=SIGN_OUT, visibility=visibility
        ),
    ]


def _moved(url_path: str) -> StreamlitPage:
    """``/create``, because Streamlit serves a default page at ``/`` only; ``/setup`` of a link that was used."""
    return st.Page(_to_create, title=_("Create"), url_path=url_path, visibility="hidden")


def _to_create() -> None:
    st.switch_page(CREATE)
