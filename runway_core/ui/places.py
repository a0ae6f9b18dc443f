"""Where the pages are, and how to send a person to one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

PAGES = Path(__file__).resolve().parents[2] / "pages"
CREATE = str(PAGES / "create.py")
HISTORY = str(PAGES / "history.py")
PRICING = str(PAGES / "pricing.py")
SETTINGS = str(PAGES / "settings.py")


def pages() -> list[StreamlitPage]:
    """Every page, each at a fixed address; the first one is shown at ``/``."""
    return [
        st.Page(
            CREATE, title="Create", icon=":material/movie_edit:", default=True, url_path="home"
        ),
        st.Page(HISTORY, title="History", icon=":material/video_library:", url_path="history"),
        st.Page(PRICING, title="Pricing", icon=":material/payments:", url_path="pricing"),
        st.Page(SETTINGS, title="Settings", icon=":material/settings:", url_path="settings"),
        st.Page(_to_create, title="Create", url_path="create", visibility="hidden"),
    ]


def _to_create() -> None:
    """``/create``: Streamlit serves a default page at ``/`` only."""
    st.switch_page(CREATE)
