"""What an account has left, may do and has used: as Runway tells it, and in the three ways in which relays do.

A relay names no currency for what it bills in, so its amounts are called units, except where new-api's own
raw quota is told: 500,000 of it are 1 USD (docs.apiyi.com/api-capabilities/balance-query).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from runway_core.catalog import Profile
from runway_core.domain import ModelLimit
from runway_core.errors import NoAnswerError, NotReachedError, ProviderError
from runway_core.http import Reply
from runway_core.providers.address import Endpoint, billing_url, charges_url, token_usage_url
from runway_core.providers.base import Account, Balance, DayUsage
from runway_core.providers.envelope import Layer, dig
from runway_core.providers.refusals import Who, problem_error, words
from runway_core.providers.replies import read_document

Ask = Callable[[str, str, object | None], Awaitable[Reply]]
"""Sends a free request: method, address, body."""

QUOTA_PER_USD = 500_000
"""new-api's default; a relay can set another."""
UNLIMITED = 100_000_000
"""The limit that new-api's billing tells for a key without one (controller/billing.go)."""
USAGE_DAYS = 90
"""The longest span that Runway tells at once (Runway OpenAPI of 2026-08-08)."""
MODELS_MOST = 300
_NUMBER = re.compile(r"\s*-?[0-9]{1,15}(\.[0-9]{1,12})?\s*")


async def relay_balance(ask: Ask, endpoint: Endpoint, profile: Profile, who: Who) -> Balance | None:
    """What a relay says is left, by the first way that it knows; None when it knows none.

    The key's own quota, then the billing routes, then what was left after the last charge. A key
    without a limit of its own says nothing about the money behind it.

    Raises:
        NotReachedError, NoAnswerError: it could not be asked.
    """
    trouble: ProviderError | None = None
    for way in (_by_quota, _by_billing, _by_last_charge):
        try:
            found = await way(ask, endpoint, profile, who)
        except NotReachedError:
            raise
        except NoAnswerError as error:
            trouble = error
        except ProviderError:
            continue  # this relay has no such route; an error page is no balance
        else:
            if found is not None:
                return found
    if trouble is not None:
        raise trouble
    return None


async def _by_quota(ask: Ask, endpoint: Endpoint, _: Profile, who: Who) -> Balance | None:
    reply = await ask("GET", token_usage_url(endpoint), None)
    found = read_document(reply, who, "account")
    unlimited = next((v for layer in found for v in dig(layer, "unlimited_quota")), None)
    left = _first(found, "total_available")
    if left is None or unlimited not in (None, False, 0, "false", "0", ""):
        return None
    return Balance(amount=left / QUOTA_PER_USD, unit="USD")


async def _by_billing(ask: Ask, endpoint: Endpoint, _: Profile, who: Who) -> Balance | None:
    reply = await ask("GET", billing_url(endpoint, "subscription"), None)
    limit = _first(read_document(reply, who, "account"), "hard_limit_usd")
    if limit is None or limit >= UNLIMITED:
        return None
    reply = await ask("GET", f"{billing_url(endpoint, 'usage')}?{_this_month()}", None)
    used = _first(read_document(reply, who, "account"), "total_usage")
    return None if used is None else Balance(amount=limit - used / 100, unit="unit")


async def _by_last_charge(
    ask: Ask, endpoint: Endpoint, profile: Profile, who: Who
) -> Balance | None:
    url = charges_url(endpoint, profile)
    reply = await ask("POST", url, {"start": 0, "limit": 1})
    rows = [
        row
        for layer in read_document(reply, who, "account")
        for row in dig(layer, "logs.*")
        if isinstance(row, dict) and _number(row.get("yufen")) is not None
    ]
    newest = max(rows, key=lambda row: _number(row.get("ctime")) or Decimal(0), default={})
    left = _number(newest.get("yufen"))
    return None if left is None else Balance(amount=left, unit="point")


def read_account(reply: Reply, who: Who, unit: str) -> Account:
    """Read Runway's GET /v1/organization.

    Raises:
        ProviderError: whatever the answer means; UnexpectedReplyError when it tells no balance.
    """
    found = read_document(reply, who, "account")
    left = _first(found, "creditBalance")
    if left is None:
        raise problem_error("strange", reply, who)
    return Account(
        balance=Balance(amount=left, unit=unit),
        monthly_spend=_whole(_first(found, "tier.maxMonthlyCreditSpend")),
        limits=tuple(_limits(found[0], who))[:MODELS_MOST],
    )


def read_usage(reply: Reply, who: Who) -> tuple[DayUsage, ...]:
    """Read Runway's POST /v1/organization/usage.

    Raises:
        ProviderError: whatever the answer means; UnexpectedReplyError when a part of it makes no
            sense, because a sum without that part would be wrong.
    """
    top = read_document(reply, who, "account")[0]
    days = top.get("results")
    used = [_used(day, who) for day in days] if isinstance(days, list) else [None]
    if None in used:
        raise problem_error("strange", reply, who)
    return tuple(entry for day in used if day for entry in day)


def spans(start: date, before: date) -> Iterator[tuple[date, date]]:
    """The days from `start` up to and without `before`, in pieces that Runway tells at once."""
    while start < before:
        end = min(before, start + timedelta(days=USAGE_DAYS))
        yield start, end
        start = end


def _limits(top: Layer, who: Who) -> Iterator[ModelLimit]:
    allowed = next(dig(top, "tier.models"), None)
    used = next(dig(top, "usage.models"), None)
    for name, row in allowed.items() if isinstance(allowed, dict) else ():
        today = used.get(name) if isinstance(used, dict) else None
        if isinstance(row, dict):
            yield ModelLimit(
                model=words(name, who)[:100],
                concurrent=_whole(_number(row.get("maxConcurrentGenerations"))),
                daily=_whole(_number(row.get("maxDailyGenerations"))),
                used_today=(
                    _whole(_number(today.get("dailyGenerations"))) if isinstance(today, dict) else 0
                )
                or 0,
            )


def _used(day: object, who: Who) -> list[DayUsage] | None:
    """What was used on one day; None when that can't be read."""
    rows = day.get("usedCredits") if isinstance(day, dict) else None
    if not isinstance(day, dict) or not isinstance(rows, list):
        return None
    try:
        when = date.fromisoformat(str(day.get("date"))[:10])
    except ValueError:
        return None
    used = []
    for row in rows:
        amount = _number(row.get("amount")) if isinstance(row, dict) else None
        if amount is None:
            return None
        model = words(str(row.get("model") or ""), who)[:100]
        used.append(DayUsage(day=when, model=model, credits=amount))
    return used


def _this_month() -> str:
    """What openai-hk's own tester asks with; new-api ignores it."""
    today = datetime.now(UTC).date()
    last = calendar.monthrange(today.year, today.month)[1]
    return f"start_date={today.replace(day=1)}&end_date={today.replace(day=last)}"


def _first(found: tuple[Layer, ...], path: str) -> Decimal | None:
    numbers = (_number(value) for layer in found for value in dig(layer, path))
    return next((number for number in numbers if number is not None), None)


def _number(value: object) -> Decimal | None:
    """A number, or the text of one: openai-hk tells every number as text."""
    if isinstance(value, str) and _NUMBER.fullmatch(value) and value.isascii():
        value = Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if not -(10**15) < value < 10**15:
        return None
    return Decimal(value) if len(str(value)) <= 30 else round(Decimal(value), 6)


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number)
