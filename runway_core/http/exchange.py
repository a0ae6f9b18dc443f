"""Writes down one request and its answer, with everything secret taken out first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from runway_core.domain import Exchange
from runway_core.errors import DeskError
from runway_core.http.reply import Reply, request_id

Observe = Callable[[Exchange], None]

BODY_MOST = 20_000
"""Characters of a body that are kept."""

_MASKED = ("authorization", "x-api-key", "proxy-authorization")
_DROPPED = ("cookie", "set-cookie")
_DATA_URI = re.compile(r"(data:[\w.+\\/-]+(?:;[\w.=+-]+)*,)([^\s\"'<>)]+)")
_QUERY = re.compile(r"(https?:(?:\\?/){2}[^\s\"'<>?]+)(?:\?|\\u003f)[^\s\"'<>]*", re.IGNORECASE)
_JWT = re.compile(r"(_jwt=)[^\s\"'<>&]+")


def clean(text: str, secrets: Sequence[str] = ()) -> str:
    """Take the secrets, the queries of links (they may be signed) and the bulk of data URIs out of `text`."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = _DATA_URI.sub(_short_data_uri, text)
    text = _JWT.sub(r"\1…", _QUERY.sub(r"\1?…", text))
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for spelling in _spellings(secret):
            text = text.replace(spelling, _tail(secret))
    return text


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
    return Exchange(
        method=method,
        url=clean(bare_url(url), secrets),
        request_headers=_headers(headers, secrets),
        request_body=clean(shown, secrets)[:BODY_MOST],
        status_code=answer.status or None,
        response_headers=_headers(answer.headers, secrets),
        response_body=clean(answer.body.decode("utf-8", "replace"), secrets)[:BODY_MOST],
        request_id=clean(request_id(answer.headers), secrets),
        error=clean(fault, secrets),
        started_at=started_at,
        elapsed_ms=elapsed_ms,
    )


def bare_url(url: str) -> str:
    """`url` without query, fragment and user name: what is left is no secret."""
    return re.sub(r"//[^/@]*@", "//", re.split(r"[?#]", url, maxsplit=1)[0])


def _pretty(body: object) -> str:
    try:
        return json.dumps(body, ensure_ascii=False, indent=2)
    except (ValueError, TypeError, RecursionError):
        return "(can't be written as JSON)"


def _short_data_uri(match: re.Match[str]) -> str:
    size = max(1, round(len(match[2]) * 3 / 4 / 1000))
    return f"{match[1]}… ({size} kB)"


def _tail(secret: str) -> str:
    return f"…{secret[-4:]}" if len(secret) >= 8 else "…"


def _spellings(secret: str) -> tuple[str, ...]:
    """A secret as it is, inside JSON text, and inside a link."""
    escaped = json.dumps(secret)[1:-1]
    return secret, escaped, escaped.replace("/", "\\/"), quote(secret, safe=""), quote(secret)


def _headers(headers: Mapping[str, str], secrets: Sequence[str]) -> dict[str, str]:
    return {clean(name, secrets): clean(_header(name, headers[name]), secrets) for name in headers}


def _header(name: str, value: str) -> str:
    if name.lower() in _DROPPED:
        return "…"
    if name.lower() == "location":
        return bare_url(value)
    if name.lower() not in _MASKED:
        return value
    scheme, space, key = value.partition(" ")
    return f"{scheme} {_tail(key)}" if space else _tail(value)
