"""How long a provider asks us to wait."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.http import retry_after

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
        ("1.5", None),
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
        (str(EPOCH - 40), None),
        ("-5", None),
        ("x", None),
    ],
)
def test_a_reset_time_counts_when_there_is_no_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after({"x-ratelimit-reset": text}, now=NOW) == seconds
    assert retry_after({"x-ratelimit-reset": text, "retry-after": "5"}, now=NOW) == 5


@given(st.text(), st.text())
def test_nonsense_never_hurts(wait: str, reset: str) -> None:
    seconds = retry_after({"retry-after": wait, "x-ratelimit-reset": reset})
    assert seconds is None or 1 <= seconds <= 300
