"""Looks at every request first: only this computer is served, and browsers are told to be strict.

Providers' calls may come from anywhere and under any name: they prove themselves (`runway_core.web.webhooks`).
"""

from __future__ import annotations

import ipaddress
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REFUSAL = (
    "This version of Runway Desk has no sign-in, so it serves only the computer it runs on. "
    "Open it there as http://localhost."
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "frame-ancestors 'none'",
}


class LocalOnly:
    """Refuses requests from other machines and for other host names, over HTTP and WebSocket."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif not (is_local(scope) or is_callback(scope)):
            # For a WebSocket that is not accepted yet, Starlette turns this into a refusal.
            await PlainTextResponse(REFUSAL, status_code=403)(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send))


def is_local(scope: Scope) -> bool:
    """Whether a request comes from this machine and was meant for it by name.

    The name matters as well as the sender: a web page elsewhere can make a browser here call a name
    of its own that leads to this machine.
    """
    client = scope.get("client")
    host = Headers(scope=scope).get("host", "").rsplit("@")[-1]
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return _is_loopback(client[0] if client else "") and (
        name.strip("[]").lower() == "localhost" or _is_loopback(name.strip("[]"))
    )


def is_callback(scope: Scope) -> bool:
    """Whether a request is a provider's call, as far as its address says."""
    path = scope.get("path", "")
    post = scope["type"] == "http" and scope.get("method") == "POST"
    return post and re.fullmatch(r"/webhooks/[\w-]+/[\w.-]+", path, re.ASCII) is not None


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback  # ::ffff:127.0.0.1 where one socket takes both families


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
