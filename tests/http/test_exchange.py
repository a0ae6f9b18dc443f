"""What may be shown and stored of a request."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import time
from typing import Any

import pytest

from runway_core.domain import Exchange
from runway_core.errors import ProviderError
from runway_core.http import Http, Seen, Watch, clean
from tests.http.raw_server import RawServer, always, answer, closing

KEY = 'hk-CANARY/odd"key-7788'


def observed(server: RawServer, path: str = "/v1/x", **options: Any) -> Exchange:
    seen: list[Exchange] = []

    async def run() -> None:
        async with Http(private_hosts=server.private) as http:
            with contextlib.suppress(ProviderError):
                await http.request(
                    "POST",
                    server.url + path,
                    headers=options.get("headers", {}),
                    json=options.get("json", {}),
                    deadline=5,
                    observe=seen.append,
                    secrets=[KEY],
                )

    asyncio.run(run())
    (exchange,) = seen
    return exchange


def test_no_spelling_of_the_key_is_kept_anywhere() -> None:
    body = json.dumps({"echo": KEY, "url": "https://x.example/hk-CANARY%2Fodd%22key-7788"})
    php = body.replace("/", "\\/")
    reply = answer(body + php, "200 OK", f"X-Echo: {KEY}", f"X-Request-Id: {KEY}")
    with RawServer(always(reply)) as server:
        exchange = observed(
            server,
            path="/v1/x?key=CANARY",
            headers={"Authorization": f"Bearer {KEY}", "X-API-Key": KEY, "X-Note": f"is {KEY}"},
            json={"k": KEY},
        )
        assert KEY in (server.requests[0].header("authorization") or "")
    assert "CANARY" not in exchange.model_dump_json()
    sent = {name.lower(): value for name, value in exchange.request_headers.items()}
    assert sent["authorization"] == "Bearer …7788"
    assert sent["x-api-key"] == "…7788"
    assert exchange.url == f"{server.url}/v1/x"
    assert exchange.status_code == 200


def test_masks_hold_when_the_caller_names_no_secret() -> None:
    reply = answer("{}", "302 Found", "Set-Cookie: s=CANARY", "Location: /a?sig=CANARY")
    seen: list[Exchange] = []
    with RawServer(always(reply)) as server:

        async def run() -> None:
            async with Http(private_hosts=server.private) as http:
                headers = {"authorization": "Bearer CANARY-1234", "Cookie": "CANARY=1"}
                await http.request(
                    "GET", server.url, headers=headers, deadline=5, observe=seen.append
                )

        asyncio.run(run())
    assert "CANARY" not in seen[0].model_dump_json()
    assert seen[0].response_headers["location"] == "/a"


@pytest.mark.parametrize(
    "text",
    [
        "see https://d.example/a.mp4?_jwt=CANARY&x=1 now",
        '{"output":["https:\\/\\/d.example\\/a.mp4?Signature=CANARY"]}',
        '"HTTPS://D.EXAMPLE/a.mp4?X-Amz-Signature=CANARY"',
        "https://d.example/a.mp4\\u003fsig=CANARY",
        "half a link: a.mp4?_jwt=CANARY",
    ],
)
def test_signatures_of_links_are_dropped(text: str) -> None:
    assert "CANARY" not in clean(text)
    assert "a.mp4" in clean(text)


def test_pictures_are_shortened_and_json_is_readable() -> None:
    picture = "data:image/jpeg;base64," + base64.b64encode(b"\xff" * 123_000).decode()
    with RawServer(always(answer(json.dumps({"got": picture})))) as server:
        exchange = observed(server, json={"promptText": "a\nb", "promptImage": picture})
    assert exchange.request_body == (
        '{\n  "promptText": "a\\nb",\n  "promptImage": "data:image/jpeg;base64,… (123 kB)"\n}'
    )
    assert exchange.response_body == '{"got": "data:image/jpeg;base64,… (123 kB)"}'


def test_long_bodies_are_cut_after_they_are_cleaned() -> None:
    body = "x" * 19_990 + KEY + "y" * 10_000
    with RawServer(always(answer(body))) as server:
        exchange = observed(server)
    assert len(exchange.response_body) == 20_000
    assert "CANARY"[:4] not in exchange.response_body


@pytest.mark.parametrize("name", ["apigw-requestid", "X-Request-Id", "x-oneapi-request-id"])
def test_the_providers_request_number_is_kept(name: str) -> None:
    with RawServer(always(answer(b"\xff\xfe", "500 X", f"{name}: abc-1"))) as server:
        exchange = observed(server)
    assert exchange.request_id == "abc-1"
    assert exchange.response_body == "��"


def test_a_failure_is_recorded_too() -> None:
    with RawServer(closing(b"")) as server:
        exchange = observed(server)
    assert exchange.status_code is None
    assert exchange.error == "127.0.0.1 broke off before its answer was complete."


def test_an_answer_that_is_too_large_is_recorded_with_its_status() -> None:
    with RawServer(always(answer(b"x" * 2_000_000, "201 X"))) as server:
        exchange = observed(server)
    assert exchange.status_code == 201
    assert "1 MiB" in exchange.error


@pytest.mark.parametrize(
    "unit", ["http://", "https:\\/\\/a.b\\/", "data:a,", "data:a;b", "_jwt=", "http:\\", "\ud800"]
)
def test_texts_made_to_tire_are_cleaned_in_one_go(unit: str) -> None:
    started = time.monotonic()
    text = clean((unit * 1_000_000)[:1_000_000] + KEY, [KEY])
    assert time.monotonic() - started < 2
    assert KEY not in text


def test_a_link_keeps_its_path_and_loses_its_query() -> None:
    text = 'a https://a.example/b/c?sig=1#x, https:\\/\\/a.example\\/b\\u003fsig=1 "http://b.example/d"'
    assert clean(text) == (
        'a https://a.example/b/c?… https:\\/\\/a.example\\/b?… "http://b.example/d"'
    )


@pytest.mark.parametrize(
    "spelling",
    [
        "sk+a/b=c-CANARY",
        "sk+a\\/b=c-CANARY",
        "sk%2Ba%2Fb%3Dc-CANARY",
        "sk%2ba%2fb%3dc-CANARY",
        "sk%2Ba/b%3Dc-CANARY",
        "sk%2Ba\\/b%3Dc-CANARY",
    ],
)
def test_a_key_is_found_however_it_is_spelled(spelling: str) -> None:
    assert clean(f"x {spelling} y", ["sk+a/b=c-CANARY"]) == "x …NARY y"


class Keeps(Watch):
    """Keeps what it is told of as it was."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    def see(self, seen: Seen) -> None:
        self.seen.append(seen)

    def __call__(self, exchange: Exchange) -> None:
        raise AssertionError("a record was made although nobody asked for it")


def test_a_record_that_is_made_later_is_the_same_and_what_is_seen_until_then_shows_no_key() -> None:
    reply = answer(json.dumps({"echo": KEY}), "429 Slow", f"X-Echo: {KEY}", "Retry-After: 7")
    keeps = Keeps()
    with RawServer(always(reply)) as server:

        async def run() -> None:
            async with Http(private_hosts=server.private) as http:
                headers = {"Authorization": f"Bearer {KEY}"}
                await http.request(
                    "POST", server.url, headers=headers, deadline=5, observe=keeps, secrets=[KEY]
                )

        asyncio.run(run())
        at_once = observed(server, path="", headers={"Authorization": f"Bearer {KEY}"}, json=None)
    (seen,) = keeps.seen
    assert "CANARY" not in f"{seen!r} {seen} {keeps.seen}"
    assert (seen.status_code, seen.response_headers["retry-after"]) == (429, "7")
    exchange = seen.record()
    assert "CANARY" not in exchange.model_dump_json()
    times = {"started_at", "elapsed_ms"}
    assert exchange.model_dump(exclude=times) == at_once.model_dump(exclude=times)


def test_a_request_number_that_is_too_long_is_none() -> None:
    long = "x" * 190 + KEY
    with RawServer(always(answer(b"{}", "500 X", f"X-Request-Id: {long}"))) as server:
        assert observed(server).request_id == ""
