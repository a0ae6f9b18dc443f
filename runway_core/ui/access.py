"""Who may see a page. Nobody signs in here, so only the computer itself is served."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import streamlit as st


def require_user() -> None:
    """Let the person of this computer pass; show anybody else a refusal and stop the page."""
    if all(is_this_computer(name) for name in _names_asked_for()):
        return
    st.title("Not served here")
    st.error(
        "This version has no sign-in, so it serves only the computer it runs on. "
        "Open it there at http\\://localhost with the port that the start printed.",
        icon=":material/lock:",
    )
    st.stop()


def is_this_computer(host: str) -> bool:
    """Whether a host name or address, with or without a port, means the computer itself."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _names_asked_for() -> list[str]:
    asked = st.context.headers.get_all("Host")
    if isinstance(st.context.url, str):
        asked.append(urlsplit(st.context.url).netloc)
    caller = st.context.ip_address  # None on this computer
    if isinstance(caller, str):
        asked.append(f"[{caller}]" if ":" in caller else caller)
    return asked
