"""Doitong's HTTP face: ``/graphql``, the two REST creates, and ``/v1/jobs/{id}``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from runway_core.sandbox import intake
from runway_core.sandbox.api import Desk
from runway_core.sandbox.doitong.jobs import Call, Jobs, fingerprint
from runway_core.sandbox.doitong.refused import Refused
from runway_core.sandbox.doitong.shapes import SHAPES, Shape
from runway_core.sandbox.doitong.windows import Windows
from runway_core.sandbox.doitong.wish import SERVICES, read_wish
from runway_core.sandbox.faults import Manner, Stumbled, too_many
from runway_core.sandbox.issues import Refusal

if TYPE_CHECKING:
    from runway_core.sandbox.doitong.schema import Endpoint

Json = dict[str, object]
Answer = Callable[[Request, Call], Awaitable[Response]]
PATHS = {"text_to_video": "runway", "image_to_video": "runway-i2v"}
"""REST's paths, and the only `service` of each."""
BODY_CODES = {400: "BAD_REQUEST", 413: "PAYLOAD_TOO_LARGE"}


def routes(desk: Desk) -> list[Route]:
    """Every shape's endpoints. They stand before Runway's, whose paths they share: see `_KeyRoute`."""
    jobs = Jobs(desk)
    return [route for shape in SHAPES for route in _Face(shape, desk, jobs).routes()]


class _KeyRoute(Route):
    """Matches only what carries ``X-API-Key``, which Runway's own API doesn't know."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        named = scope["type"] == "http" and any(k == b"x-api-key" for k, _ in scope["headers"])
        return super().matches(scope) if named else (Match.NONE, {})


class _Face:
    """One shape's endpoints."""

    def __init__(self, shape: Shape, desk: Desk, jobs: Jobs) -> None:
        self._shape = shape
        self._desk = desk
        self._jobs = jobs
        self._windows = Windows(shape.per_minute)

    def routes(self) -> list[Route]:
        root = f"{self._shape.prefix}/v1"
        # Only the bare root is shared with Runway's own API.
        route = Route if self._shape.prefix else _KeyRoute
        paths: list[Route] = [
            Route(f"{self._shape.prefix}/graphql", self._guarded(self._graphql), methods=["POST"]),
            *(route(f"{root}/{path}", self._rest(path), methods=["POST"]) for path in PATHS),
        ]
        if self._shape.has_job_path:
            paths.append(Route(f"{root}/jobs/{{job_id}}", self._guarded(self._job)))
        return paths

    @cached_property
    def _endpoint(self) -> Endpoint:
        # Here, because a start of the server should not wait for graphql-core.
        from runway_core.sandbox.doitong.schema import Endpoint

        return Endpoint(self._shape, self._jobs)

    async def _graphql(self, request: Request, call: Call) -> Response:
        body = intake.decode(await intake.read_body(request))
        call.fingerprint = fingerprint(request.url.path, body)
        return await run_in_threadpool(lambda: self._endpoint.answer(body, call))

    def _rest(self, path: str) -> Callable[[Request], Awaitable[Response]]:
        async def create(request: Request, call: Call) -> Response:
            body = intake.decode(await intake.read_body(request))
            if not isinstance(body, dict):
                raise Refused("BAD_REQUEST", "The body must be a JSON object")
            call.fingerprint = fingerprint(request.url.path, body)
            if body.get("service") != PATHS[path]:
                words = f'service: must be "{PATHS[path]}" here'
                raise Refused("BAD_USER_INPUT", words, field="service")
            wish = read_wish(body, prompt_required=True)
            job = await run_in_threadpool(lambda: self._jobs.make(wish, call))
            return JSONResponse(_envelope(job, full=False))

        return self._guarded(create)

    async def _job(self, request: Request, call: Call) -> Response:
        job = self._jobs.find(request.path_params["job_id"], call)
        if job is None:
            raise Refused("NOT_FOUND", "Job not found")
        return JSONResponse(_envelope(job, full=True))

    def _guarded(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """Check the key and the rate limit first, and put the limit's headers on every answer."""

        async def guarded(request: Request) -> Response:
            owner = intake.owner(request, self._desk.key, api_key=True)
            good, limits = self._windows.count(owner or "")
            response = await self._answered(answer, request, owner) if good else None
            response = response or too_many(Manner.DOITONG)
            for name, value in limits.items():
                # A fault prompt's 429 has told its own, and so has a full window's.
                if good and name in response.headers:
                    continue
                response.headers[name] = value
            return response

        return guarded

    async def _answered(self, answer: Answer, request: Request, owner: str | None) -> Response:
        try:
            if owner is None:
                raise Refused("UNAUTHENTICATED", "Missing or invalid API key")
            return await answer(request, self._call(request, owner))
        except Refused as refused:
            response = refused.response()
        except Refusal as refusal:
            words = str(refusal.body.get("error", ""))
            response = Refused(BODY_CODES[refusal.status_code], words).response()
        except Stumbled as stumbled:
            response = stumbled.response
        if self._shape.errors_at_200 and request.url.path.endswith("/graphql"):
            response.status_code = 200
        return response

    def _call(self, request: Request, owner: str) -> Call:
        return Call(
            owner=owner,
            origin=f"{request.url.scheme}://{request.url.netloc}",
            url=lambda record: self._desk.outputs.url(request, record),
            token=request.headers.get("idempotency-key", "").strip(),
        )


def _envelope(job: Json, *, full: bool) -> Json:
    """A job as REST tells it: the fields of Doitong's page, and all of them for a look (assumed)."""
    names = ["id", "status", "url", "duration", "webhookUrl", "createdAt"]
    if full:
        names += ["type", "provider", "metadata", "creditCost", "completedAt"]
    shown = {name: job[name] for name in names if name in ("id", "status", "url") or job[name]}
    return {"data": {SERVICES[str(job["provider"])]: shown}}
