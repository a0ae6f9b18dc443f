"""The script that draws the app. `app.py` serves it; the pages themselves are in ``pages/``."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from runway_core.errors import ConfigError, DeskError, StorageError
from runway_core.language import current
from runway_core.ui import errors
from runway_core.ui.access import admit
from runway_core.ui.account import remind_of_own_password
from runway_core.ui.leaving import SIGN_OUT, came_to
from runway_core.ui.low_balance import low_balances
from runway_core.ui.notices import tell_ends
from runway_core.ui.places import pages
from runway_core.ui.speech import follow_choice, listen

_PICTURE = Path(__file__).with_name("icon.png").read_bytes()
ICON = f"data:image/png;base64,{base64.b64encode(_PICTURE).decode()}"
"""A Material icon here would be fetched from Google by every browser, and a file is not served to strangers."""
WORDMARK = """<svg xmlns="http://www.w3.org/2000/svg" width="176" height="32" viewBox="0 0 176 32">
<rect x="1" y="5" width="30" height="22" rx="6" fill="#168472"/>
<path d="M13 11.2v9.6a.8.8 0 0 0 1.2.7l8-4.8a.8.8 0 0 0 0-1.4l-8-4.8a.8.8 0 0 0-1.2.7z" fill="#fff"/>
<text x="41" y="22.5" font-family="system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"
 font-size="18" font-weight="650" letter-spacing="-.2" fill="#168472">Runway Desk</text></svg>"""

# Streamlit has one colour for the words of what is chosen and for the ground under white words. On a dark page
# none has a contrast of 4.5:1 as both (WCAG 2.2, 1.4.3), so the words have that of links. It takes no room.
CHOSEN = """<style>@media (prefers-color-scheme: dark) {
[data-variant][data-selected]:not([data-disabled]), [role="tab"][data-selected], [data-testid="stSliderThumbValue"]
{ color: #5fd0bd !important; }
}</style>"""

STAYS = """<style>
:has(> .st-key-history-bar) { position: sticky; bottom: 0; z-index: 9; }
.st-key-create-bar, .st-key-history-chosen-box { background: light-dark(#fcfcfb, #0f1211); }
.st-key-history-chosen-box { max-height: 60vh; overflow-y: auto; }
@media (max-width: 640px) { .st-key-history-chosen-box, .st-key-history-chosen-box * { gap: .35rem !important; } }
@media (min-width: 900px) { :has(> .st-key-create-bar) { position: sticky; top: 4rem; z-index: 9; } }
</style>"""
"""What is in sight however far one scrolls: the price with Generate beside the form, and what can be done with
chosen videos, over the lower edge of the window. Both stand on the ground of `config.toml`."""

# Streamlit says “Press … to apply” in English only; below a prompt these are the keys that generate.
_HINTS = '[data-testid="InputInstructions"] { display: none; }'
NO_HINTS = f"<style>{_HINTS}</style>"
NO_LONG_HINTS = f'<style>[data-testid="stTextArea"] {_HINTS}</style>'


def main() -> None:
    """Draw one run of the app."""
    st.set_page_config(page_title="Runway Desk", page_icon=ICON, layout="wide")
    st.logo(WORDMARK, size="large")
    listen()
    st.html(CHOSEN + STAYS + (NO_LONG_HINTS if current() == "en" else NO_HINTS))
    try:
        visit = admit()
    except (ConfigError, StorageError) as error:
        errors.start_page(error)
        return
    if visit is None:
        return
    follow_choice(visit.actor.id)
    page = st.navigation(pages(visit.actor.name if visit.signed_in else ""), position="top")
    came_to(page.url_path)
    remind_of_own_password(visit)
    low_balances()
    try:
        page.run()
    except DeskError as error:
        errors.show(error)
    except StopException:
        pass  # the page has said all that it had to say
    if (
        page.url_path != SIGN_OUT
    ):  # who has just left is nobody, and would see the form before it is done
        tell_ends()


main()
