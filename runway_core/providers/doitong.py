"""Doitong: GraphQL ``generate`` or REST, with a key that makes sending twice harmless where it is honoured.

Its pages (doitong.com/{locale}/developers/api/runway and /runway-i2v, read 2026-11) contradict one
another and name no call for a task's state, for a cancel or for a balance. So the shape of a picture and
the question for a state are tried in order, what worked is remembered, and all of that is assumed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from runway_core.domain import Capability, GenerationRequest, Submitted, TaskUpdate
from runway_core.errors import (
    AuthenticationError,
    DeskError,
    InvalidRequestError,
    NotOfferedError,
    PermissionDeniedError,
    ProviderError,
    TaskNotFoundError,
    UnexpectedReplyError,
)
from runway_core.http import Reply
from runway_core.providers.address import Endpoint, create_url, graphql_url, question_url
from runway_core.providers.base import Balance, Outline, Probe, Provider
from runway_core.providers.graphql import (
    has_errors,
    is_graphql,
    made_anyway,
    unknown_names,
    was_refused,
)
from runway_core.providers.ladder import Rung
from runway_core.providers.questions import SILENCE, Questions
from runway_core.providers.refusals import is_html, problem_error, read_complaint, refusal
from runway_core.providers.replies import read_submitted
from runway_core.providers.shapes import NEUTRAL_PROMPT, Shape, Wish, shapes_for

CREATE_SECONDS = 60.0
LOOK_SECONDS = 20.0
_SHAPE = "image_shape"


class Doitong(Provider):
    """POST /graphql, or POST /v1/text_to_video and /v1/image_to_video."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._orders: dict[str, str] = {}

    @property
    def proven(self) -> bool:
        return self.option("same_key") == "proven"

    @classmethod
    def create_address(
        cls, endpoint: Endpoint, capability: Capability, options: Mapping[str, str]
    ) -> str:
        if options.get("api") == "rest":
            return create_url(endpoint, capability)
        return graphql_url(endpoint)

    def key_headers(self) -> dict[str, str]:
        headers = self._headers(rest=self.option("api") == "rest")
        return {name: value for name, value in headers.items() if name != "Accept"}

    def outline(self, request: GenerationRequest, *, token: str, callback_url: str = "") -> Outline:
        shape = self._shapes(request, token)[0]
        return self._outline(request, shape, token=token, callback_url=callback_url)

    async def submit(
        self, request: GenerationRequest, *, token: str, callback_url: str = ""
    ) -> Submitted:
        refused: ProviderError | None = None
        for shape in self._shapes(request, token):
            made = self._outline(request, shape, token=token, callback_url=callback_url)
            reply = await self._call(
                "POST", made.url, headers=made.headers, body=made.body, once=True
            )
            if not unknown_names(reply) & shape.names:
                submitted = self._read_created(reply)
                image = self.spec(request).capability is Capability.IMAGE_TO_VIDEO
                if image and self.option("api") != "rest":
                    self._memory.set(_SHAPE, shape.name)
                return submitted if request.prompt else _with_notes(submitted, made.body)
            refused = refused or problem_error("invalid", reply, self.who, read_complaint(reply))
        assert refused is not None
        refused.hint = (
            "Nothing was charged. None of the ways in which its pages send a picture is known there: "
            "choose REST in the connection's settings, or ask the provider."
        )
        raise refused

    async def retrieve(self, remote_id: str, *, submitted_at: datetime | None = None) -> TaskUpdate:
        age = (datetime.now(UTC) - submitted_at).total_seconds() if submitted_at else SILENCE
        return await self._questions().about(remote_id, age=age)

    async def cancel(self, remote_id: str) -> None:
        raise NotOfferedError(
            f"{self.who.title} has no way to cancel a task, so it goes on and is charged.",
            hint="Nothing was changed. Ask the provider to stop it, if it can.",
        )

    async def balance(self) -> Balance | None:
        return None

    async def probe(self) -> Probe:
        started = time.monotonic()
        ok, hint = True, "Only a first video shows for certain that the key is good."
        try:
            message = await self._greet()
        except DeskError as error:
            ok, message, hint = False, str(error), error.hint
        elapsed = round((time.monotonic() - started) * 1000)
        url = graphql_url(self.endpoint)
        return Probe(ok=ok, message=message, hint=hint, url=url, elapsed_ms=elapsed)

    # --- creating ------------------------------------------------------------------------------

    def _shapes(self, request: GenerationRequest, token: str) -> tuple[Shape, ...]:
        """The shapes to try, in order."""
        # Another shape has another key: what was sent once must not go out in a new order.
        known = self._orders.setdefault(token, self._memory.get(_SHAPE))
        rest = self.option("api") == "rest"
        return shapes_for(self.spec(request), rest=rest, remembered=known)

    def _outline(
        self, request: GenerationRequest, shape: Shape, *, token: str, callback_url: str
    ) -> Outline:
        spec, api, field = self.spec(request), self.option("api"), self.option("webhook_field")
        wish = Wish(
            request,
            spec,
            callback_url=callback_url or self.option("callback_url"),
            webhook_field="" if field == "none" else field,
        )
        key = str(uuid5(NAMESPACE_URL, f"runway-desk:{token}:{shape.name}"))
        return Outline(
            url=self.create_address(self.endpoint, spec.capability, {"api": api}),
            headers=self._headers(rest=api == "rest") | {"Idempotency-Key": key},
            body=shape.build(wish),
        )

    def _read_created(self, reply: Reply) -> Submitted:
        reply = made_anyway(reply)
        if 200 <= reply.status < 300 and not was_refused(reply):
            return read_submitted(reply, self.who)
        complaint = read_complaint(reply)
        names_key = "idempoten" in f"{complaint.text} {' '.join(complaint.codes)}".lower()
        if reply.status == 409 or (names_key and reply.status == 422):
            raise problem_error("repeated", reply, self.who, complaint)
        if was_refused(reply):
            raise problem_error("invalid", reply, self.who, complaint)
        raise refusal(reply, self.who, "create")

    # --- looking -------------------------------------------------------------------------------

    def _questions(self) -> Questions:
        setting = self.option("status_ladder")
        return Questions(setting, ask=self._ask, who=self.who, memory=self._memory)

    async def _ask(self, rung: Rung, remote_id: str) -> Reply:
        if rung.query:
            return await self._graphql(rung.query, {"id": remote_id} if "$id" in rung.query else {})
        url = question_url(self.endpoint, rung.path, remote_id)
        return await self._call("GET", url, headers=self._headers(rest=True))

    # --- trying --------------------------------------------------------------------------------

    async def _greet(self) -> str:
        """Ask for nothing at all, and then for a task that nobody has: both are free.

        Raises:
            DeskError: what is wrong.
        """
        reply = await self._graphql("{ __typename }", {})
        if not 200 <= reply.status < 300 or not is_graphql(reply) or has_errors(reply):
            error = refusal(reply, self.who, "account")
            if not isinstance(
                error, InvalidRequestError | UnexpectedReplyError | TaskNotFoundError
            ):
                raise error
            if not is_graphql(reply):
                raise self._no_graphql(reply)
        query = next((rung for rung in self._questions().ladder() if rung.query), None)
        if query is not None:
            error = refusal(await self._ask(query, str(uuid4())), self.who, "account")
            if isinstance(error, AuthenticationError | PermissionDeniedError):
                raise error
        return f"{self.who.title} answers, and does not refuse the API key."

    def _no_graphql(self, reply: Reply) -> ProviderError:
        if is_html(reply):
            return problem_error("page", reply, self.who)
        return UnexpectedReplyError(
            f"{self.who.title} has no GraphQL at this address (HTTP {reply.status}).",
            status_code=reply.status,
            hint="Check the base URL in Settings.",
        )

    # --- calling -------------------------------------------------------------------------------

    async def _graphql(self, query: str, variables: Mapping[str, str]) -> Reply:
        body = {"query": query} | ({"variables": variables} if variables else {})
        headers = self._headers(rest=False)
        return await self._call("POST", graphql_url(self.endpoint), headers=headers, body=body)

    def _headers(self, *, rest: bool) -> dict[str, str]:
        """The key where the connection's setting puts it; by default as the pages show it for each API."""
        wish = self.option("auth")
        style = wish if wish in ("bearer", "x-api-key", "both") else ("bearer", "x-api-key")[rest]
        headers = {"Accept": "application/json"}
        if not self._key:
            return headers
        if style in ("bearer", "both"):
            headers["Authorization"] = f"Bearer {self._key}"
        if style in ("x-api-key", "both"):
            headers["X-API-Key"] = self._key
        return headers

    async def _call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: object | None = None,
        once: bool = False,
    ) -> Reply:
        await self._gate()
        return await self._http.request(
            method,
            url,
            headers=headers,
            json=body,
            deadline=CREATE_SECONDS if once else LOOK_SECONDS,
            observe=self._observe,
            secrets=self.who.secrets,
            once=once,
        )


def _with_notes(submitted: Submitted, body: Mapping[str, object]) -> Submitted:
    """Say what was sent that the person did not type."""
    if body.get("prompt") != NEUTRAL_PROMPT:
        return submitted
    note = f"REST wants words, so “{NEUTRAL_PROMPT}” was sent."
    return submitted.model_copy(update={"warning": f"{note} {submitted.warning}".strip()})
