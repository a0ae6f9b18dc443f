"""What is left and what was spent, as relays tell it; all of it agrees with what the tasks cost.

Sources: new-api's controller/billing.go and controller/token.go for the first three, and
f.openai-hk.com/docs/openai/hkapi.html for the log. One credit is 0.01 USD, as Runway sells it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runway_core.sandbox import intake
from runway_core.sandbox.api import Desk, admit, reply
from runway_core.sandbox.book import START_CREDITS
from runway_core.sandbox.dialects import RELAY
from runway_core.sandbox.record import Charge
from runway_core.sandbox.relays.envelopes import FAMILIES

CREDITS_PER_USD = 100
QUOTA_PER_USD = 500_000
"""A token's quota in new-api."""
LOGS_MOST = 300
Json = dict[str, Any]
Tell = Callable[[str], Json]


def billing_routes(desk: Desk) -> list[Route]:
    """The billing routes below every relay's prefix."""
    return [route for family in FAMILIES for route in _Billing(desk).routes(family.prefix)]


class _Billing:
    """The purse of each key."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, prefix: str) -> list[Route]:
        dashboards = [f"{prefix}{v}/dashboard/billing" for v in ("/v1", "")]
        subscription, usage = self._asked(self._subscription), self._asked(self._usage)
        return [
            *(Route(f"{root}/subscription", subscription) for root in dashboards),
            *(Route(f"{root}/usage", usage) for root in dashboards),
            Route(f"{prefix}/api/usage/token/", self._asked(self._token)),
            Route(f"{prefix}/api/usage/token", self._asked(self._token)),
            Route(f"{prefix}/openai/sk/log", self._log, methods=["POST"]),
        ]

    def _asked(self, tell: Tell) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return reply(RELAY, tell(admit(request, RELAY, self._desk)))

        return answer

    def _subscription(self, _owner: str) -> Json:
        granted = START_CREDITS / CREDITS_PER_USD
        return {
            "object": "billing_subscription",
            "has_payment_method": True,
            "soft_limit_usd": granted,
            "hard_limit_usd": granted,
            "system_hard_limit_usd": granted,
            "access_until": 0,
        }

    def _usage(self, owner: str) -> Json:
        # In hundredths of a dollar, which is what a credit is.
        return {"object": "list", "total_usage": self._desk.book.spent(owner=owner)}

    def _token(self, owner: str) -> Json:
        per_credit = QUOTA_PER_USD // CREDITS_PER_USD
        granted = START_CREDITS * per_credit
        used = self._desk.book.spent(owner=owner) * per_credit
        usage = {
            "object": "token_usage",
            "name": "sandbox",
            "total_granted": granted,
            "total_used": used,
            "total_available": granted - used,
            "unlimited_quota": False,
            "model_limits": {},
            "model_limits_enabled": False,
            "expires_at": 0,
        }
        return {"code": True, "message": "ok", "data": usage}

    async def _log(self, request: Request) -> Response:
        """openai-hk's list of what was paid, newest first; a point is a credit here."""
        owner = intake.owner(request, self._desk.key)
        if owner is None:
            return JSONResponse({"data": None, "error": 401, "error_des": "key error"})
        body = intake.decode(await intake.read_body(request))
        values = body if isinstance(body, dict) else {}
        start = _number(values.get("start"), 0, 0)
        limit = min(_number(values.get("limit"), 1, 10), LOGS_MOST)
        logs = self._logs(owner)[start : start + limit]
        return JSONResponse({"data": {"logs": logs}, "error": 0, "error_des": ""})

    def _logs(self, owner: str) -> list[Json]:
        left, logs = START_CREDITS, []
        charges = sorted(self._desk.book.charges(owner=owner), key=lambda charge: charge.at)
        for number, charge in enumerate(charges, start=1):
            left -= charge.credits
            logs.append(_entry(charge, number, left))
        return logs[::-1]


def _entry(charge: Charge, number: int, left: int) -> Json:
    """All numbers are text there."""
    return {
        "id": str(number),
        "user_id": "1",
        "ctime": str(int(charge.at.timestamp())),
        "prompt_tokens": "0",
        "completion_tokens": "0",
        "fen": str(charge.credits),
        "model": charge.model,
        "yufen": str(left),
        "reqid": f"{charge.owner}{number}",
        "ip": "127.0.0.1",
        "note": "",
    }


def _number(value: object, low: int, otherwise: int) -> int:
    """A whole number that may be written as text."""
    try:
        return max(int(str(value)), low)
    except ValueError:
        return otherwise
