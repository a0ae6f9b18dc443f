"""What is left, allowed and used: Runway's own routes, and the three ways of the relays."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from runway_core.catalog import catalog
from runway_core.domain import Exchange, ModelLimit
from runway_core.errors import (
    AuthenticationError,
    NoAnswerError,
    NotReachedError,
    UnexpectedReplyError,
)
from runway_core.providers import Account, Balance, DayUsage
from runway_core.providers.address import Endpoint, charges_url
from tests.http.raw_server import RawServer, always, answer, closing
from tests.providers.calls import KEY, by_path, with_provider

QUOTA = "/api/usage/token/"
LIMIT = "/v1/dashboard/billing/subscription"
USED = "/v1/dashboard/billing/usage"
CHARGES = "/openai/sk/log"
PAGE = answer("<!doctype html><title>Console</title>", kind="text/html")


def token(**data: Any) -> dict[str, Any]:
    return {"code": True, "message": "ok", "data": {"object": "token_usage", **data}}


def charges(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"error": 0, "error_des": "", "data": {"logs": list(rows)}}


def told(answers: dict[str, Any], **more: Any) -> tuple[Balance | None, list[str]]:
    """The balance, and the requests that were made for it."""
    with RawServer(by_path(answers)) as server:
        found = with_provider(server, lambda p: p.balance(), **more)
        for sent in server.requests:
            assert sent.header("authorization") == f"Bearer {KEY}"
        return found, [r.line.removesuffix(" HTTP/1.1") for r in server.requests]


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        ({QUOTA: token(total_available=750_000, unlimited_quota=False)}, "1.5 USD"),
        ({QUOTA: token(total_available="1234567", unlimited_quota="false")}, "2.469134 USD"),
        ({QUOTA: token(total_available=500_000)}, "1 USD"),
        ({QUOTA: token(total_available=-250_000, unlimited_quota=False)}, "-0.5 USD"),
        ({QUOTA: token(total_available=0, unlimited_quota=False)}, "0 USD"),
        ({LIMIT: {"hard_limit_usd": 100.0}, USED: {"total_usage": 5000}}, "50 units"),
        ({LIMIT: {"hard_limit_usd": "12.5"}, USED: {"total_usage": "1150"}}, "1 unit"),
        ({LIMIT: {"hard_limit_usd": 0.3}, USED: {"total_usage": 10}}, "0.2 units"),
        (
            {
                QUOTA: token(total_available=-9, unlimited_quota=True),
                LIMIT: {"hard_limit_usd": 7},
                USED: {"total_usage": 0},
            },
            "7 units",
        ),
        (
            {CHARGES: charges({"ctime": "1703405714", "yufen": "141434", "fen": "3"})},
            "141,434 points",
        ),
        (
            {
                CHARGES: charges(
                    {"ctime": "5", "yufen": "3"}, {"ctime": "9", "yufen": "1"}, {"yufen": "x"}
                )
            },
            "1 point",
        ),
        (
            {
                QUOTA: {"success": False, "message": "no"},
                LIMIT: {"error": {"message": "no", "type": "new_api_error"}},
                CHARGES: charges({"yufen": 20, "ctime": 1}),
            },
            "20 points",
        ),
        (
            {
                LIMIT: {"hard_limit_usd": 100_000_000},
                USED: {"total_usage": 3},
                CHARGES: charges({"yufen": "4"}),
            },
            "4 points",
        ),
        (
            {LIMIT: {"hard_limit_usd": 100}, USED: PAGE, CHARGES: charges({"yufen": "4"})},
            "4 points",
        ),
    ],
)
def test_a_relay_tells_what_is_left_in_one_of_three_ways(
    answers: dict[str, Any], text: str
) -> None:
    found, _ = told(answers)
    assert found is not None
    assert found.text == text


@pytest.mark.parametrize(
    "answers",
    [
        {},
        dict.fromkeys((QUOTA, LIMIT, USED, CHARGES), PAGE),
        {QUOTA: token(total_available=5, unlimited_quota=True)},
        {QUOTA: token(total_available="many"), LIMIT: [], CHARGES: charges()},
        {QUOTA: token(total_available=True), LIMIT: {"hard_limit_usd": None}, CHARGES: {"data": 1}},
        {LIMIT: {"hard_limit_usd": 100}, USED: {"total_usage": []}, CHARGES: charges({"fen": "3"})},
        {QUOTA: answer("", "500 X"), LIMIT: answer("", "302 X", "Location: /login")},
    ],
)
def test_a_relay_that_does_not_tell_has_no_balance_and_no_error(answers: dict[str, Any]) -> None:
    found, asked = told(answers)
    assert found is None
    assert asked[0] == f"GET {QUOTA}"
    assert asked[-1] == f"POST {CHARGES}"


def test_the_ways_are_tried_in_order_and_no_further_than_needed() -> None:
    _, asked = told({QUOTA: token(total_available=5)})
    assert asked == [f"GET {QUOTA}"]
    _, asked = told({LIMIT: {"hard_limit_usd": 9}, USED: {"total_usage": 1}}, profile="yunwu")
    assert asked[:2] == [f"GET {QUOTA}", f"GET {LIMIT}"]
    assert asked[2].startswith(f"GET {USED}?start_date=20")
    assert "-01&end_date=20" in asked[2]
    assert len(asked) == 3


def test_the_charges_are_asked_for_one_row_and_below_the_root_that_was_typed() -> None:
    with RawServer(by_path({f"/pro{CHARGES}": charges({"yufen": "8"})})) as server:
        found = with_provider(
            server, lambda p: p.balance(), profile="custom", root=f"{server.url}/pro/runwayml/v1"
        )
        assert found == Balance(amount=Decimal(8), unit="point")
        assert json.loads(server.requests[-1].body) == {"start": 0, "limit": 1}


@pytest.mark.parametrize(
    ("root", "url"),
    [
        ("https://api.openai-hk.com", "https://www.openai-hk.com/openai/sk/log"),
        ("https://api.openai-hk.com/pro", "https://www.openai-hk.com/openai/sk/log"),
        ("https://openai-hk.com", "https://www.openai-hk.com/openai/sk/log"),
        ("https://api.open-hk.com", "https://api.open-hk.com/openai/sk/log"),
        ("https://evilopenai-hk.com", "https://evilopenai-hk.com/openai/sk/log"),
        ("https://openai-hk.com.evil.example", "https://openai-hk.com.evil.example/openai/sk/log"),
        ("https://api.openai-hk.com:8443", "https://api.openai-hk.com:8443/openai/sk/log"),
        ("http://api.openai-hk.com", "http://api.openai-hk.com/openai/sk/log"),
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787/openai/sk/log"),
    ],
)
def test_a_key_goes_to_no_other_site_for_its_charges(root: str, url: str) -> None:
    log = "https://www.openai-hk.com/openai/sk/log"
    profile = catalog().profile("openai-hk").model_copy(update={"log_url": log})
    assert charges_url(Endpoint(root=root, prefix="/runwayml"), profile) == url
    silent = profile.model_copy(update={"log_url": ""})
    assert charges_url(Endpoint(root=root, prefix=""), silent) == f"{root}/openai/sk/log"


def test_a_relay_that_can_not_be_asked_is_an_error() -> None:
    with RawServer(closing(b"")) as server, pytest.raises(NoAnswerError):
        with_provider(server, lambda p: p.balance())
    with pytest.raises(NotReachedError):
        with_provider(server, lambda p: p.balance())


def test_one_way_that_breaks_off_does_not_hide_the_next() -> None:
    broken = b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\nConnection: close\r\n\r\n{"
    answers = {QUOTA: broken, LIMIT: {"hard_limit_usd": 2}, USED: {"total_usage": 100}}

    def handler(connection: Any, asked: Any) -> None:
        by_path(answers)(connection, asked)
        if QUOTA in asked.line:
            connection.reset()

    with RawServer(handler) as server:
        found = with_provider(server, lambda p: p.balance())
    assert found == Balance(amount=Decimal(1), unit="unit")


ORGANIZATION = {
    "creditBalance": 1250,
    "tier": {
        "maxMonthlyCreditSpend": 10_000,
        "models": {
            "gen4_turbo": {"maxConcurrentGenerations": 2, "maxDailyGenerations": 200},
            "aleph2": {"maxConcurrentGenerations": None, "maxDailyGenerations": None},
            f"new {KEY}": {},
            "odd": 3,
        },
    },
    "usage": {"models": {"gen4_turbo": {"dailyGenerations": 7}, "aleph2": None}},
}


def test_runway_tells_the_balance_and_the_limits_of_the_plan() -> None:
    with RawServer(by_path({"/v1/organization": ORGANIZATION})) as server:
        account = with_provider(server, lambda p: p.account(), profile="runway")
        balance = with_provider(server, lambda p: p.balance(), profile="runway")
        assert server.requests[0].line == "GET /v1/organization HTTP/1.1"
        assert server.requests[0].header("x-runway-version") == "2024-11-06"
    assert account == Account(
        balance=Balance(amount=Decimal(1250), unit="credit"),
        monthly_spend=10_000,
        limits=(
            ModelLimit(model="gen4_turbo", concurrent=2, daily=200, used_today=7),
            ModelLimit(model="aleph2", concurrent=None, daily=None, used_today=0),
            ModelLimit(model="new …wxyz", concurrent=None, daily=None, used_today=0),
        ),
    )
    assert balance == account.balance
    assert balance.text == "1,250 credits"


@pytest.mark.parametrize("body", [{}, {"creditBalance": "many"}, {"error": "x"}, [], "x"])
def test_an_organization_without_a_balance_is_an_error(body: object) -> None:
    with (
        RawServer(by_path({"/v1/organization": body})) as server,
        pytest.raises(UnexpectedReplyError),
    ):
        with_provider(server, lambda p: p.balance(), profile="runway")


def test_a_bad_key_is_told_for_runway_itself() -> None:
    refused = answer('{"error":"no"}', "401 X")
    with RawServer(always(refused)) as server, pytest.raises(AuthenticationError):
        with_provider(server, lambda p: p.account(), profile="runway")


def test_relays_have_no_account_and_no_usage() -> None:
    with RawServer(always(PAGE)) as server:
        assert with_provider(server, lambda p: p.account()) is None
        day = date(2026, 1, 1)
        assert with_provider(server, lambda p: p.usage(day, date(2026, 2, 1))) is None
        assert server.requests == []


def test_usage_is_asked_for_in_spans_of_90_days() -> None:
    def handler(connection: Any, asked: Any) -> None:
        body = json.loads(asked.body)
        day = {
            "date": body["startDate"],
            "usedCredits": [{"model": "gen4_turbo", "amount": 12.5}, {"model": "x", "amount": -3}],
        }
        connection.send(answer(json.dumps({"results": [day], "models": ["gen4_turbo"]})))

    with RawServer(handler) as server:
        start, before = date(2026, 1, 1), date(2026, 7, 15)
        used = with_provider(server, lambda p: p.usage(start, before), profile="runway")
        bodies = [json.loads(sent.body) for sent in server.requests]
        assert {sent.line for sent in server.requests} == {"POST /v1/organization/usage HTTP/1.1"}
    assert bodies == [
        {"startDate": "2026-01-01", "beforeDate": "2026-04-01"},
        {"startDate": "2026-04-01", "beforeDate": "2026-06-30"},
        {"startDate": "2026-06-30", "beforeDate": "2026-07-15"},
    ]
    assert used is not None
    assert len(used) == 6
    assert used[0] == DayUsage(day=start, model="gen4_turbo", credits=Decimal("12.5"))
    assert used[1].credits == -3


def test_no_days_need_no_request() -> None:
    with RawServer(always(PAGE)) as server:
        day = date(2026, 1, 1)
        assert with_provider(server, lambda p: p.usage(day, day), profile="runway") == ()
        assert server.requests == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"results": None},
        {"results": [{"date": "2026-01-01"}]},
        {"results": [{"date": "soon", "usedCredits": []}]},
        {"results": [{"date": "2026-01-01", "usedCredits": [{"model": "m", "amount": "?"}]}]},
        {"results": [{"date": "2026-01-01", "usedCredits": [None]}]},
        {"results": [[]]},
    ],
)
def test_a_usage_that_can_not_be_summed_is_an_error(body: object) -> None:
    start, before = date(2026, 1, 1), date(2026, 1, 2)
    with (
        RawServer(by_path({"/v1/organization/usage": body})) as server,
        pytest.raises(UnexpectedReplyError),
    ):
        with_provider(server, lambda p: p.usage(start, before), profile="runway")


def test_no_key_is_in_what_is_recorded_of_a_balance() -> None:
    seen: list[Exchange] = []
    echo = answer(json.dumps({"error": {"message": f"bad {KEY}"}}), "403 X", f"X-Request-Id: {KEY}")
    with RawServer(always(echo)) as server:
        assert with_provider(server, lambda p: p.balance(), observe=seen.append) is None
    assert len(seen) == 3
    assert "CANARY" not in "".join(exchange.model_dump_json() for exchange in seen)
