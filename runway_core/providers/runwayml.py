"""Runway's own API, and every relay that passes it through under a prefix such as ``/runwayml``."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import uuid4

from runway_core.domain import Frame, FramePosition, GenerationRequest, Submitted, TaskUpdate
from runway_core.errors import (
    InvalidInputError,
    InvalidRequestError,
    Problem,
    ProviderError,
    TaskNotFoundError,
)
from runway_core.http import Reply
from runway_core.providers.address import create_url, organization_url, task_url
from runway_core.providers.base import Balance, Probe, Provider
from runway_core.providers.body import media_body, options_body
from runway_core.providers.replies import (
    read_balance,
    read_cancelled,
    read_submitted,
    read_task,
)

VERSION = "2024-11-06"
"""The only current version (Runway OpenAPI of 2026-08-08); relays pass it on or ignore it."""
CREATE_SECONDS = 60.0
LOOK_SECONDS = 20.0


class RunwayML(Provider):
    """POST /v1/image_to_video and /v1/text_to_video, GET and DELETE /v1/tasks/{id}."""

    async def submit(
        self, request: GenerationRequest, *, token: str, callback_url: str = ""
    ) -> Submitted:
        body = self._body(request)
        url = create_url(self.endpoint, self.spec(request).capability)
        reply = await self._call("POST", url, body=body, deadline=CREATE_SECONDS)
        return read_submitted(reply, self.who)

    async def retrieve(self, remote_id: str, *, submitted_at: datetime | None = None) -> TaskUpdate:
        reply = await self._call("GET", task_url(self.endpoint, remote_id))
        return read_task(reply, self.who, submitted_at=submitted_at)

    async def cancel(self, remote_id: str) -> None:
        reply = await self._call("DELETE", task_url(self.endpoint, remote_id))
        read_cancelled(reply, self.who)

    async def balance(self) -> Balance | None:
        if self.profile.kind == "relay":
            return None
        reply = await self._call("GET", organization_url(self.endpoint))
        return Balance(amount=read_balance(reply, self.who), unit=self.profile.unit)

    async def probe(self) -> Probe:
        if self.profile.kind == "relay":
            stranger = str(uuid4())
            return await self._probe(
                task_url(self.endpoint, stranger), lambda: self._ask_for_stranger(stranger)
            )
        return await self._probe(organization_url(self.endpoint), self._ask_for_balance)

    async def _probe(self, url: str, ask: Callable[[], Awaitable[str]]) -> Probe:
        started = time.monotonic()
        ok, hint = True, ""
        try:
            message = await ask()
        except ProviderError as error:
            ok, message, hint = False, str(error), error.hint
        elapsed = round((time.monotonic() - started) * 1000)
        return Probe(ok=ok, message=message, hint=hint, url=url, elapsed_ms=elapsed)

    async def _ask_for_balance(self) -> str:
        balance = await self.balance()
        left = f" {balance.amount} {balance.unit}s left." if balance else ""
        return f"{self.who.title} accepts the API key.{left}"

    async def _ask_for_stranger(self, remote_id: str) -> str:
        """A relay checks the key before it looks for a task, so not knowing one is the good answer."""
        try:
            await self.retrieve(remote_id)
        except TaskNotFoundError:
            pass
        except InvalidRequestError as error:
            if error.status_code not in (400, 422):
                raise
        return f"{self.who.title} answers and accepts the API key."

    def _body(self, request: GenerationRequest) -> dict[str, object]:
        """Only the keys that the model knows: newer models refuse a request for one that they don't."""
        values: dict[str, object] = {
            "model": request.model,
            "promptImage": _pictures(request),
            "promptText": request.prompt or None,
            "ratio": request.ratio or None,
            "duration": request.duration or None,
            "seed": request.seed,
        }
        spec = self.spec(request)
        keys = spec.body_keys()
        body = {k: v for k, v in values.items() if k in keys and v is not None}
        return body | media_body(request, spec) | options_body(request, spec)

    async def _call(
        self, method: str, url: str, *, body: object | None = None, deadline: float = LOOK_SECONDS
    ) -> Reply:
        headers = {"Accept": "application/json", "X-Runway-Version": VERSION}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        return await self._http.request(
            method,
            url,
            headers=headers,
            json=body,
            deadline=deadline,
            observe=self._observe,
            secrets=self.who.secrets,
            once=method == "POST",
        )


def _pictures(request: GenerationRequest) -> object | None:
    """A plain link for one first frame, which every relay takes; else a list with positions."""
    frames = [f for p in FramePosition if (f := request.frame(p))]
    for frame in frames:
        _check(frame)
    if not frames:
        return None
    if len(frames) == 1 and frames[0].position is FramePosition.FIRST:
        return frames[0].uri
    return [{"uri": f.uri, "position": f.position.value} for f in frames]


def _check(frame: Frame) -> None:
    if not frame.uri.startswith(("https://", "data:", "runway://")):
        raise InvalidInputError(
            Problem(f"frames.{frame.position}", "must be a link or a picture that is kept here.")
        )
