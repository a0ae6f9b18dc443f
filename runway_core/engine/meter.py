"""Asked before each request of a key: whether its plan, its provider and the provider's host allow it now."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from runway_core.errors import HeldBackError
from runway_core.http import retry_after, slow_down
from runway_core.store import Limits, LineRows

Purpose = Literal["create", "look", "keep"]


class Answered(Protocol):
    """What of an exchange tells how a key and a host are."""

    @property
    def status_code(self) -> int | None: ...

    @property
    def response_headers(self) -> Mapping[str, str]: ...


FAILURES = 5
"""Failures in a row after which a host is left alone."""
WITHIN = timedelta(seconds=60)
"""They count together only if they came within this."""
PAUSE = timedelta(seconds=60)
"""For so long it is left alone; then one request is enough to tell."""


@dataclass
class _Host:
    failed_at: list[datetime] = field(default_factory=list)
    until: datetime | None = None


class Circuits:
    """The health of each host, as this process has seen it: one that keeps failing is not looked at."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    def note(self, host: str, *, failed: bool, now: datetime) -> None:
        """Note how a request to a host went."""
        if not failed:
            self._hosts.pop(host, None)
            return
        found = self._hosts.setdefault(host, _Host())
        found.failed_at = [at for at in found.failed_at if now - at < WITHIN + PAUSE][-FAILURES:]
        found.failed_at.append(now)
        recent = [at for at in found.failed_at if now - at < WITHIN]
        tried_again = found.until is not None and found.until <= now
        if len(recent) >= FAILURES or tried_again:
            found.until = now + PAUSE

    def open_until(self, host: str, now: datetime) -> datetime | None:
        """Until when a host is left alone; None when it is not."""
        found = self._hosts.get(host)
        return found.until if found and found.until and found.until > now else None


class Holds:
    """Until when a provider has asked the whole key to wait, as this process has heard it."""

    def __init__(self) -> None:
        self._refused: dict[str, datetime] = {}
        self._scarce: dict[str, datetime] = {}

    def note(self, connection_id: str, exchange: Answered, now: datetime) -> None:
        """Take from an answer whether the key's requests are used up, or nearly so."""
        headers = exchange.response_headers
        if exchange.status_code == 429 and (seconds := retry_after(headers)) is not None:
            self._refused[connection_id] = now + timedelta(seconds=seconds)
        elif (seconds := slow_down(headers)) is not None:
            self._scarce[connection_id] = now + timedelta(seconds=seconds)

    def until(self, connection_id: str, purpose: Purpose, now: datetime) -> datetime | None:
        """When a request may go out; None when that is now. The last few are left to creates."""
        found = [self._refused.get(connection_id)]
        if purpose != "create":
            found.append(self._scarce.get(connection_id))
        return max((until for until in found if until and until > now), default=None)


@dataclass
class Meter:
    """The gate of one step's requests."""

    line: LineRows
    circuits: Circuits
    holds: Holds
    now: Callable[[], datetime]
    connection_id: str
    host: str
    limits: Limits
    purpose: Purpose
    round: Callable[[], float] = lambda: 0.0
    """Seconds in which each task that is followed with this key may be looked at once."""
    prepaid: bool = False
    """Whether the first request has been counted already, in the transaction that let the task start."""

    async def __call__(self) -> None:
        """Count one request.

        Raises:
            HeldBackError: it may not go out now; says when.
        """
        if self.prepaid:
            self.prepaid = False
            return
        now = self.now()
        until = self._shut(now) or self.line.take(
            self.connection_id, self.limits, now=now, keep_free=self._keep_free()
        )
        if until is not None:
            wait = max((until - now).total_seconds(), 0.1) + self._behind_others()
            raise HeldBackError(
                "This key's requests for the moment are used up; the next one waits.",
                retry_after=wait,
            )

    def note(self, exchange: Answered) -> None:
        """Learn from an answer, or from none."""
        now = self.now()
        failed = exchange.status_code is None or exchange.status_code >= 500
        self.circuits.note(self.host, failed=failed, now=now)
        self.holds.note(self.connection_id, exchange, now)

    def _shut(self, now: datetime) -> datetime | None:
        hold = self.holds.until(self.connection_id, self.purpose, now)
        shut = None
        if self.purpose != "create":  # one that can't connect is told, and tried again, by itself
            shut = self.circuits.open_until(self.host, now)
        return max(filter(None, (hold, shut)), default=None)

    def _behind_others(self) -> float:
        """Seconds more, at random, so that all the looks that wait for room do not come back at once."""
        if self.purpose != "look" or not self.limits.per_minute:
            return 0.0
        return random.uniform(0, self.round())  # noqa: S311 - jitter, not a secret

    def _keep_free(self) -> int:
        """Creates come before files, and files before looks."""
        most = self.limits.per_minute or 0
        if self.purpose == "create" or most < 4:
            return 0
        return most // 4 if self.purpose == "look" else 1
