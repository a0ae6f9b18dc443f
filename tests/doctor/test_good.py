"""What a check that goes well tells: key, balance, plan, clock, and the block for support."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path

import pytest

from runway_core.domain import Connection
from runway_core.settings import Settings
from runway_core.studio import open_studio
from tests.doctor.conftest import (
    GOOD,
    KEY,
    PATIENCE,
    REFUSED,
    UNKNOWN,
    Examine,
    by_key,
    step,
    trouble,
)
from tests.http.raw_server import RawServer, always, answer


@pytest.mark.parametrize(
    "data", [GOOD, UNKNOWN, answer('{"message":"任务不存在"}', "404 X")], ids="abc"
)
def test_a_relay_that_asks_for_the_key_accepts_it(examine: Examine, data: bytes) -> None:
    with RawServer(by_key(data)) as server:
        found = examine(server.url)
        assert not [request for request in server.requests if "_to_" in request.line]
    assert found.ok
    assert step(found, "key").state == "ok"
    assert step(found, "encryption").state == "ok"


def test_a_relay_that_never_asks_for_the_key_proves_nothing(examine: Examine) -> None:
    with RawServer(always(GOOD)) as server:
        found = examine(server.url)
    assert found.ok
    told = step(found, "key")
    assert told.state == "warning"
    assert "shows with the first video" in told.says


ORGANIZATION = {
    "tier": {
        "maxMonthlyCreditSpend": 10000,
        "models": {
            "gen4_turbo": {"maxConcurrentGenerations": 2, "maxDailyGenerations": 50},
            "gen4.5": {"maxConcurrentGenerations": 2, "maxDailyGenerations": None},
        },
    },
    "creditBalance": 1250,
    "usage": {"models": {"gen4_turbo": {"dailyGenerations": 7}}},
}


def test_runway_tells_balance_and_plan_and_the_balance_is_remembered(
    examine: Examine, tmp_path: Path
) -> None:
    data = answer(json.dumps(ORGANIZATION), "200 OK", "apigw-requestid: req-4711")
    with RawServer(by_key(data, answer('{"error":"no key"}', "401 X"))) as server:
        found = examine(server.url, profile="runway")
    assert found.ok
    assert (found.balance, found.unit) == (Decimal(1250), "credit")
    assert "1,250 credits left" in step(found, "balance").says
    plan = step(found, "limits").says
    assert "gen4_turbo: 2 at once, 7 of 50 today" in plan
    assert "gen4.5: 2 at once, no daily limit" in plan
    assert "10,000 credits in 30 days" in plan
    assert "req-4711" in found.report()
    studio = open_studio(Settings(home=tmp_path / "home"))
    kept = studio.connections.by_name("C1")
    studio.close()
    assert (kept.balance, kept.balance_at) == (Decimal(1250), found.checked_at)


def test_an_empty_account_stands_in_the_way(examine: Examine) -> None:
    data = answer(json.dumps(ORGANIZATION | {"creditBalance": 0}))
    with RawServer(by_key(data)) as server:
        failed = trouble(examine(server.url, profile="runway"))
    assert failed.name == "balance"
    assert "Top up" in failed.do


@pytest.mark.parametrize(
    ("off", "state", "words"),
    [
        (timedelta(0), "ok", "agrees"),
        (timedelta(minutes=4), "ok", "agrees"),
        (timedelta(hours=2), "warning", "120 minutes behind"),
        (-timedelta(minutes=31), "warning", "31 minutes ahead of"),
    ],
)
def test_a_clock_that_is_off_is_said(
    examine: Examine, off: timedelta, state: str, words: str
) -> None:
    date = format_datetime(datetime.now(UTC) + off, usegmt=True)
    data = answer('{"error":"Could not find Task"}', "404 X", f"Date: {date}")
    with RawServer(by_key(data)) as server:
        found = examine(server.url)
    assert found.ok
    told = step(found, "clock")
    assert told.state == state
    assert words in told.says


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 20 99:99:99 GMT", "1732275000"])
def test_a_server_without_a_date_says_nothing_of_the_clock(examine: Examine, date: str) -> None:
    data = answer('{"error":"Could not find Task"}', "404 X", f"Date: {date}")
    with RawServer(by_key(data)) as server:
        assert "clock" not in {step.name for step in examine(server.url).steps}


@pytest.mark.parametrize(
    ("options", "header", "create"),
    [
        ({}, "Authorization: Bearer …7788", "/graphql"),
        ({"auth": "x-api-key"}, "X-API-Key: …7788", "/graphql"),
    ],
)
def test_doitong_is_asked_for_nothing_that_costs(
    examine: Examine, options: dict[str, str], header: str, create: str
) -> None:
    good = answer('{"data":{"__typename":"Query"}}')
    with RawServer(always(good)) as server:
        found = examine(server.url, profile="doitong", options=options)
        sent = [json.loads(request.body) for request in server.requests if request.body]
    assert found.ok, found.report()
    assert found.key_header == header
    assert found.urls[0] == f"POST {server.url}{create}"
    assert sent and not [body for body in sent if "mutation" in body["query"]]


def test_doitong_that_refuses_the_key(examine: Examine) -> None:
    body = '{"errors":[{"message":"Missing key","extensions":{"code":"UNAUTHENTICATED"}}]}'
    with RawServer(always(answer(body, "401 X"))) as server:
        failed = trouble(examine(server.url, profile="doitong"))
    assert failed.name == "key"


def test_a_web_page_instead_of_doitong(examine: Examine) -> None:
    with RawServer(always(answer("<html>hello</html>", kind="text/html"))) as server:
        failed = trouble(examine(server.url, profile="doitong"))
    assert failed.name == "service"
    assert "web page" in failed.says


def test_a_key_that_is_missing_does_not_hide_the_rest(tmp_path: Path) -> None:
    with RawServer(always(REFUSED)) as server:
        studio = open_studio(Settings(home=tmp_path, private_hosts=server.private))
        saved = studio.connections.add("R", profile="custom", base_url=server.url, key=KEY)
        studio.store.connections.change(saved.id, key_sealed=None, key_hint="")
        found = studio.doctor.examine(studio.connections.get(saved.id), patience=PATIENCE)
        studio.close()
    failed = trouble(found)
    assert failed.name == "key"
    assert "No API key is saved" in failed.says
    assert step(found, "service").state == "ok"


def test_the_sandbox_that_does_not_run_is_said(tmp_path: Path) -> None:
    studio = open_studio(Settings(home=tmp_path))
    (sandbox,) = studio.connections.all()
    assert isinstance(sandbox, Connection)
    failed = trouble(studio.doctor.examine(sandbox))
    studio.close()
    assert failed.name == "address"
    assert "not running yet" in failed.says


def test_the_block_for_support_says_what_was_done(examine: Examine) -> None:
    words = f"quota exhausted for {KEY} (request id: 2026EXAMPLE)"
    body = json.dumps({"error": {"message": words, "type": "new_api_error"}})
    with RawServer(always(answer(body, "401 X", "X-Oneapi-Request-Id: one-4711"))) as server:
        report = examine(server.url).report()
        assert f"POST {server.url}/runwayml/v1/image_to_video" in report
    for words in (
        "Runway Desk ",
        "Another relay",
        "Authorization: Bearer …7788",
        "[failed]       API key",
        "[not reached]  Balance",
        "one-4711",
        "quota exhausted for …7788",
    ):
        assert words in report
