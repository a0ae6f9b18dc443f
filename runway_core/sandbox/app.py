"""The sandbox's HTTP face: Runway's API at ``/v1`` and a relay's at ``/runwayml/v1``, and the videos."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from runway_core.catalog import catalog
from runway_core.domain import Capability, TaskStatus
from runway_core.sandbox import links
from runway_core.sandbox.body import PATHS, Refusal, read_order
from runway_core.sandbox.book import Book, owner_of
from runway_core.sandbox.dialects import OFFICIAL, RELAY, VERSION, Dialect
from runway_core.sandbox.shelf import Shelf

BODY_MAX = 20 * 1024 * 1024
"""Bytes of a request."""
START_CREDITS = 1_000_000
"""What each key has to play with."""
DENIED = b"<Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>"
"""What Runway's file host says of an expired link (CloudFront)."""


def create_app(
    *,
    folder: Path,
    speed: float = 1,
    key: str | None = None,
    concurrency: int = 2,
    output_ttl: float = 86400,
) -> Starlette:
    """Build the sandbox over a state folder; the same folder goes on where it stopped.

    Args:
        folder: made if missing; one server at a time.
        speed: divides all waiting times.
        key: the only API key taken; None takes any.
        concurrency: how many tasks of a key run at once.
        output_ttl: seconds that a link to a video works.

    Raises:
        OSError: the folder can't be used.
        ValueError: `speed` or `concurrency` is not above zero.
    """
    if not speed > 0 or concurrency < 1:
        raise ValueError("speed and concurrency must be above zero")
    shelf = Shelf(folder)
    book = Book(shelf, speed=speed, concurrency=concurrency)
    outputs = _Outputs(shelf, output_ttl)
    routes = [
        *_Api(OFFICIAL, book, outputs, key).routes(),
        *_Api(RELAY, book, outputs, key).routes(),
        Route("/outputs/{name}", outputs.serve),
    ]

    app = Starlette(
        routes=routes,
        lifespan=partial(_running, book),
        exception_handlers={Refusal: _refuse, HTTPException: _refuse},
    )
    app.router.redirect_slashes = False
    return app


@asynccontextmanager
async def _running(book: Book, _app: Starlette) -> AsyncIterator[None]:
    book.start()
    try:
        yield
    finally:
        book.stop()


class _Outputs:
    """Finished videos behind links that expire."""

    def __init__(self, shelf: Shelf, ttl: float) -> None:
        self._shelf = shelf
        self._secret = shelf.secret()
        self._ttl = ttl

    def url(self, request: Request, task_id: str, owner: str) -> str:
        """Make a fresh link on the host and port that the request came to."""
        expires = datetime.now(UTC) + timedelta(seconds=self._ttl)
        whole = self._ttl >= links.WHOLE_SECONDS_FROM
        token = links.sign(task_id, owner=owner, expires=expires, whole=whole, secret=self._secret)
        return f"{request.url.scheme}://{request.url.netloc}/outputs/{task_id}.mp4?_jwt={token}"

    async def serve(self, request: Request) -> Response:
        """Give out a video, whole or by Range."""
        task_id, dot, ending = request.path_params["name"].partition(".")
        token = request.query_params.get("_jwt", "")
        now = datetime.now(UTC)
        good = links.is_good(token, task_id, now=now, secret=self._secret)
        if not good or dot + ending != ".mp4":
            return Response(DENIED, 403, media_type="application/xml")
        path = self._shelf.output(task_id)
        if not path.exists():
            raise HTTPException(404)
        return FileResponse(path, media_type="video/mp4")


class _Api:
    """The endpoints below one root."""

    def __init__(self, dialect: Dialect, book: Book, outputs: _Outputs, key: str | None) -> None:
        self._dialect = dialect
        self._book = book
        self._outputs = outputs
        self._key = key

    def routes(self) -> list[Route]:
        root = f"{self._dialect.prefix}/v1"
        routes = [
            Route(f"{root}/{PATHS[Capability.IMAGE_TO_VIDEO]}", self._animate, methods=["POST"]),
            Route(f"{root}/{PATHS[Capability.TEXT_TO_VIDEO]}", self._imagine, methods=["POST"]),
            Route(f"{root}/tasks/{{task_id}}", self._task, methods=["GET", "DELETE"]),
        ]
        if self._dialect is OFFICIAL:
            routes.append(Route(f"{root}/organization", self._organization))
        return routes

    async def _animate(self, request: Request) -> Response:
        return await self._create(request, Capability.IMAGE_TO_VIDEO)

    async def _imagine(self, request: Request) -> Response:
        return await self._create(request, Capability.TEXT_TO_VIDEO)

    async def _create(self, request: Request, capability: Capability) -> Response:
        owner = self._admit(request)
        raw = await _read_body(request)
        order = await run_in_threadpool(lambda: read_order(_decode(raw), capability))
        record = await run_in_threadpool(lambda: self._book.create(order, capability, owner=owner))
        return self._reply(self._dialect.created(record))

    async def _task(self, request: Request) -> Response:
        owner = self._admit(request)
        task_id = request.path_params["task_id"]
        if request.method == "DELETE":
            if not self._book.delete(task_id, owner=owner):
                raise Refusal(404, {"error": "Could not find Task"})
            return Response(status_code=204)
        record = self._book.find(task_id, owner=owner)
        if record is None:
            raise Refusal(404, {"error": "Could not find Task"})
        now = datetime.now(UTC)
        done = record.status(now, speed=self._book.speed) is TaskStatus.SUCCEEDED
        url = self._outputs.url(request, task_id, owner) if done else ""
        return self._reply(self._dialect.task(record, now, speed=self._book.speed, url=url))

    async def _organization(self, request: Request) -> Response:
        owner = self._admit(request)
        models = sorted({spec.id for spec in catalog().models})
        day_ago = datetime.now(UTC) - timedelta(days=1)
        made = self._book.made_since(day_ago, owner=owner)
        limits = {
            "maxConcurrentGenerations": self._book.concurrency,
            "maxDailyGenerations": None,
        }
        return self._reply(
            {
                "tier": {
                    "maxMonthlyCreditSpend": START_CREDITS,
                    "models": dict.fromkeys(models, limits),
                },
                "creditBalance": max(START_CREDITS - self._book.spent(owner=owner), 0),
                "usage": {"models": {m: {"dailyGenerations": made[m]} for m in models}},
            }
        )

    def _admit(self, request: Request) -> str:
        """Check key and version; return whose request it is."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        key = key.strip()
        wanted = self._key or key
        if scheme.lower() != "bearer" or not key or not _same(key, wanted):
            self._say(401, "The API key is missing or not valid.")
        if self._dialect.needs_version and request.headers.get("x-runway-version") != VERSION:
            self._say(400, f"The X-Runway-Version header must be {VERSION}.")
        return owner_of(key)

    def _say(self, status_code: int, words: str) -> NoReturn:
        raise Refusal(status_code, self._dialect.error(status_code, words))

    def _reply(self, body: dict[str, Any]) -> Response:
        return JSONResponse(body, headers=_request_id(self._dialect))


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _request_id(dialect: Dialect) -> dict[str, str]:
    return {dialect.request_id_header: secrets.token_hex(8)}


async def _read_body(request: Request) -> bytes:
    too_large = Refusal(413, {"error": "Request body is too large"})
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > BODY_MAX:
        raise too_large
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_MAX:
            raise too_large
    return bytes(body)


def _decode(raw: bytes) -> object:
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refusal(400, {"error": "The request body is not valid JSON"}) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


async def _refuse(request: Request, error: Exception) -> Response:
    """Tell a refusal, or an unknown path or method, as JSON in the root's manner."""
    relay = request.url.path.startswith(RELAY.prefix + "/")
    dialect = RELAY if relay else OFFICIAL
    headers = _request_id(dialect)
    if isinstance(error, Refusal):
        return JSONResponse(error.body, error.status_code, headers=headers)
    assert isinstance(error, HTTPException)
    body = dialect.error(error.status_code, error.detail)
    return JSONResponse(body, error.status_code, headers={**headers, **(error.headers or {})})
