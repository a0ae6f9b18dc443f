"""How long a provider asks us to wait."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.http import retry_after, slow_down

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("23", 23),
        ("0", 1),
        ("99999999999", 300),
        ("Sun, 22 Nov 2026 12:00:40 GMT", 40),
        ("Sun, 22 Nov 2026 13:00:00 GMT", 300),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
        ("-1", None),
        ("1e9", None),
        ("banana", None),
        ("٣", None),
        ("", None),
        ("1.5", 1.5),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, now=NOW) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (str(EPOCH + 40), 40),
        (str((EPOCH + 40) * 1000), 40),
        (str(EPOCH + 9999), 300),
        ("40", 40),
        ("0", 1),
        ("2026-11-22T12:00:40Z", 40),
        (str((EPOCH + 40) * 10**6), 40),
        (str((EPOCH + 40) * 10**9), 40),
        (f"{EPOCH + 40}.5", 40.5),
        ("1000000", 300),
        ("999999999", 300),
        ("2.5", 2.5),
        ("45s", 45),
        ("2500ms", 2.5),
        ("1m30s", 90),
        ("1h", 300),
        ("2026-11-22T12:00:40", 40),
        ("2026-11-22T14:00:40.250+02:00", 40.25),
        ("Sun, 22 Nov 2026 12:00:40 GMT", 40),
        ("2026-11-22T11:59:00Z", None),
        ("9999-99-99T00:00:00Z", None),
        ("1e3", None),
        ("9" * 70, None),
        ("5 s", None),
        (str(EPOCH - 40), None),
        ("-5", None),
        ("x", None),
    ],
)
def test_a_reset_time_counts_when_there_is_no_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after({"x-ratelimit-reset": text}, now=NOW) == seconds
    assert retry_after({"x-ratelimit-reset": text, "retry-after": "5"}, now=NOW) == 5


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "2500", "retry-after": "9"}, 2.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"ratelimit-reset": "41"}, 41),
        ({"x-rate-limit-reset": "42"}, 42),
        ({"x-ratelimit-reset-after": "1.25"}, 1.25),
        ({"x-ratelimit-reset-requests": "6m0s"}, 300),
        ({"ratelimit": "limit=10, remaining=0, reset=43"}, 43),
        ({"ratelimit": '"per-minute";r=0;t=44'}, 44),
        ({"ratelimit": "limit=10"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT", "x-ratelimit-reset": "45"}, 45),
        ({"x-ratelimit-limit": "10"}, None),
        ({}, None),
    ],
)
def test_every_header_that_tells_a_wait_is_read(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, now=NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "40"}, None),
        ({"x-ratelimit-remaining": "2", "x-ratelimit-reset": "40"}, 40),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH + 25)}, 25),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH - 25)}, 60),
        ({"x-ratelimit-remaining": "1"}, 60),
        ({"ratelimit-remaining": "1", "ratelimit-reset": "7"}, 7),
        ({"x-rate-limit-remaining": "1, 1", "x-rate-limit-reset": "8"}, 8),
        ({"ratelimit": '"per-minute";r=1;t=44'}, 44),
        ({"ratelimit": "limit=10, remaining=9, reset=43"}, None),
        ({"x-ratelimit-remaining": "-1", "x-ratelimit-reset": "40"}, None),
        ({"x-ratelimit-remaining": "few"}, None),
        ({"x-ratelimit-reset": "40"}, None),
        ({}, None),
    ],
)
def test_looks_slow_down_when_fewer_than_three_requests_are_left(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert slow_down(headers, now=NOW) == seconds


@given(st.text(), st.text())
def test_nonsense_never_hurts(wait: str, reset: str) -> None:
    seconds = retry_after({"retry-after": wait, "x-ratelimit-reset": reset})
    assert seconds is None or 1 <= seconds <= 300
    paused = slow_down({"ratelimit": wait, "x-ratelimit-remaining": reset})
    assert paused is None or 1 <= paused <= 300
