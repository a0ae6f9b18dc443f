"""What every answer tells the browser: run nothing and load nothing from elsewhere, and hand nothing on."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope

from runway_core.web.visitor import is_secure

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), midi=(), "
    "display-capture=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",  # for what is older than frame-ancestors
}
_HSTS = "max-age=31536000"
"""Seconds that a browser comes back by https alone: a year, as OWASP ASVS 5.0, V3.4.1, asks for."""


class Strict:
    """Puts headers on answers. Made once, with the inline scripts that pages may run."""

    def __init__(self, scripts: tuple[str, ...] = ()) -> None:
        allowed = " ".join(["'self'", "'wasm-unsafe-eval'", *(f"'{hash_}'" for hash_ in scripts)])
        self._policy = (
            "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
            f"script-src {allowed}; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
            "connect-src 'self'{sockets}; object-src 'none'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'"
        )

    def put(self, message: Message, scope: Scope) -> None:
        """Add what the start of an answer has not said itself."""
        headers = MutableHeaders(scope=message)
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", self._policy.format(sockets=_sockets(scope)))
        if _has_body(message, headers):  # Streamlit's own refusals do not say what they are
            headers.setdefault("Content-Type", "text/plain; charset=utf-8")
        if is_secure(scope):
            headers.setdefault("Strict-Transport-Security", _HSTS)
        if headers.get("content-type", "").startswith(("text/html", "application/json")):
            headers["Cache-Control"] = "no-store"  # a shared computer keeps no page of somebody
        if is_secure(scope):
            message["headers"] = [(name, _secured(name, value)) for name, value in headers.raw]


def _secured(name: bytes, value: bytes) -> bytes:
    """A cookie that goes over https alone; Streamlit does not say so of its own behind a proxy."""
    plain = name == b"set-cookie" and b"secure" not in value.lower()
    return value + b"; Secure" if plain else value


def _has_body(message: Message, headers: MutableHeaders) -> bool:
    return message["status"] not in (204, 304) and headers.get("content-length") != "0"


def _sockets(scope: Scope) -> str:
    """Our own WebSocket's address, for browsers in which ``'self'`` does not mean it yet."""
    host = Headers(scope=scope).get("host", "")
    if not re.fullmatch(r"[\w.-]+(:\d+)?|\[[\da-fA-F:.]+\](:\d+)?", host, re.ASCII):
        return ""
    return f" {'wss' if is_secure(scope) else 'ws'}://{host}"
