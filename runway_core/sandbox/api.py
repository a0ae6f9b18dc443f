"""Making and following tasks, below one root."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runway_core.domain import Capability, TaskStatus
from runway_core.sandbox import intake
from runway_core.sandbox.body import read_order
from runway_core.sandbox.book import Book
from runway_core.sandbox.dialects import VERSION, Dialect
from runway_core.sandbox.faults import Faults, Manner, Purse
from runway_core.sandbox.issues import Refusal
from runway_core.sandbox.outputs import Outputs
from runway_core.sandbox.record import Record
from runway_core.sandbox.uploads import Uploads


@dataclass(frozen=True)
class Desk:
    """What every face of the sandbox works with."""

    book: Book
    outputs: Outputs
    uploads: Uploads
    key: str | None
    """The only API key taken; None takes any."""
    faults: Faults = field(default_factory=Faults)


def admit(request: Request, dialect: Dialect, desk: Desk) -> str:
    """Check key and version; return whose request it is.

    Raises:
        Refusal: 401 for the key, 400 for the version.
    """
    owner = intake.owner(request, desk.key)
    if owner is None:
        raise Refusal(401, dialect.error(401, "The API key is missing or not valid."))
    if dialect.needs_version and request.headers.get("x-runway-version") != VERSION:
        raise Refusal(400, dialect.error(400, f"The X-Runway-Version header must be {VERSION}."))
    return owner


def reply(dialect: Dialect, body: dict[str, Any]) -> Response:
    """Answer in JSON, with the request's id."""
    return JSONResponse(body, headers=request_id(dialect))


def request_id(dialect: Dialect) -> dict[str, str]:
    """A new request's id, under the header that this root has for it."""
    return {dialect.request_id_header: secrets.token_hex(8)}


class Api:
    """The endpoints that make tasks, and a task's own."""

    def __init__(self, dialect: Dialect, desk: Desk) -> None:
        self._dialect = dialect
        self._desk = desk

    def routes(self) -> list[Route]:
        root = f"{self._dialect.prefix}/v1"
        return [
            *(Route(f"{root}/{c}", self._maker(c), methods=["POST"]) for c in Capability),
            Route(f"{root}/tasks/{{task_id}}", self._task, methods=["GET", "DELETE"]),
        ]

    def _maker(self, capability: Capability) -> Callable[[Request], Awaitable[Response]]:
        async def create(request: Request) -> Response:
            owner = admit(request, self._dialect, self._desk)
            raw = await intake.read_body(request)
            record = await run_in_threadpool(lambda: self._take_on(raw, capability, owner))
            return reply(self._dialect, self._dialect.created(record))

        return create

    def _take_on(self, raw: bytes, capability: Capability, owner: str) -> Record:
        uploads = self._desk.uploads
        body = intake.decode(raw)
        order = read_order(body, capability, lambda uri: uploads.find(uri, owner=owner))
        faults, book = self._desk.faults, self._desk.book
        faults.before(order.prompt, Manner.OFFICIAL, owner=owner, purse=Purse())
        record = book.create(order, capability, owner=owner)
        faults.after(order.prompt, Manner.OFFICIAL)
        return record

    async def _task(self, request: Request) -> Response:
        owner = admit(request, self._dialect, self._desk)
        task_id = request.path_params["task_id"]
        book = self._desk.book
        if request.method == "DELETE":
            if not book.delete(task_id, owner=owner):
                raise Refusal(404, {"error": "Could not find Task"})
            return Response(status_code=204)
        record = book.find(task_id, owner=owner)
        if record is None:
            raise Refusal(404, {"error": "Could not find Task"})
        now = datetime.now(UTC)
        done = record.status(now, speed=book.speed) is TaskStatus.SUCCEEDED
        url = self._desk.outputs.url(request, record) if done else ""
        return reply(self._dialect, self._dialect.task(record, now, speed=book.speed, url=url))
