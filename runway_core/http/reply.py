"""What came back, as bytes, and what its headers say about waiting and about whom to ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

WAIT_LEAST, WAIT_MOST = 1.0, 300.0
"""Seconds; a provider's own waiting time is kept within these."""


@dataclass(frozen=True)
class Reply:
    """One whole answer. The body stays bytes: a server's ``charset`` is never obeyed."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; repeated headers are joined with a comma."""
    body: bytes
    elapsed_ms: int


def request_id(headers: Mapping[str, str]) -> str:
    """The provider's own number for this request, for its support; empty when it gives none.

    Runway sends ``apigw-requestid``, new-api relays ``x-oneapi-request-id``.
    """
    for name in ("apigw-requestid", "x-request-id", "x-oneapi-request-id"):
        if headers.get(name):
            return headers[name][:200]
    return ""


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds to wait by ``Retry-After`` or else ``X-RateLimit-Reset``, from 1 to 300; None when they make no sense."""
    now = now or datetime.now(UTC)
    wait = _wait(headers.get("retry-after", "").strip(), now)
    if wait is None:
        wait = _reset(headers.get("x-ratelimit-reset", "").strip(), now)
    return None if wait is None else min(max(wait, WAIT_LEAST), WAIT_MOST)


def _wait(text: str, now: datetime) -> float | None:
    if re.fullmatch(r"[0-9]{1,12}", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _until(moment, now)


def _reset(text: str, now: datetime) -> float | None:
    if re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,9})?", text):
        number = float(text)
        if number < 1e6:
            return number
        seconds = number / 1000 if number > 1e11 else number
        return seconds - now.timestamp() if seconds > now.timestamp() else None
    try:
        return _until(datetime.fromisoformat(text), now)
    except ValueError:
        return None


def _until(moment: datetime, now: datetime) -> float | None:
    """Seconds until then; a moment that has passed says nothing."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        seconds = (moment - now).total_seconds()
    except OverflowError:
        return None
    return seconds if seconds > 0 else None
