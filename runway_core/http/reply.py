"""What came back, as bytes, and what its headers say about waiting and about whom to ask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

WAIT_LEAST, WAIT_MOST = 1.0, 300.0
"""Seconds; a provider's own waiting time is kept within these."""
FEW = 3
"""Requests left in a rate window, below which the rest is left alone."""
WINDOW = 60.0
"""Seconds of a rate window that does not say when it ends."""

_WAITS = (
    "retry-after",
    "x-ratelimit-reset",
    "ratelimit-reset",
    "x-rate-limit-reset",
    "x-ratelimit-reset-after",
    "x-ratelimit-reset-requests",
)
_REMAINING = (
    "x-ratelimit-remaining",
    "ratelimit-remaining",
    "x-rate-limit-remaining",
    "x-ratelimit-remaining-requests",
)
_EPOCHS = ((1e18, 1e9), (1e15, 1e6), (1e12, 1e3), (1e9, 1.0))
"""From which number on it is Unix time, and how many of its unit are a second."""
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
_LENGTH = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h)"


@dataclass(frozen=True)
class Reply:
    """One whole answer. The body stays bytes: a server's ``charset`` is never obeyed."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; repeated headers are joined with a comma."""
    body: bytes
    elapsed_ms: int

    @property
    def is_plain(self) -> bool:
        """Whether its body is not compressed."""
        return self.headers.get("content-encoding", "").strip().lower() in ("", "identity")


def request_id(headers: Mapping[str, str]) -> str:
    """The provider's own number for this request, for its support; empty when it gives none.

    Runway sends ``apigw-requestid``, new-api relays ``x-oneapi-request-id``.
    """
    for name in ("apigw-requestid", "x-request-id", "x-oneapi-request-id"):
        # A longer one is no number, and to cut it could halve a key that is hidden in it.
        if 0 < len(headers.get(name, "")) <= 200:
            return headers[name]
    return ""


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds to wait by the first header that makes sense of it, from 1 to 300; None when none does.

    ``Retry-After`` counts before the ends of rate windows, and any of them may be in any unit: seconds
    from now, Unix time in seconds down to nanoseconds, ``1m30s``, ISO 8601 or a date of HTTP. A moment
    that has passed says nothing.
    """
    wait = wait_asked(headers, now=now)
    return None if wait is None else min(max(wait, WAIT_LEAST), WAIT_MOST)


def wait_asked(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """The same, however long or short it is."""
    now = now or datetime.now(UTC)
    waits = (_seconds(wish.strip(), now) for wish in _wishes(headers))
    return next((w for w in waits if w is not None), None)


def slow_down(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds until the next rate window when fewer than 3 requests are left in this one; else None.

    A window without a readable end is taken for a minute, the one that plans are sold by
    (doitong.com/ko/developers/api/runway: requests a minute).
    """
    left = _remaining(headers)
    if left is None or left >= FEW:
        return None
    return retry_after(headers, now=now) or WINDOW


def _wishes(headers: Mapping[str, str]) -> Iterator[str]:
    yield headers.get("retry-after-ms", "").strip() + "ms"
    for name in _WAITS:
        yield headers.get(name, "")
    found = re.search(r"\b(?:t|reset)=([0-9]{1,12})\b", headers.get("ratelimit", ""))
    yield found[1] if found else ""


def _remaining(headers: Mapping[str, str]) -> int | None:
    for name in _REMAINING:
        found = re.match(r"\s*([0-9]{1,9})\b", headers.get(name, ""))
        if found:
            return int(found[1])
    found = re.search(r"\b(?:r|remaining)=([0-9]{1,9})\b", headers.get("ratelimit", ""))
    return int(found[1]) if found else None


def _seconds(text: str, now: datetime) -> float | None:
    if len(text) > 60:
        return None
    if re.fullmatch(r"[0-9]{1,19}(\.[0-9]{1,9})?", text):
        number = float(text)
        scale = next((per for least, per in _EPOCHS if number >= least), None)
        if scale is None:
            return number
        seconds = number / scale - now.timestamp()
        return seconds if seconds > 0 else None
    if re.fullmatch(rf"(?:{_LENGTH})+", text):
        return sum(float(n) * _UNITS[unit] for n, unit in re.findall(_LENGTH, text))
    return _until(text, now)


def _until(text: str, now: datetime) -> float | None:
    """Seconds until a moment; one that has passed says nothing."""
    try:
        moment = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return seconds if seconds > 0 else None
