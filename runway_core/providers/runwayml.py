"""Runway's own API, and every relay that passes it through under a prefix such as ``/runwayml``."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

from runway_core.catalog import Profile
from runway_core.catalog.billing import billing_id
from runway_core.domain import Frame, FramePosition, GenerationRequest, Submitted, TaskUpdate
from runway_core.errors import (
    InvalidInputError,
    InvalidRequestError,
    Problem,
    ProviderError,
    TaskNotFoundError,
)
from runway_core.http import Observe, Reply
from runway_core.providers.account import read_account, read_usage, relay_balance, spans
from runway_core.providers.address import (
    create_url,
    organization_url,
    task_url,
    uploads_url,
    usage_url,
)
from runway_core.providers.base import Account, Balance, DayUsage, Outline, Probe, Provider
from runway_core.providers.body import media_body, options_body
from runway_core.providers.replies import (
    read_cancelled,
    read_submitted,
    read_task,
)
from runway_core.providers.uploads import (
    Slot,
    file_size,
    read_slot,
    upload_name,
    upload_seconds,
    without_slot,
)

VERSION = "2024-11-06"
"""The only current version (Runway OpenAPI of 2026-08-08); relays pass it on or ignore it."""
CREATE_SECONDS = 60.0
LOOK_SECONDS = 20.0
BALANCE_SECONDS = 10.0
"""For each way in which a relay may tell what is left."""
BILLING_ID = "billing id"
"""The choice of a connection's ``model_name`` that names a model as yunwu's price list does."""


class RunwayML(Provider):
    """POST /v1/image_to_video and its siblings, GET and DELETE /v1/tasks/{id}, and the account's own routes."""

    def outline(self, request: GenerationRequest, *, token: str, callback_url: str = "") -> Outline:
        return Outline(
            url=create_url(self.endpoint, self.spec(request).capability),
            headers=self._headers(),
            body=self._body(request) | self._relays_own(request, callback_url),
        )

    async def submit(
        self, request: GenerationRequest, *, token: str, callback_url: str = ""
    ) -> Submitted:
        made = self.outline(request, token=token, callback_url=callback_url)
        reply = await self._call(
            "POST", made.url, body=made.body, deadline=CREATE_SECONDS, once=True
        )
        return read_submitted(reply, self.who)

    async def retrieve(self, remote_id: str, *, submitted_at: datetime | None = None) -> TaskUpdate:
        reply = await self._call("GET", task_url(self.endpoint, remote_id))
        return read_task(reply, self.who, submitted_at=submitted_at)

    async def cancel(self, remote_id: str) -> None:
        reply = await self._call("DELETE", task_url(self.endpoint, remote_id))
        read_cancelled(reply, self.who)

    async def balance(self) -> Balance | None:
        account = await self.account()
        if account is not None:
            return account.balance

        async def ask(method: str, url: str, body: object | None) -> Reply:
            return await self._call(method, url, body=body, deadline=BALANCE_SECONDS)

        return await relay_balance(ask, self.endpoint, self.profile, self.who)

    async def account(self) -> Account | None:
        if self.profile.kind == "relay":
            return None
        reply = await self._call("GET", organization_url(self.endpoint))
        return read_account(reply, self.who, self.profile.unit)

    @classmethod
    def tells_usage(cls, profile: Profile) -> bool:
        return profile.kind != "relay"

    async def usage(self, start: date, before: date) -> tuple[DayUsage, ...] | None:
        if not self.tells_usage(self.profile):
            return None
        found: list[DayUsage] = []
        for since, until in spans(start, before):
            body = {"startDate": since.isoformat(), "beforeDate": until.isoformat()}
            reply = await self._call("POST", usage_url(self.endpoint), body=body)
            found += read_usage(reply, self.who)
        return tuple(found)

    async def upload(self, path: Path, *, filename: str, mime: str) -> str:
        if not self.profile.uploads:
            return await super().upload(path, filename=filename, mime=mime)
        seconds = upload_seconds(file_size(path, filename))
        name = upload_name(filename, mime)
        slot = await self._slot(name)
        with suppress(ProviderError):
            return await self._store(slot, path, name, mime, seconds)
        # A form may work only once, and another one is free.
        return await self._store(await self._slot(name), path, name, mime, seconds)

    async def _slot(self, name: str) -> Slot:
        body = {"filename": name, "type": "ephemeral"}
        observe = without_slot(self._observe)
        url = uploads_url(self.endpoint)
        return read_slot(await self._call("POST", url, body=body, observe=observe), self.who)

    async def _store(self, slot: Slot, path: Path, name: str, mime: str, seconds: float) -> str:
        await self._http.upload(
            slot.url,
            path,
            fields=slot.form,
            filename=name,
            mime=mime,
            deadline=seconds,
            observe=self._observe,
            secrets=self.who.secrets,
        )
        return slot.uri

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
        left = f" {balance.text} left." if balance else ""
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

    def _relays_own(self, request: GenerationRequest, callback_url: str) -> dict[str, object]:
        """What relays take beyond Runway's own body, and a model's name as one of them may want it."""
        if self.profile.kind != "relay":
            return {}
        own: dict[str, object] = {}
        hook = callback_url or self.option("callback_url").strip()
        if hook:
            own["notify_hook"] = _checked_hook(hook)
        if self.option("model_name") == BILLING_ID:
            own["model"] = billing_id(request.model, request.duration)
        return own

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/json",
            "X-Runway-Version": VERSION,
            **self.key_headers(),
        }

    async def _call(
        self,
        method: str,
        url: str,
        *,
        body: object | None = None,
        deadline: float = LOOK_SECONDS,
        observe: Observe | None = None,
        once: bool = False,
    ) -> Reply:
        await self._gate()
        return await self._http.request(
            method,
            url,
            headers=self._headers(),
            json=body,
            deadline=deadline,
            observe=observe or self._observe,
            secrets=self.who.secrets,
            once=once,
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


def _checked_hook(url: str) -> str:
    if re.fullmatch(r"https?://[\x21-\x7e]{3,2000}", url):
        return url
    message = "must be one address that begins with https://, for the relay to call."
    raise InvalidInputError(Problem("options.callback_url", message))


def _check(frame: Frame) -> None:
    if not frame.uri.startswith(("https://", "data:", "runway://")):
        raise InvalidInputError(
            Problem(f"frames.{frame.position}", "must be a link or a picture that is kept here.")
        )
