"""The script that draws the app. `app.py` serves it; the pages themselves are in ``pages/``."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

from runway_core.errors import ConfigError, DeskError, StorageError
from runway_core.ui import errors
from runway_core.ui.access import admit
from runway_core.ui.account import remind_of_own_password
from runway_core.ui.leaving import came_to
from runway_core.ui.places import pages

_PICTURE = Path(__file__).with_name("icon.png").read_bytes()
ICON = f"data:image/png;base64,{base64.b64encode(_PICTURE).decode()}"
"""A Material icon here would be fetched from Google by every browser, and a file is not served to strangers."""
WORDMARK = """<svg xmlns="http://www.w3.org/2000/svg" width="176" height="32" viewBox="0 0 176 32">
<rect x="1" y="5" width="30" height="22" rx="6" fill="#168472"/>
<path d="M13 11.2v9.6a.8.8 0 0 0 1.2.7l8-4.8a.8.8 0 0 0 0-1.4l-8-4.8a.8.8 0 0 0-1.2.7z" fill="#fff"/>
<text x="41" y="22.5" font-family="system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"
 font-size="18" font-weight="650" letter-spacing="-.2" fill="#168472">Runway Desk</text></svg>"""


def main() -> None:
    """Draw one run of the app."""
    st.set_page_config(page_title="Runway Desk", page_icon=ICON, layout="wide")
    st.logo(WORDMARK, size="large")
    try:
        visit = admit()
    except (ConfigError, StorageError) as error:
        errors.start_page(error)
        return
    if visit is None:
        return
    page = st.navigation(pages(visit.actor.name if visit.signed_in else ""), position="top")
    came_to(page.url_path)
    remind_of_own_password(visit)
    try:
        page.run()
    except DeskError as error:
        errors.show(error)


main()
