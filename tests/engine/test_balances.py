"""What is left at providers: asked for when a person wishes, and where an alert rests on it; never a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from runway_core.engine import balances
from runway_core.engine.receipts import Receipts
from runway_core.engine.step import Tools
from runway_core.http import Http
from runway_core.store import BalanceAsk, Limits
from tests.builders import new_task
from tests.engine.conftest import Desk
from tests.relay import Relay

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path, relay: Relay) -> Iterator[Desk]:
    made = Desk(tmp_path / "home", relay, profile="custom")
    yield made
    made.close()


def look(desk: Desk, at: datetime) -> float:
    """One look of the engine at that time."""

    async def run() -> float:
        async with Http(private_hosts=desk.settings.private_hosts) as http:
            receipts = Receipts(desk.settings.receipts)
            return await balances.look(Tools(desk.studio, http, receipts, now=lambda: at))

    return asyncio.run(run())


def left(desk: Desk) -> tuple[Decimal | None, str, datetime | None]:
    found = desk.studio.connections.get(desk.connection.id)
    return found.balance, found.balance_unit, found.balance_at


def asked(desk: Desk) -> BalanceAsk:
    return desk.studio.balances.asks()[desk.connection.id]


def wish(desk: Desk, at: datetime = NOON) -> None:
    desk.studio.store.balance_asks.ask(desk.connection.id, at)


def test_a_wish_is_fulfilled_once_and_no_page_waits_for_the_provider(
    desk: Desk, relay: Relay
) -> None:
    relay.left = 480
    look(desk, NOON)
    assert relay.balance_calls == 0  # nobody wished for it
    wish(desk)
    assert asked(desk).pending and relay.balance_calls == 0
    look(desk, NOON)
    assert left(desk) == (Decimal(480), "unit", NOON)
    assert not asked(desk).pending and asked(desk).problem == ""
    look(desk, NOON + HOUR)
    assert relay.balance_calls == 1


def test_the_running_engine_hears_of_a_wish_at_once(desk: Desk, relay: Relay) -> None:
    relay.left = 7
    desk.engine.start()
    desk.studio.balances.ask(desk.connection)
    ends = datetime.now(UTC) + timedelta(seconds=20)
    while asked(desk).pending:
        assert datetime.now(UTC) < ends
    assert left(desk)[0] == 7


@pytest.mark.parametrize("trouble", ["silent", "fault", "paused", "gone"])
def test_what_was_not_told_is_said_and_what_was_told_before_stays(
    desk: Desk, relay: Relay, trouble: str
) -> None:
    desk.studio.store.connections.set_balance(desk.connection.id, Decimal(9), "unit", NOON - HOUR)
    if trouble == "fault":
        relay.balances = [lambda call: call.answer(500, {"error": "no"})] * 9
    elif trouble == "paused":
        desk.studio.connections.pause(desk.connection.id, "Look at the prices.")
    elif trouble == "gone":
        relay.close()
    wish(desk)
    look(desk, NOON)
    assert not asked(desk).pending
    words = {"silent": "does not tell", "paused": "is paused: Look at the prices."}
    assert words.get(trouble, "") in asked(desk).problem != ""
    assert left(desk) == (Decimal(9), "unit", NOON - HOUR)


def test_two_engines_ask_once_and_one_that_was_killed_is_taken_over(
    desk: Desk, relay: Relay
) -> None:
    relay.left = 5
    wish(desk)
    rows = desk.studio.store.balance_asks
    assert rows.claim(desk.connection.id, None, NOON)
    assert not rows.claim(desk.connection.id, None, NOON)
    look(desk, NOON + timedelta(seconds=30))
    assert relay.balance_calls == 0  # another one is about it
    look(desk, NOON + timedelta(minutes=2))
    assert relay.balance_calls == 1 and not asked(desk).pending


def test_an_alert_has_it_asked_for_again_after_something_was_sent(desk: Desk, relay: Relay) -> None:
    relay.left = 50
    desk.studio.balances.set_alert(desk.connection, Decimal(100))
    look(desk, NOON)
    assert left(desk)[0] == 50
    look(desk, NOON + 2 * HOUR)
    assert relay.balance_calls == 1  # nothing was sent since
    new = new_task(connection_id=desk.connection.id, created_at=NOON + HOUR)
    assert desk.studio.store.tasks.add(new)
    started = desk.studio.store.line.start(new.id, Limits(), attempts=1, now=NOON + HOUR)
    assert started.started
    relay.left = 20
    look(desk, NOON + 2 * HOUR)
    assert relay.balance_calls == 2 and left(desk)[0] == 20
    (low,) = desk.studio.balances.low()
    assert low.balance == 20 and low.below == 100 and low.unit == "unit"
