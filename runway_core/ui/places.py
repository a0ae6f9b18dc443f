"""Where the pages are, and how to send a person to one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from runway_core.ui.leaving import SIGN_OUT, sign_out
from runway_core.ui.words import plain

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

PAGES = Path(__file__).resolve().parents[2] / "pages"
CREATE = str(PAGES / "create.py")
HISTORY = str(PAGES / "history.py")
PRICING = str(PAGES / "pricing.py")
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
            CREATE, title="Create", icon=":material/movie_edit:", default=True, url_path="home"
        ),
        st.Page(HISTORY, title="History", icon=":material/video_library:", url_path="history"),
        st.Page(PRICING, title="Pricing", icon=":material/payments:", url_path="pricing"),
        st.Page(SETTINGS, title="Settings", icon=":material/settings:", url_path="settings"),
        st.Page(TEAM, title="Team", icon=":material/group:", url_path="team"),
    ]
    unlisted = [_moved("create"), _moved("setup")]
    if not own:
        return {"": [*listed, *unlisted, *_own_pages("hidden")]}
    return {"": [*listed, *unlisted], plain(own): _own_pages("visible")}


def _own_pages(visibility: Literal["visible", "hidden"]) -> list[StreamlitPage]:
    account, leave = ":material/account_circle:", ":material/logout:"
    return [
        st.Page(
            ACCOUNT, title="Your account", icon=account, url_path="account", visibility=visibility
        ),
        st.Page(sign_out, title="Sign out", icon=leave, url_path=SIGN_OUT, visibility=visibility),
    ]


def _moved(url_path: str) -> StreamlitPage:
    """``/create``, because Streamlit serves a default page at ``/`` only; ``/setup`` of a link that was used."""
    return st.Page(_to_create, title="Create", url_path=url_path, visibility="hidden")


def _to_create() -> None:
    st.switch_page(CREATE)
