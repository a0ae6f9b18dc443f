"""Takes what nobody may read out of a text: keys, signed parts of links, the bulk of data URIs.

`clean` is for what a provider said and is shown to the person; `scrub` is for logs, where nobody knows
what a library puts into a line, so it also knows what a key looks like.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

Hidden = dict[str, str]
"""What to find, and what is shown in its place."""

# Every repeat is possessive and every link is taken whole: a hostile text is still read only once.
_DATA_URI = re.compile(r"(data:[\w.+\\/-]++(?:;[\w.=+-]++)*+,)([^\s\"'<>)]++)")
_LINK = re.compile(
    r"(https?:(?:\\?/){2}(?:[^\s\"'<>?\\]|\\(?!u003f))*+)((?:\?|\\u003f)[^\s\"'<>]*+)?+",
    re.IGNORECASE,
)
_JWT = re.compile(r"(_jwt=)[^\s\"'<>&]+")
_CALLBACK = re.compile(r"(/webhooks/[\w-]++/)[\w.-]{16,}+")
"""Our own address for a provider's calls, whose last part nobody else may know."""

_LOOKS_SECRET = (
    (re.compile(r"\b(bearer|basic) ++[^\s\"',;]++", re.IGNORECASE), r"\1 …"),
    (
        re.compile(
            r"\b(x-api-key|authorization|api[_-]?key|password|secret)([\"']?+\s*+[:=]\s*+[\"']?+)"
            r"(?!bearer|basic)[^\s\"',;}]++",
            re.IGNORECASE,
        ),
        r"\1\2…",
    ),
    # What relays (hk-, sk-) and Runway (key_ and at least 16 characters) give out.
    (re.compile(r"\b([hs]k-)[\w-]{6,}+"), r"\1…"),
    (re.compile(r"\b(key_)[0-9A-Za-z]{16,}+"), r"\1…"),
    (re.compile(r"\beyJ[\w-]++\.[\w-]++(?:\.[\w-]*+)?+"), "eyJ…"),
    (re.compile(r"(://)[^\s/@\"']++@"), r"\1…@"),
    (re.compile(r"((?:^|[\s\"'=(])/[\w./%~+-]*+)\?[^\s\"'<>]++"), r"\1?…"),
)
"""Shapes of secrets in any text, and what stays of them."""

_remembered: Hidden = {}


def clean(text: str, secrets: Sequence[str] = ()) -> str:
    """Take the secrets, the queries of links (they may be signed) and the bulk of data URIs out of `text`."""
    return cleaned(text, hidden(secrets))


def hide(text: str, secrets: Sequence[str]) -> str:
    """Take only the secrets out of `text`, in every spelling."""
    return _without(text, hidden(secrets))


def hide_known(text: str) -> str:
    """Take the keys that this process uses out of `text`, in every spelling."""
    return _without(text, dict(_remembered))


def remember(secret: str) -> None:
    """Have `scrub` know a key that this process uses, whatever it looks like."""
    if len(secret) >= 4 and secret not in _remembered:
        _remembered.update(hidden([secret]))


def scrub(text: str) -> str:
    """Take out of a line for a log whatever is, or looks like, a secret."""
    text = cleaned(text, dict(_remembered))
    for shape, shown in _LOOKS_SECRET:
        text = shape.sub(shown, text)
    return text


def hidden(secrets: Sequence[str]) -> Hidden:
    """Every spelling of every secret, the longest secret first, and what is shown in its place."""
    longest_first = sorted(filter(None, secrets), key=len, reverse=True)
    return {spelling: tail(secret) for secret in longest_first for spelling in _spellings(secret)}


def cleaned(text: str, found: Hidden) -> str:
    """`clean`, for secrets whose spellings are known."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    if ":" in text:
        text = _LINK.sub(_without_query, _DATA_URI.sub(_short_data_uri, text))
    text = _CALLBACK.sub(r"\1…", _JWT.sub(r"\1…", text))
    return _without(text, found)


def bare_url(url: str) -> str:
    """`url` without query, fragment and user name: what is left is no secret."""
    return re.sub(r"//[^/@]*@", "//", re.split(r"[?#]", url, maxsplit=1)[0])


def tail(secret: str) -> str:
    """All that is shown of a secret."""
    return f"…{secret[-4:]}" if len(secret) >= 8 else "…"


def _without(text: str, found: Hidden) -> str:
    for spelling, shown in found.items():
        text = text.replace(spelling, shown)
    return text


def _short_data_uri(match: re.Match[str]) -> str:
    size = max(1, round(len(match[2]) * 3 / 4 / 1000))
    return f"{match[1]}… ({size} kB)"


def _without_query(match: re.Match[str]) -> str:
    return f"{match[1]}?…" if match[2] else match[0]


def _spellings(secret: str) -> Iterator[str]:
    """A secret as it is and inside a link, and either of them inside JSON text."""
    inside_link = quote(secret, safe=""), quote(secret)
    for spelling in (secret, *inside_link, *map(_lower_hex, inside_link)):
        escaped = json.dumps(spelling)[1:-1]
        yield from (spelling, escaped, escaped.replace("/", "\\/"))


def _lower_hex(quoted: str) -> str:
    return re.sub("%..", lambda found: found[0].lower(), quoted)
