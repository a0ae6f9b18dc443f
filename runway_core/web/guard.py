"""The door: looks at every request first, over HTTP and WebSocket.

With nobody set up, only this computer is served. Once there are people, others are too, under the names that
are allowed; and whatever is not the sign-in form itself takes a session. Providers' calls may come from
anywhere and under any name: they prove themselves (`runway_core.web.webhooks`).
"""

from __future__ import annotations

import ipaddress
import logging
import re
import secrets
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runway_core.errors import DeskError
from runway_core.web import visitor
from runway_core.web.headers import Strict

log = logging.getLogger(__name__)
REFUSAL = (
    "Runway Desk has no people yet, so it serves only the computer it runs on. "
    "Open it there as http://localhost, and add people to let others in."
)
UNKNOWN_NAME = (
    "Runway Desk is not served under this name. Whoever runs it can allow it with RUNWAY_HOSTS."
)
FOREIGN = "Another web page has sent this. Nothing was done."
SIGN_IN = "Sign in first."
BROKEN = "This went wrong here. Whoever runs Runway Desk finds the fault in its log."
_OPEN = re.compile(
    r"/static/.*"  # Streamlit's own scripts and styles
    r"|/[\w-]*"  # pages: Streamlit answers all of them with the same empty document
    r"|/(favicon\.png|index\.html|manifest\.json)"
    r"|/_stcore/(health|host-config|stream)"
    r"|/auth/(complete|sign-out|entry\.js|login|logout)",
    re.ASCII,
)
"""What is served without a session. Everything else takes one, also what nobody has thought of."""
_NEVER = re.compile(r"/_stcore/(metrics|agent(/.*)?|script-health-check)", re.ASCII)
_CALL = re.compile(r"/webhooks/[\w-]+/[\w.-]+", re.ASCII)
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


class Door:
    """Lets requests in, or says why not; puts the strict headers on every answer.

    `hosts` are the names that others may use, `exposed` says that the server listens to other machines, and
    `scripts` are the hashes of the inline scripts that pages may run.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str] = frozenset(),
        exposed: bool = False,
        scripts: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._exposed = exposed
        self._strict = Strict(scripts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        strictly = _Strictly(self._strict, scope, send)
        try:
            refusal = await self._refusal(scope)
        except DeskError as error:
            refusal = _no(503, str(error))
        # For a WebSocket that is not accepted yet, Starlette turns an answer into a refusal.
        answer: ASGIApp = self._app if refusal is None else refusal
        try:
            await answer(scope, receive, strictly)
        except Exception:
            if strictly.begun or scope["type"] != "http":
                raise
            log.exception("a request could not be answered")
            await _no(500, BROKEN)(scope, receive, strictly)

    async def _refusal(self, scope: Scope) -> Response | None:
        """The answer that ends a request at the door; None lets it in."""
        if is_callback(scope):
            return None
        local = is_local(scope)
        name = _host_name(scope)
        if not local and not _is_this_computer(name) and name not in self._hosts:
            return _no(403, UNKNOWN_NAME)
        if not local and not (self._exposed or await run_in_threadpool(visitor.is_set_up)):
            return _no(403, REFUSAL)
        if not _comes_from_own_page(scope):
            return _no(403, FOREIGN)
        return await self._unless_signed_in(scope)

    async def _unless_signed_in(self, scope: Scope) -> Response | None:
        path = scope.get("path", "")
        if _NEVER.fullmatch(path):
            return _no(404, "Not Found")
        if _OPEN.fullmatch(path) and path != "/healthz":
            return None
        if path == "/healthz":  # says less to strangers, and works when the database does not
            with suppress(DeskError):
                await run_in_threadpool(visitor.find, scope, exposed=self._exposed)
            return None
        await run_in_threadpool(visitor.find, scope, exposed=self._exposed)
        return _no(401, SIGN_IN) if visitor.nobody(scope) else None


class _Strictly:
    """Sends an answer on, with the strict headers on it."""

    def __init__(self, strict: Strict, scope: Scope, send: Send) -> None:
        self._strict = strict
        self._scope = scope
        self._send = send
        self.begun = False
        """Whether the browser has been told something already."""

    async def __call__(self, message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            self.begun = True
            self._strict.put(message, self._scope)
            _know_browser(message, self._scope)
        await self._send(message)


def is_local(scope: Scope) -> bool:
    """Whether a request comes from this machine itself and was meant for it by name.

    The name matters as well as the sender: a web page elsewhere can make a browser here call a name
    of its own that leads to this machine. What a proxy on this machine hands on comes from elsewhere.
    """
    headers = Headers(scope=scope)
    if any(name in headers for name in _FORWARDED):
        return False
    client = scope.get("client")
    return _is_loopback(client[0] if client else "") and _is_this_computer(_host_name(scope))


def is_callback(scope: Scope) -> bool:
    """Whether a request is a provider's call, as far as its address says."""
    post = scope["type"] == "http" and scope.get("method") == "POST"
    return post and _CALL.fullmatch(scope.get("path", "")) is not None


def _host_name(scope: Scope) -> str:
    """The name that a request was sent to, in lower case and without a port; empty when it is none."""
    host = Headers(scope=scope).get("host", "").rsplit("@")[-1]
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name.strip("[]").lower().rstrip(".")


def _is_this_computer(name: str) -> bool:
    return name == "localhost" or _is_loopback(name)


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback  # ::ffff:127.0.0.1 where one socket takes both families


def _comes_from_own_page(scope: Scope) -> bool:
    """Whether a browser says that one of our own pages sends this, where it could change something."""
    if scope["type"] == "http" and scope.get("method") in ("GET", "HEAD", "OPTIONS"):
        return True
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host", ""):
        return False
    return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _know_browser(message: Message, scope: Scope) -> None:
    """Give a browser its own cookie with the first page."""
    start = Response(headers=dict(Headers(raw=message["headers"])))
    page = start.headers.get("content-type", "").startswith("text/html")
    if page and not visitor.cookie(scope, visitor.BROWSER):
        given = Response()
        visitor.give_cookie(scope, given, visitor.BROWSER, secrets.token_urlsafe(16))
        message["headers"] = [
            *message["headers"],
            *((name, value) for name, value in given.raw_headers if name == b"set-cookie"),
        ]


def _no(status: int, why: str) -> Response:
    return PlainTextResponse(why, status, {"Cache-Control": "no-store"})
