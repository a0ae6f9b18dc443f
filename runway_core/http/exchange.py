"""Writes down one request and its answer, with everything secret taken out first."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from runway_core.domain import Exchange
from runway_core.errors import DeskError
from runway_core.http.reply import Reply, request_id
from runway_core.redact import Hidden, bare_url, cleaned, hidden, tail

Observe = Callable[[Exchange], None]

BODY_MOST = 20_000
"""Characters of a body that are kept."""

_MASKED = ("authorization", "x-api-key", "proxy-authorization")
_DROPPED = ("cookie", "set-cookie")


@dataclass(frozen=True, repr=False, slots=True)
class Seen:
    """One request and its answer as they were. It holds secrets: only what `record` gives may be kept or shown."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: object | None
    reply: Reply | None
    error: DeskError | None
    """Without reply and error it was given up by us."""
    started_at: datetime
    elapsed_ms: int
    secrets: Sequence[str]

    @property
    def status_code(self) -> int | None:
        """None without an answer."""
        return (self.reply.status or None) if self.reply else None

    @property
    def response_headers(self) -> Mapping[str, str]:
        return self.reply.headers if self.reply else {}

    def record(self) -> Exchange:
        """The exchange as it may be shown and stored."""
        answer = self.reply or Reply(status=0, headers={}, body=b"", elapsed_ms=0)
        error, given_up = self.error, "" if self.reply else "Stopped before an answer came."
        shown = "" if self.body is None else _pretty(self.body)
        found = hidden(self.secrets)
        return Exchange(
            method=self.method,
            url=cleaned(bare_url(self.url), found),
            request_headers=_headers(self.headers, found),
            request_body=cleaned(shown, found)[:BODY_MOST],
            status_code=answer.status or None,
            response_headers=_headers(answer.headers, found),
            response_body=cleaned(answer.body.decode("utf-8", "replace"), found)[:BODY_MOST],
            request_id=cleaned(request_id(answer.headers), found),
            error=cleaned(str(error) if error else given_up, found),
            started_at=self.started_at,
            elapsed_ms=self.elapsed_ms,
        )


class Watch(ABC):
    """An observer that is told before a record is made, which takes long and is seldom kept of a look."""

    @abstractmethod
    def see(self, seen: Seen) -> None:
        """Take note of a request that is over."""

    @abstractmethod
    def __call__(self, exchange: Exchange) -> None:
        """Take note of one whose record somebody has made."""


def _pretty(body: object) -> str:
    try:
        return json.dumps(body, ensure_ascii=False, indent=2)
    except (ValueError, TypeError, RecursionError):
        return "(can't be written as JSON)"


def _headers(headers: Mapping[str, str], found: Hidden) -> dict[str, str]:
    return {
        cleaned(name, found): cleaned(_header(name, value), found)
        for name, value in headers.items()
    }


def _header(name: str, value: str) -> str:
    if name.lower() in _DROPPED:
        return "…"
    if name.lower() == "location":
        return bare_url(value)
    if name.lower() not in _MASKED:
        return value
    scheme, space, key = value.partition(" ")
    return f"{scheme} {tail(key)}" if space else tail(value)
