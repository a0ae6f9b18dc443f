"""Writes down one request and its answer, with everything secret taken out first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from runway_core.domain import Exchange
from runway_core.errors import DeskError
from runway_core.http.reply import Reply, request_id

Observe = Callable[[Exchange], None]
Hidden = dict[str, str]

BODY_MOST = 20_000
"""Characters of a body that are kept."""

_MASKED = ("authorization", "x-api-key", "proxy-authorization")
_DROPPED = ("cookie", "set-cookie")
# Every repeat is possessive and every link is taken whole: a hostile text is still read only once.
_DATA_URI = re.compile(r"(data:[\w.+\\/-]++(?:;[\w.=+-]++)*+,)([^\s\"'<>)]++)")
_LINK = re.compile(
    r"(https?:(?:\\?/){2}(?:[^\s\"'<>?\\]|\\(?!u003f))*+)((?:\?|\\u003f)[^\s\"'<>]*+)?+",
    re.IGNORECASE,
)
_JWT = re.compile(r"(_jwt=)[^\s\"'<>&]+")


def clean(text: str, secrets: Sequence[str] = ()) -> str:
    """Take the secrets, the queries of links (they may be signed) and the bulk of data URIs out of `text`."""
    return _cleaned(text, _hidden(secrets))


def hide(text: str, secrets: Sequence[str]) -> str:
    """Take only the secrets out of `text`, in every spelling."""
    for spelling, shown in _hidden(secrets).items():
        text = text.replace(spelling, shown)
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
    hidden = _hidden(secrets)
    return Exchange(
        method=method,
        url=_cleaned(bare_url(url), hidden),
        request_headers=_headers(headers, hidden),
        request_body=_cleaned(shown, hidden)[:BODY_MOST],
        status_code=answer.status or None,
        response_headers=_headers(answer.headers, hidden),
        response_body=_cleaned(answer.body.decode("utf-8", "replace"), hidden)[:BODY_MOST],
        request_id=_cleaned(request_id(answer.headers), hidden),
        error=_cleaned(fault, hidden),
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


def _without_query(match: re.Match[str]) -> str:
    return f"{match[1]}?…" if match[2] else match[0]


def _tail(secret: str) -> str:
    return f"…{secret[-4:]}" if len(secret) >= 8 else "…"


def _hidden(secrets: Sequence[str]) -> Hidden:
    """Every spelling of every secret, the longest secret first, and what is shown in its place."""
    longest_first = sorted(filter(None, secrets), key=len, reverse=True)
    return {spelling: _tail(secret) for secret in longest_first for spelling in _spellings(secret)}


def _spellings(secret: str) -> Iterator[str]:
    """A secret as it is and inside a link, and either of them inside JSON text."""
    inside_link = quote(secret, safe=""), quote(secret)
    for spelling in (secret, *inside_link, *map(_lower_hex, inside_link)):
        escaped = json.dumps(spelling)[1:-1]
        yield from (spelling, escaped, escaped.replace("/", "\\/"))


def _lower_hex(quoted: str) -> str:
    return re.sub("%..", lambda found: found[0].lower(), quoted)


def _cleaned(text: str, hidden: Hidden) -> str:
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    if ":" in text:
        text = _LINK.sub(_without_query, _DATA_URI.sub(_short_data_uri, text))
    text = _JWT.sub(r"\1…", text)
    for spelling, shown in hidden.items():
        text = text.replace(spelling, shown)
    return text


def _headers(headers: Mapping[str, str], hidden: Hidden) -> dict[str, str]:
    return {
        _cleaned(name, hidden): _cleaned(_header(name, value), hidden)
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
    return f"{scheme} {_tail(key)}" if space else _tail(value)
