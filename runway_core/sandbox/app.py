"""The sandbox's HTTP face: every root that it speaks at, put together over one state folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from runway_core.sandbox import doitong, hooks, proof, relays
from runway_core.sandbox.account import Account
from runway_core.sandbox.api import Api, Desk, request_id
from runway_core.sandbox.book import Book
from runway_core.sandbox.dialects import OFFICIAL, RELAY
from runway_core.sandbox.faults import Stumbled
from runway_core.sandbox.issues import Refusal
from runway_core.sandbox.outputs import Outputs
from runway_core.sandbox.shelf import Shelf
from runway_core.sandbox.uploads import UploadApi, Uploads


def create_app(
    *,
    folder: Path,
    speed: float = 1,
    key: str | None = None,
    concurrency: int = 2,
    output_ttl: float = 86400,
    upload_ttl: float = 86400,
    webhook_secret: str = hooks.SECRET,
) -> Starlette:
    """Build the sandbox over a state folder; the same folder goes on where it stopped.

    Args:
        folder: made if missing; one server at a time.
        speed: divides all waiting times.
        key: the only API key taken; None takes any.
        concurrency: how many tasks of a key run at once.
        output_ttl: seconds that a link to a result works.
        upload_ttl: seconds that an uploaded file can be used.
        webhook_secret: what Doitong's webhooks are signed with.

    Raises:
        OSError: the folder can't be used.
        ValueError: `speed` or `concurrency` is not above zero.
    """
    if not speed > 0 or concurrency < 1:
        raise ValueError("speed and concurrency must be above zero")
    shelf = Shelf(folder)
    book = Book(shelf, speed=speed, concurrency=concurrency)
    desk = Desk(book, Outputs(shelf, output_ttl), Uploads(shelf, upload_ttl), key)
    styles = {**relays.hook_styles(), doitong.STYLE: hooks.Style(doitong.webhook, is_signed=True)}
    caller = hooks.Hooks(desk.outputs.link, styles, speed=speed, secret=webhook_secret)
    book.on_finished = caller.note
    app = Starlette(
        routes=_routes(desk),
        lifespan=partial(_running, book, caller),
        exception_handlers={Refusal: _refuse, HTTPException: _refuse, Stumbled: _stumble},
    )
    app.router.redirect_slashes = False
    return app


def _routes(desk: Desk) -> list[BaseRoute]:
    return [
        *doitong.routes(desk),
        *relays.routes(desk),
        *relays.billing_routes(desk),
        *Api(OFFICIAL, desk).routes(),
        *Account(desk).routes(),
        *UploadApi(desk).routes(),
        *desk.outputs.routes(),
        *proof.routes(desk.key),
    ]


@asynccontextmanager
async def _running(book: Book, caller: hooks.Hooks, _app: Starlette) -> AsyncIterator[None]:
    caller.start()
    book.start()
    try:
        yield
    finally:
        book.stop()
        caller.stop()


async def _stumble(_request: Request, error: Exception) -> Response:
    """Give the answer that a fault prompt asked for."""
    assert isinstance(error, Stumbled)
    return error.response


async def _refuse(request: Request, error: Exception) -> Response:
    """Tell a refusal, or an unknown path or method, as JSON in the root's manner."""
    dialect = RELAY if relays.is_relay(request.url.path) else OFFICIAL
    headers = request_id(dialect)
    if isinstance(error, Refusal):
        return JSONResponse(error.body, error.status_code, headers=headers)
    assert isinstance(error, HTTPException)
    body = dialect.error(error.status_code, error.detail)
    return JSONResponse(body, error.status_code, headers={**headers, **(error.headers or {})})
