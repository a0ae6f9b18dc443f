"""What a key has, may do and has spent: Runway's organization endpoints."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from runway_core.sandbox import intake
from runway_core.sandbox.api import Desk, admit, reply
from runway_core.sandbox.body import models
from runway_core.sandbox.book import START_CREDITS
from runway_core.sandbox.dialects import OFFICIAL
from runway_core.sandbox.issues import MISSING, Issues
from runway_core.sandbox.record import Charge

SPAN_MAX, SPAN_USUAL = 90, 30
"""Days of usage that can be asked for (Runway OpenAPI of 2026-08-08)."""


class Account:
    """The endpoints about a key's organization."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        return [
            Route("/v1/organization", self._organization, methods=["GET"]),
            Route("/v1/organization/usage", self._usage, methods=["POST"]),
        ]

    async def _organization(self, request: Request) -> Response:
        owner = admit(request, OFFICIAL, self._desk)
        book = self._desk.book
        names = sorted({spec.id for spec in models()})
        made = book.made_since(datetime.now(UTC) - timedelta(days=1), owner=owner)
        limits = {"maxConcurrentGenerations": book.concurrency, "maxDailyGenerations": None}
        body = {
            "tier": {
                "maxMonthlyCreditSpend": START_CREDITS,
                "models": dict.fromkeys(names, limits),
            },
            "creditBalance": book.left(owner=owner),
            "usage": {"models": {m: {"dailyGenerations": made[m]} for m in names}},
        }
        return reply(OFFICIAL, body)

    async def _usage(self, request: Request) -> Response:
        owner = admit(request, OFFICIAL, self._desk)
        raw = await intake.read_body(request)
        start, before = _span(intake.decode(raw) if raw.strip() else {})
        charges = self._desk.book.charges(owner=owner)
        spent = [c for c in charges if c.credits and start <= c.at.astimezone(UTC).date() < before]
        body = {"results": _by_day(spent), "models": sorted({c.model for c in spent})}
        return reply(OFFICIAL, body)


def _by_day(charges: list[Charge]) -> list[dict[str, Any]]:
    days: dict[date, Counter[str]] = {}
    for charge in charges:
        day = days.setdefault(charge.at.astimezone(UTC).date(), Counter())
        day[charge.model] += charge.credits
    return [
        {
            "date": day.isoformat(),
            "usedCredits": [{"model": m, "amount": n} for m, n in sorted(days[day].items())],
        }
        for day in sorted(days)
    ]


def _span(body: object) -> tuple[date, date]:
    """The first day, and the one after the last. All dates are in UTC.

    Raises:
        Refusal: a date is none, or they are too far apart.
    """
    issues = Issues()
    if not isinstance(body, dict):
        issues.wrong_type("object", body)
        raise issues.refusal()
    today = datetime.now(UTC).date()
    begun = _day(body, "startDate", issues)
    # Today is always in what is told without dates; that Runway does so too is assumed.
    usual = begun + timedelta(days=SPAN_USUAL) if begun else today + timedelta(days=1)
    before = _day(body, "beforeDate", issues) or usual
    start = begun or min(today, before) - timedelta(days=SPAN_USUAL)
    if not issues.found and not timedelta() <= before - start <= timedelta(days=SPAN_MAX):
        message = f"beforeDate must be at most {SPAN_MAX} days after startDate, and not before it"
        issues.add("custom", message, "beforeDate")
    if issues.found:
        raise issues.refusal()
    return start, before


def _day(body: dict[str, Any], key: str, issues: Issues) -> date | None:
    value = body.get(key, MISSING)
    if value is MISSING:
        return None
    if not isinstance(value, str):
        issues.wrong_type("string", value, key)
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.isoformat() != value:
        issues.add("invalid_format", "Invalid ISO date", key, format="date")
        return None
    return found
