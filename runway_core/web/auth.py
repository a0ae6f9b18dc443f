"""``/auth/…``: turns the code of a sign-in into a cookie that no script can read, and takes it back.

Only our own pages may ask: browsers say so themselves in ``Origin``, which scripts can't change.
"""

from __future__ import annotations

import json
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from runway_core.errors import DeskError, SignInError
from runway_core.web import visitor

BODY_MOST = 1024
"""Bytes; a code has 43 characters."""
ENTRY = (Path(__file__).with_name("entry.js")).read_bytes()
"""The one script of ours that pages run: it asks one of these routes, and shows the page anew."""
_NO_STORE = {"Cache-Control": "no-store"}
_STREAMLITS = "_streamlit_user"
"""What Streamlit's cookies of a sign-in service begin with: they would sign in again whoever signs out."""


async def complete(request: Request) -> Response:
    """204 and the session's cookie for the browser that the code was made for; a code works once, for 30 s."""
    if "origin" not in request.headers:  # the door has compared it, when there is one
        return _no("This must be sent by the sign-in page.")
    code = await _code(request)
    browser = visitor.cookie(request.scope, visitor.BROWSER)
    agent = request.headers.get("user-agent", "")[:300]
    before = visitor.cookie(request.scope, visitor.SESSION)
    try:
        token = await run_in_threadpool(_complete, code, browser, agent)
        if before:  # nobody holds it any more, so nobody could end it
            await run_in_threadpool(_sign_out, before)
    except SignInError as error:
        return _no(f"{error} {error.hint}")
    except DeskError as error:
        return PlainTextResponse(f"{error} {error.hint}", 503, _NO_STORE)
    response = Response(status_code=204, headers=_NO_STORE)
    visitor.give_cookie(request.scope, response, visitor.SESSION, token)
    return response


async def sign_out(request: Request) -> Response:
    """Ends the session, and has the browser forget it and what it has kept of our pages and videos."""
    if "origin" not in request.headers:
        return _no("This must be sent by one of our pages.")
    # Cookies are not among it: that would sign people out of other services under the same domain.
    response = Response(
        status_code=204, headers=_NO_STORE | {"Clear-Site-Data": '"cache", "storage"'}
    )
    token = visitor.cookie(request.scope, visitor.SESSION)
    try:
        await run_in_threadpool(_sign_out, token)
    except DeskError as error:
        return PlainTextResponse(f"{error} {error.hint}", 503, _NO_STORE)
    visitor.give_cookie(request.scope, response, visitor.SESSION, "")
    for name in request.cookies:
        if name.startswith(_STREAMLITS):
            response.delete_cookie(name)
    return response


def _complete(code: str, browser: str, agent: str) -> str:
    from runway_core.web.runtime import runtime

    return runtime().studio.sign_in.complete(code, browser, user_agent=agent)


def _sign_out(token: str) -> None:
    from runway_core.web.runtime import runtime

    runtime().studio.sign_in.sign_out(token)


async def _code(request: Request) -> str:
    """The code in the body; empty when the body is no such thing."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > BODY_MOST:
                return ""
        found = json.loads(body)
    except (ClientDisconnect, ValueError, RecursionError):
        return ""
    code = found.get("code") if isinstance(found, dict) else None
    return code if isinstance(code, str) else ""


def _no(why: str) -> Response:
    return PlainTextResponse(why, 403, _NO_STORE)


async def entry(_request: Request) -> Response:
    """The script that the sign-in page and the sign-out button run."""
    return Response(ENTRY, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


ROUTES = [
    Route("/auth/entry.js", entry),
    Route("/auth/complete", complete, methods=["POST"]),
    Route("/auth/sign-out", sign_out, methods=["POST"]),
]
