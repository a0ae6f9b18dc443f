"""Tells the limit of a day, or of spending, from that of a minute: a task waits hours for one, seconds for the other.

Runway's only 429s are its daily generations and its uploads; it documents neither their words nor a header
(docs.dev.runwayml.com/usage/tiers and /errors/errors, as stored in 2026-08). Doitong names
``X-RateLimit-Reset`` and limits of a minute and of a day (doitong.com/ko/developers/api/runway,
2026-11); that the header also tells the end of a day is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from runway_core.http import Reply, wait_asked

LONG = 3600.0
"""Seconds; a limit that lasts longer than this is not one of a minute or an hour."""
LONGEST = 48 * 3600.0
"""Seconds; a wait that is longer than this is not believed."""

_WORDS = re.compile(
    r"\bdaily\b|\bper[ _-]day\b|\ba day\b|\btoday\b|\btomorrow\b|\b24[ -]?h(?:ou)?rs?\b"
    r"|\bday(?:'s)? (?:limit|quota)\b|\bspend(?:ing)?[ _-](?:limit|cap)\b|\bmonthly\b|\bper month\b"
    r"|每日|每天|今日|当日|单日|日限|24小时|每月|本月",
    re.IGNORECASE,
)
_CODES = re.compile(r"daily|per_?day|spend(?:ing)?_?(?:limit|cap)|monthly", re.IGNORECASE)


def resets_in(reply: Reply) -> float | None:
    """Seconds until a limit of the day starts again, as the headers say; None when they don't."""
    asked = wait_asked(reply.headers)
    return asked if asked is not None and LONG < asked <= LONGEST else None


def is_day_limit(reply: Reply, codes: Iterable[str], text: str) -> bool:
    """Whether a 429 is about a day or about spending; a wait that is told counts before any words."""
    asked = wait_asked(reply.headers)
    if asked is not None and asked <= LONGEST:
        return asked > LONG
    return bool(_WORDS.search(text) or any(_CODES.search(code) for code in codes))
