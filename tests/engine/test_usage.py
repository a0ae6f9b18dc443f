"""What a provider says was used: asked for once a day and when a person wishes, kept, and never a crash."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runway_core.domain import Connection, TaskStatus
from runway_core.engine import LocalEngine, usage
from runway_core.engine.receipts import Receipts
from runway_core.engine.step import Tools
from runway_core.errors import InvalidInputError
from runway_core.http import Http
from runway_core.settings import Settings
from runway_core.store import TaskQuery, UsageRead
from runway_core.studio import Studio, open_studio
from tests.builders import new_task
from tests.http.raw_server import Connection as Wire
from tests.http.raw_server import RawServer, Request, always, answer
from tests.sandbox.conftest import (
    Sandbox,
    StartSandbox,
    create,
    start_sandbox,
    text_body,
    wait_for,
    wait_until,
)

__all__ = ["start_sandbox"]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PATH = "/v1/organization/usage"


@pytest.fixture
def sandbox(start_sandbox: StartSandbox) -> Sandbox:
    return start_sandbox(speed=100)


def opened(folder: Path, url: str) -> Studio:
    place = url.rpartition("/")[2].partition(":")
    hosts = frozenset({(place[0], int(place[2]))})
    return open_studio(Settings(home=folder, private_hosts=hosts))


def connect(studio: Studio, url: str, profile: str = "runway") -> Connection:
    return studio.connections.add(profile, profile=profile, base_url=url, key="key_test")


@pytest.fixture
def server() -> Iterator[RawServer]:
    """Tells that 12.5 credits were used on each first day that it is asked about."""

    def handler(wire: Wire, asked: Request) -> None:
        start = json.loads(asked.body)["startDate"]
        rows = [{"model": "gen4.5", "amount": 10}, {"model": "gen4.5", "amount": 2.5}]
        wire.send(answer(json.dumps({"results": [{"date": start, "usedCredits": rows}]})))

    with RawServer(handler) as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, server: RawServer) -> Iterator[Studio]:
    studio = opened(tmp_path, server.url)
    yield studio
    studio.close()


def look(studio: Studio, at: datetime) -> float:
    """One look of the engine at that time."""

    async def run() -> float:
        async with Http(private_hosts=studio.settings.private_hosts) as http:
            receipts = Receipts(studio.settings.receipts)
            return await usage.look(Tools(studio, http, receipts, now=lambda: at))

    return asyncio.run(run())


def use(studio: Studio, connection: Connection, at: datetime) -> None:
    """A video of that day."""
    own = {"connection_id": connection.id, "connection": connection.name}
    assert studio.store.tasks.add(new_task(**own, profile=connection.profile, created_at=at))


def read(studio: Studio, connection: Connection) -> UsageRead:
    return studio.usage.compare(connection, NOON.date(), NOON.date()).read


# --- when it is asked for ----------------------------------------------------------------------


def test_it_is_asked_for_once_a_day_where_there_is_something_to_compare(
    desk: Studio, server: RawServer
) -> None:
    connection = connect(desk, server.url)
    connect(desk, server.url, "openai-hk")
    use(desk, connection, NOON)
    look(desk, NOON)
    assert server.requests == []  # the day is not over, and nothing was made on one before
    look(desk, NOON + DAY - timedelta(hours=11, minutes=45))  # a quarter past midnight
    assert len(server.requests) == 1
    for minutes in (0, 30, 600):
        look(desk, NOON + DAY + timedelta(minutes=minutes))
    assert len(server.requests) == 2  # what was told before half past is not the whole day
    wait = look(desk, NOON + DAY + timedelta(hours=11))
    assert len(server.requests) == 2 and wait == timedelta(hours=1.5).total_seconds()
    look(desk, NOON + 2 * DAY)
    assert len(server.requests) == 3
    asked = [json.loads(one.body) for one in server.requests]
    assert {one.line for one in server.requests} == {f"POST {PATH} HTTP/1.1"}
    assert asked[2] == {"startDate": "2026-08-27", "beforeDate": "2026-11-25"}
    assert (date(2026, 11, 25) - date(2026, 8, 27)).days == usage.DAYS


def test_a_person_has_it_asked_for_again_and_practice_only_then(
    desk: Studio, server: RawServer
) -> None:
    practice = connect(desk, server.url, "sandbox")
    use(desk, practice, NOON - DAY)
    look(desk, NOON)
    assert server.requests == []
    desk.usage.ask(practice)
    assert read(desk, practice).pending
    later = datetime.now(UTC) + timedelta(seconds=1)
    look(desk, later)
    look(desk, later + timedelta(seconds=1))
    assert len(server.requests) == 1 and not read(desk, practice).pending
    assert desk.store.audit.newest(limit=1)[0].act == "usage asked for"
    relay = connect(desk, server.url, "openai-hk")
    with pytest.raises(InvalidInputError, match="does not tell what was used"):
        desk.usage.ask(relay)


def test_two_processes_ask_once(desk: Studio, server: RawServer) -> None:
    connection = connect(desk, server.url)
    use(desk, connection, NOON - DAY)
    rows = desk.store.usage
    assert rows.claim(connection.id, None, NOON) and not rows.claim(connection.id, None, NOON)
    assert rows.reads()[connection.id].under_way(NOON + timedelta(seconds=50))
    assert not rows.reads()[connection.id].under_way(NOON + timedelta(seconds=90))


def test_what_is_paused_is_not_asked(desk: Studio, server: RawServer) -> None:
    connection = connect(desk, server.url)
    desk.connections.pause(connection.id, "It charged too much.")
    use(desk, connection, NOON - DAY)
    look(desk, NOON)
    assert server.requests == []
    assert read(desk, connection).problem == "runway is paused: It charged too much."


# --- what is told ------------------------------------------------------------------------------


def test_what_is_told_is_kept_in_place_of_what_was_and_older_days_stay(
    desk: Studio, server: RawServer
) -> None:
    connection = connect(desk, server.url)
    use(desk, connection, NOON - DAY)
    look(desk, NOON)
    first = NOON.date() - (usage.DAYS - 1) * DAY
    kept = desk.store.usage.of(connection.id, first, NOON.date())
    assert [(one.day, one.model, one.credits) for one in kept] == [
        (first, "gen4.5", Decimal("12.5"))
    ]
    assert read(desk, connection).since == first
    use(desk, connection, NOON)
    look(desk, NOON + DAY)
    kept = desk.store.usage.of(connection.id, first, NOON.date() + DAY)
    assert [one.day for one in kept] == [first, first + DAY]
    assert read(desk, connection).since == first
    use(desk, connection, NOON + 199 * DAY)
    look(desk, NOON + 200 * DAY)  # what was in between is not known
    assert read(desk, connection).since == first + 200 * DAY


STRANGE: list[bytes] = [
    answer("{}"),
    answer("[]"),
    answer("not json"),
    answer(b"\xff\xfe"),
    answer('{"results": [{"date": "soon", "usedCredits": []}]}'),
    answer('{"results": [{"date": "2026-11-22", "usedCredits": [{"model": "m", "amount": "?"}]}]}'),
    answer('{"results": [{"date": "2026-11-22", "usedCredits": [{"amount": 1e400}]}]}'),
    answer('{"error": "Unauthorized"}', "401 Unauthorized"),
    answer("<html>", "502 Bad Gateway", kind="text/html"),
    answer("", "204 No Content"),
]


@pytest.mark.parametrize("said", STRANGE, ids=range(len(STRANGE)))
def test_any_other_answer_is_said_and_changes_nothing(
    tmp_path: Path, server: RawServer, said: bytes
) -> None:
    studio = opened(tmp_path, server.url)
    connection = connect(studio, server.url)
    use(studio, connection, NOON - DAY)
    look(studio, NOON)
    before = studio.store.usage.of(connection.id, date(2026, 1, 1), NOON.date())
    assert before
    with RawServer(always(said)) as strange:
        other = opened(tmp_path, strange.url)
        change: dict[str, Any] = {"name": "runway", "base_url": strange.url, "key": "key_test"}
        other.connections.change(connection.id, **change)
        wait = look(other, NOON + DAY)
        assert len(strange.requests) == 1 and 0 < wait <= usage.RETRY.total_seconds()
        look(other, NOON + DAY + timedelta(minutes=10))
        assert len(strange.requests) == 1
        look(other, NOON + DAY + usage.RETRY)
        assert len(strange.requests) == 2
        other.close()
    assert read(studio, connection).problem and "key_test" not in read(studio, connection).problem
    assert studio.store.usage.of(connection.id, date(2026, 1, 1), NOON.date()) == before
    studio.close()


# --- beside the ledger -------------------------------------------------------------------------


def test_the_engine_asks_the_sandbox_and_what_was_made_elsewhere_is_the_gap(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    studio = opened(tmp_path, sandbox.url)
    connection = connect(studio, sandbox.url)
    outside = create(sandbox.official, text_body(), "/v1/text_to_video")  # 2 s for 24 credits
    wait_for(sandbox.official, outside, "SUCCEEDED")
    use(studio, connection, datetime.now(UTC))
    task = studio.tasks.page(TaskQuery()).tasks[0]
    ended: dict[str, Any] = {"status": TaskStatus.SUCCEEDED, "charge": Decimal(20)}
    studio.store.tasks.move(task.id, [TaskStatus.QUEUED], now=NOON, **ended, next_at=None)
    engine = LocalEngine(studio)
    engine.start()
    try:
        _asked_by(studio, studio, connection)
        other = opened(tmp_path, sandbox.url)  # another process: it rings the bell
        _asked_by(studio, other, connection)
        other.close()
    finally:
        engine.stop()
    today = datetime.now(UTC).date()
    found = studio.usage.compare(connection, today - DAY, today)
    assert found.unit == "credit" and found.read.problem == ""
    (day,) = found.days
    for one in (day, found.whole, *found.models):
        assert (str(one.told), str(one.own), str(one.gap)) == ("24", "20", "4")
    assert [one.key for one in found.models] == ["gen4.5"]
    studio.close()


def _asked_by(studio: Studio, asker: Studio, connection: Connection) -> None:
    asked = datetime.now(UTC)
    asker.usage.ask(connection)
    wait_until(lambda: (read(studio, connection).read_at or NOON - DAY) > asked, seconds=10)


def test_days_that_were_not_told_have_no_gap(desk: Studio, server: RawServer) -> None:
    connection = connect(desk, server.url)
    use(desk, connection, NOON - DAY)
    use(desk, connection, NOON - 100 * DAY)
    look(desk, NOON)
    found = desk.usage.compare(connection, NOON.date() - 120 * DAY, NOON.date())
    assert [(day.key, day.told, day.gap) for day in found.days] == [
        ("2026-11-21", 0, 0),  # 60 are only held for it
        ("2026-08-25", Decimal("12.5"), Decimal("12.5")),
        ("2026-08-14", None, None),
    ]
    assert found.whole.gap == Decimal("12.5")
