"""Links to where something is mended that is not mended on the page itself: Settings, or the provider's site."""

from __future__ import annotations

import streamlit as st

from runway_core.errors import NotFoundError
from runway_core.failures import Fix
from runway_core.language import _
from runway_core.ui import places
from runway_core.ui.rights import ask_an_admin, manages
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

EDIT = "edit"
"""Word in the address of Settings that names the connection to change at once."""
CHECK = "check"
"""Word in the address of Settings that names the connection to check at once."""
BUDGET = "budget"
"""Word in the address of Settings that names the connection whose budget to change at once."""
LEADS = frozenset({Fix.TOP_UP, Fix.SETTINGS, Fix.CHECK})
"""Every fix that is a link."""


def lead(fix: Fix | None, *, connection_id: str = "") -> None:
    """Draw the link for a fix, if it is one; the best there is when the connection is not known."""
    if fix in LEADS and not manages():
        ask_an_admin(_("look at this connection"))
    elif fix is Fix.TOP_UP and connection_id:
        _to_site(connection_id)
        _to_settings(_("See what is left"), ":material/network_check:", {CHECK: connection_id})
    elif fix is Fix.CHECK and connection_id:
        label = _("Check the connection")
        _to_settings(label, ":material/network_check:", {CHECK: connection_id})
    elif fix in LEADS:
        label = _("Open this connection") if connection_id else _("Open Settings")
        query = {EDIT: connection_id} if connection_id else {}
        _to_settings(label, ":material/settings:", query)


def _to_settings(label: str, icon: str, query: dict[str, str]) -> None:
    st.page_link(places.SETTINGS, label=label, icon=icon, query_params=query)


def _to_site(connection_id: str) -> None:
    connections = get_studio().connections
    try:
        site = connections.profile(connections.get(connection_id)).site
    except NotFoundError:
        return
    if site:
        name = plain(site.removeprefix("https://"))
        st.link_button(
            _("Top up at {name}").format(name=name), site, icon=":material/account_balance_wallet:"
        )
