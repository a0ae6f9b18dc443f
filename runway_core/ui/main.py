"""The script that draws the app. `app.py` serves it; the pages themselves are in ``pages/``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from runway_core.errors import ConfigError, DeskError, StorageError
from runway_core.ui import errors
from runway_core.ui.access import require_user
from runway_core.ui.places import pages
from runway_core.ui.services import get_studio

ICON = Path(__file__).with_name("icon.png")
"""A Material icon here would be fetched from Google by every browser."""
WORDMARK = """<svg xmlns="http://www.w3.org/2000/svg" width="176" height="32" viewBox="0 0 176 32">
<rect x="1" y="5" width="30" height="22" rx="6" fill="#168472"/>
<path d="M13 11.2v9.6a.8.8 0 0 0 1.2.7l8-4.8a.8.8 0 0 0 0-1.4l-8-4.8a.8.8 0 0 0-1.2.7z" fill="#fff"/>
<text x="41" y="22.5" font-family="system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"
 font-size="18" font-weight="650" letter-spacing="-.2" fill="#168472">Runway Desk</text></svg>"""


def main() -> None:
    """Draw one run of the app."""
    st.set_page_config(page_title="Runway Desk", page_icon=str(ICON), layout="wide")
    require_user()
    try:
        get_studio()
    except (ConfigError, StorageError) as error:
        errors.start_page(error)
        return
    st.logo(WORDMARK, size="large")
    page = st.navigation(pages(), position="top")
    try:
        page.run()
    except DeskError as error:
        errors.show(error)


main()
