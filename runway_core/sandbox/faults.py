"""Faults on the way to a task that a prompt's first word asks for, as every root tells them.

What becomes of a task that was made is in `script`; this is about creates that are refused, and about
answers that never arrive although the task was made and is charged.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

RETRY_AFTER = 1
"""Seconds that a refusal for now asks to wait."""
PAGE = "<!doctype html><html><head><title>Welcome</title></head><body>Welcome</body></html>"
"""What a relay's front end shows at addresses that its API does not know."""
SATURATED = "当前分组上游负载已饱和，请稍后再试"
Json = dict[str, Any]


class Manner(StrEnum):
    """Whose words a refusal is told in."""

    OFFICIAL = "official"
    RELAY = "relay"
    DOITONG = "doitong"


class Stumbled(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The answer that a fault gives instead of the usual one."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"{response.status_code} by a fault prompt")
        self.response = response


@dataclass(frozen=True)
class Purse:
    """What a create costs and what the key has, in credits."""

    cost: int = 0
    left: int = 0


@dataclass(frozen=True)
class _Fault:
    answer: Callable[[Manner, Purse], Response]
    made: bool = False
    """The task is made and charged before the answer goes wrong."""
    once: bool = False
    """Only the first create with such a prompt is refused, so that a second try is seen to work."""


class Faults:
    """Which faults have been met. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._met: set[tuple[str, str]] = set()

    def before(self, prompt: str, manner: Manner, *, owner: str, purse: Purse) -> None:
        """Refuse a create whose prompt asks for it; nothing has been made yet.

        Raises:
            Stumbled: it does.
        """
        fault = FAULTS.get(first_word(prompt))
        if fault is None or fault.made:
            return
        if fault.once and (owner, prompt) in self._met:
            return
        self._met.add((owner, prompt))
        raise Stumbled(fault.answer(manner, purse))

    def after(self, prompt: str, manner: Manner) -> None:
        """Spoil the answer to a create whose prompt asks for it; the task is made and will be charged.

        Raises:
            Stumbled: it does.
        """
        fault = FAULTS.get(first_word(prompt))
        if fault and fault.made:
            raise Stumbled(fault.answer(manner, Purse()))


def first_word(prompt: str) -> str:
    """What stands before the first colon, in lower case; empty when there is no colon."""
    return prompt.lstrip().partition(":")[0].lower() if ":" in prompt else ""


def no_credits(manner: Manner, purse: Purse) -> Response:
    """The key can't pay."""
    short = f"用户剩余额度: ＄{purse.left / 100:.6f}, 需要预扣费额度: ＄{purse.cost / 100:.6f}"
    bodies: dict[Manner, tuple[int, Json]] = {
        Manner.OFFICIAL: (
            400,
            {"error": "You do not have enough credits to run this task."},
        ),
        Manner.RELAY: (
            403,
            {
                "code": "insufficient_user_quota",
                "message": f"预扣费额度失败, {short}",
                "data": None,
            },
        ),
        Manner.DOITONG: (
            402,
            graphql_error(
                "Insufficient credits for this operation",
                "INSUFFICIENT_CREDITS",
                creditsRequired=purse.cost,
                creditsAvailable=purse.left,
            ),
        ),
    }
    status, body = bodies[manner]
    return JSONResponse(body, status)


def too_many(manner: Manner, _purse: Purse = Purse()) -> Response:
    """Too many requests; another one works after RETRY_AFTER seconds."""
    bodies: dict[Manner, Json] = {
        Manner.OFFICIAL: {"error": "Rate limit exceeded"},
        Manner.RELAY: {"code": "fail_to_fetch_task", "message": SATURATED, "data": None},
        Manner.DOITONG: graphql_error("Rate limit exceeded", "RATE_LIMITED"),
    }
    headers = {"Retry-After": str(RETRY_AFTER)}
    if manner is Manner.DOITONG:
        headers["X-RateLimit-Remaining"] = "0"
        headers["X-RateLimit-Reset"] = str(int(time.time()) + RETRY_AFTER)
    return JSONResponse(bodies[manner], 429, headers=headers)


def relay_error(words: str, kind: str = "new_api_error", code: str = "") -> Json:
    """An error as a relay's gate tells it (new-api)."""
    request_id = f"{time.strftime('%Y%m%d%H%M%S')}{secrets.token_hex(8)}"
    return {
        "error": {"message": f"{words} (request id: {request_id})", "type": kind, "code": code},
    }


def graphql_error(message: str, code: str, **more: Any) -> Json:
    """An error as Doitong tells it."""
    return {"errors": [{"message": message, "extensions": {"code": code, **more}}]}


def _busy(manner: Manner, _purse: Purse) -> Response:
    bodies: dict[Manner, Json] = {
        Manner.OFFICIAL: {"error": "Service is temporarily unavailable"},
        Manner.RELAY: relay_error(SATURATED, "upstream_error", "upstream_load_saturated"),
        Manner.DOITONG: graphql_error("Service unavailable", "SERVICE_UNAVAILABLE"),
    }
    return JSONResponse(bodies[manner], 503, headers={"Retry-After": str(RETRY_AFTER)})


def _broken(manner: Manner, _purse: Purse) -> Response:
    bodies: dict[Manner, Json] = {
        Manner.OFFICIAL: {"error": "An unexpected error occurred."},
        Manner.RELAY: relay_error("do request failed", "upstream_error", "do_request_failed"),
        Manner.DOITONG: graphql_error("Internal server error", "INTERNAL_SERVER_ERROR"),
    }
    return JSONResponse(bodies[manner], 500)


def _page(_manner: Manner, _purse: Purse) -> Response:
    return HTMLResponse(PAGE)


class _Cut(Response):
    """Begins to answer and hangs up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = (b"content-length", b"64")
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def _cut(_manner: Manner, _purse: Purse) -> Response:
    return _Cut()


FAULTS = {
    "credits": _Fault(no_credits),
    "limit": _Fault(too_many, once=True),
    "busy": _Fault(_busy, once=True),
    "html": _Fault(_page),
    "error": _Fault(_broken, made=True),
    "drop": _Fault(_cut, made=True),
}
"""By the prompt's first word."""
