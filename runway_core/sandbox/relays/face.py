"""A relay's HTTP face, below each envelope's prefix."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runway_core.domain import Capability
from runway_core.sandbox import intake
from runway_core.sandbox.api import Desk, admit, reply
from runway_core.sandbox.body import models, read_order
from runway_core.sandbox.dialects import RELAY
from runway_core.sandbox.faults import Manner, Purse, relay_error
from runway_core.sandbox.hooks import Style, hook_notes
from runway_core.sandbox.issues import Refusal
from runway_core.sandbox.record import Record
from runway_core.sandbox.relays.envelopes import FAMILIES, Family
from runway_core.sandbox.relays.native import translate
from runway_core.sandbox.relays.seen import Json, Seen

DURATION = 5
"""What a missing duration is billed as (yunwu's middleware/distributor.go)."""
Handler = Callable[[Request], Awaitable[Response]]


def routes(desk: Desk) -> list[Route]:
    """Every family's endpoints."""
    return [route for family in FAMILIES for route in _Face(family, desk).routes()]


def is_relay(path: str) -> bool:
    """Whether a path is a relay's, known or not, so that its errors are told in a relay's manner."""
    roots = ("/runwayml", *(family.prefix for family in FAMILIES if family.prefix))
    return any(path.startswith(f"{root}/") for root in roots)


def hook_styles() -> Mapping[str, Style]:
    """How a ``notify_hook`` is told, by prefix: as a look at the task would be (assumed)."""
    return {family.prefix: Style(_hook(family)) for family in FAMILIES}


def _hook(family: Family) -> Callable[[Record, str], Json]:
    def tell(record: Record, url: str) -> Json:
        return family.task(Seen.at(datetime.now(UTC), record, speed=1, url=url))

    return tell


class _Face:
    """One family's endpoints."""

    def __init__(self, family: Family, desk: Desk) -> None:
        self._family = family
        self._desk = desk

    def routes(self) -> list[Route]:
        family, root = self._family, f"{self._family.prefix}/runwayml/v1"
        looks = ["GET", "DELETE"]
        found = [
            *(Route(f"{root}/{c}", self._maker(c), methods=["POST"]) for c in Capability),
            Route(f"{root}/tasks/{{task_id}}", self._look, methods=looks),
        ]
        if family.create_path:
            path = family.prefix + family.create_path
            found.append(Route(path, self._maker(None), methods=["POST"]))
            found.append(Route(family.prefix + family.look_path, self._look, methods=looks))
        return found

    def _maker(self, capability: Capability | None) -> Handler:
        """What takes creates of one kind in Runway's words; None: of any kind, in the family's own."""

        async def create(request: Request) -> Response:
            owner = admit(request, RELAY, self._desk)
            body = intake.decode(await intake.read_body(request))
            origin = f"{request.url.scheme}://{request.url.netloc}"
            record = await run_in_threadpool(
                lambda: self._take_on(body, capability, owner=owner, origin=origin)
            )
            return reply(RELAY, self._family.created(self._seen(record, "")))

        return create

    def _take_on(
        self, body: object, capability: Capability | None, *, owner: str, origin: str
    ) -> Record:
        hook = body.get("notify_hook") if isinstance(body, dict) else None
        if capability is None:
            body, capability = translate(body)
        _check_channel(body)
        try:
            order = read_order(
                body, capability, lambda uri: self._desk.uploads.find(uri, owner=owner)
            )
        except Refusal as refusal:
            raise Refusal(*self._family.refused(refusal.status_code, refusal.body)) from None
        purse = Purse(left=self._desk.book.left(owner=owner))
        self._desk.faults.before(order.prompt, Manner.RELAY, owner=owner, purse=purse)
        notes = hook_notes(hook, style=self._family.prefix, origin=origin)
        record = self._desk.book.create(order, capability, owner=owner, notes=notes)
        self._desk.faults.after(order.prompt, Manner.RELAY)
        return record

    async def _look(self, request: Request) -> Response:
        owner = admit(request, RELAY, self._desk)
        task_id = request.path_params.get("task_id") or request.query_params.get("id", "")
        record = self._desk.book.find(task_id, owner=owner)
        if record is None or self._is_late(record):
            status, body = self._family.missing
            return JSONResponse(body, status)
        if request.method == "DELETE":
            self._desk.book.delete(task_id, owner=owner)
            return Response(status_code=204)
        seen = self._seen(record, self._desk.outputs.url(request, record))
        return reply(RELAY, self._family.task(seen))

    def _is_late(self, record: Record) -> bool:
        seconds = self._family.late / self._desk.book.speed
        return datetime.now(UTC) < record.created_at + timedelta(seconds=seconds)

    def _seen(self, record: Record, url: str) -> Seen:
        return Seen.at(datetime.now(UTC), record, speed=self._desk.book.speed, url=url)


def _check_channel(body: object) -> None:
    """A relay finds channel and price by ``runwayml-<model>-<duration>``, which it makes itself.

    So a model that is written like that already is doubled, and found nowhere.
    Source: yunwu's middleware/distributor.go, as quoted by github.com/handsomeboy0612/yunwu-desktop.

    Raises:
        Refusal: 503, no channel.
    """
    values: Mapping[str, Any] = body if isinstance(body, dict) else {}
    model = values.get("model")
    if not isinstance(model, str) or model in {spec.id for spec in models()}:
        return
    billed = f"runwayml-{model}-{values.get('duration') or DURATION}"
    clean = re.sub(r"[^\w.:-]", "?", billed)[:200]
    words = f"分组 default 下模型 {clean} 无可用渠道（distributor）"
    raise Refusal(503, relay_error(words, code="model_not_found"))
