"""What `app.py` tells the server of Streamlit's own side: names, addresses and the scripts of its pages."""

from __future__ import annotations

import base64
import hashlib
import re
from ipaddress import ip_address
from pathlib import Path

import streamlit
from streamlit import config

from runway_core.settings import served_hosts


def allow_hosts() -> frozenset[str]:
    """Have Streamlit serve the names that ``RUNWAY_HOSTS`` and the server's own address give; gives them.

    Streamlit does not read a list from its environment, so it is set here, before the first request.
    """
    hosts = served_hosts() | _own_address()
    if hosts:
        allowed: list[str] = list(config.get_option("server.allowedHosts"))
        missing = sorted(hosts - set(allowed))
        config.set_option("server.allowedHosts", [*allowed, *missing])
    return hosts


def exposed() -> bool:
    """Whether the server is meant for other machines too: then even the first page takes a sign-in."""
    return bool(served_hosts()) or not _is_loopback(str(config.get_option("server.address") or ""))


def address() -> str:
    """Where a browser finds the app, as far as the server can know it."""
    hosts = sorted(served_hosts())
    if hosts:
        return f"https://{hosts[0]}"
    own = _own_address() or {"localhost"}
    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    host = next(iter(own))
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{config.get_option('server.port')}"


def inline_scripts() -> tuple[str, ...]:
    """The hashes of the scripts inside Streamlit's own page, as a Content-Security-Policy names them."""
    page = Path(streamlit.__file__).with_name("static") / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text("utf-8"), re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return tuple(f"sha256-{base64.b64encode(digest).decode()}" for digest in digests)


def _own_address() -> frozenset[str]:
    """The one address that the server listens at, when it is one and not this computer's own."""
    own = str(config.get_option("server.address") or "")
    try:
        found = ip_address(own)
    except ValueError:
        return frozenset()
    return frozenset() if found.is_unspecified or found.is_loopback else frozenset({own})


def _is_loopback(own: str) -> bool:
    try:
        return own == "localhost" or ip_address(own).is_loopback
    except ValueError:
        return False
