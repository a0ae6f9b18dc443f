"""A host that keeps failing is left alone, a key that is asked to wait waits, and creates come first."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from runway_core.engine.meter import FAILURES, PAUSE, Circuits, Holds, Meter, Purpose
from runway_core.errors import HeldBackError
from runway_core.pricing import WINDOW
from runway_core.store import Limits, Store
from tests.builders import NOW, RELAY, exchange, store_with_relay

HOST = "relay.example"


def seconds(number: float) -> datetime:
    return NOW + timedelta(seconds=number)


def test_a_host_is_left_alone_after_five_failures_in_a_row_and_then_tried_once() -> None:
    circuits = Circuits()
    for number in range(FAILURES):
        assert circuits.open_until(HOST, seconds(number)) is None
        circuits.note(HOST, failed=True, now=seconds(number))
    shut = seconds(FAILURES - 1) + PAUSE
    assert circuits.open_until(HOST, seconds(FAILURES)) == shut
    assert circuits.open_until("other.example", seconds(FAILURES)) is None
    assert circuits.open_until(HOST, shut) is None
    circuits.note(HOST, failed=True, now=shut)  # the one that tried it
    assert circuits.open_until(HOST, shut) == shut + PAUSE
    circuits.note(HOST, failed=False, now=shut + PAUSE)
    circuits.note(HOST, failed=True, now=shut + PAUSE)
    assert circuits.open_until(HOST, shut + PAUSE) is None


def test_failures_that_are_far_apart_or_among_successes_shut_nothing() -> None:
    circuits = Circuits()
    for number in range(20):
        circuits.note(HOST, failed=True, now=seconds(number * 20))
    assert circuits.open_until(HOST, seconds(400)) is None
    for number in range(40):
        circuits.note(HOST, failed=number % 4 != 0, now=seconds(500 + number))
    assert circuits.open_until(HOST, seconds(540)) is None


@pytest.mark.parametrize(
    ("answer", "create", "look"),
    [
        ({"status_code": 429, "response_headers": {"retry-after": "40"}}, 40, 40),
        ({"status_code": 429, "response_headers": {}}, None, None),
        ({"response_headers": {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "25"}}, None, 25),
        ({"response_headers": {"x-ratelimit-remaining": "9"}}, None, None),
        ({"response_headers": {"retry-after": "40"}}, None, None),
    ],
)
def test_a_key_waits_as_long_as_its_provider_asks(
    answer: dict[str, object], create: int | None, look: int | None
) -> None:
    holds = Holds()
    holds.note(RELAY, exchange(**answer), NOW)

    def wait(purpose: Purpose) -> datetime | None:
        return holds.until(RELAY, purpose, NOW)

    assert wait("create") == (None if create is None else seconds(create))
    assert wait("look") == wait("keep") == (None if look is None else seconds(look))
    assert holds.until("another key", "look", NOW) is None
    assert holds.until(RELAY, "look", seconds(41)) is None


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_with_relay(tmp_path)


def asked(store: Store, purpose: Purpose, *, per_minute: int | None, prepaid: bool = False) -> bool:
    """Whether one more request may go out now."""
    meter = Meter(
        line=store.line,
        circuits=Circuits(),
        holds=Holds(),
        now=lambda: NOW,
        connection_id=RELAY,
        host=HOST,
        limits=Limits(per_minute=per_minute),
        purpose=purpose,
        prepaid=prepaid,
    )
    try:
        asyncio.run(meter())
    except HeldBackError as held:
        assert held.retry_after == WINDOW.total_seconds()
        assert held.outcome == "not_sent"
        return False
    return True


def test_looks_leave_room_for_files_and_files_for_creates(store: Store) -> None:
    def count(purpose: Purpose) -> int:
        found = 0
        while asked(store, purpose, per_minute=9):
            found += 1
        return found

    assert [count("look"), count("keep"), count("create")] == [7, 1, 1]
    assert asked(store, "create", per_minute=9, prepaid=True)  # counted when the task was started
    store.close()


def test_without_a_plan_nothing_is_counted(store: Store) -> None:
    assert all(asked(store, "look", per_minute=None) for _ in range(50))
    store.close()
