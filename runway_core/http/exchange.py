"""Writes down one request and its answer, with everything secret taken out first."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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


def record(
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: object | None,
    reply: Reply | None,
    error: DeskError | None,
    started_at: datetime,
    elapsed_ms: int,
    secrets: Sequence[str],
) -> Exchange:
    """The exchange as it may be shown and stored; without reply and error it was given up by us."""
    answer = reply or Reply(status=0, headers={}, body=b"", elapsed_ms=0)
    fault = str(error) if error else "" if reply else "Stopped before an answer came."
    shown = "" if body is None else _pretty(body)
    found = hidden(secrets)
    return Exchange(
        method=method,
        url=cleaned(bare_url(url), found),
        request_headers=_headers(headers, found),
        request_body=cleaned(shown, found)[:BODY_MOST],
        status_code=answer.status or None,
        response_headers=_headers(answer.headers, found),
        response_body=cleaned(answer.body.decode("utf-8", "replace"), found)[:BODY_MOST],
        request_id=cleaned(request_id(answer.headers), found),
        error=cleaned(fault, found),
        started_at=started_at,
        elapsed_ms=elapsed_ms,
    )


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
