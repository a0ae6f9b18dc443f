"""The client for Doitong: trying a connection, and what it can't do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from runway_core.catalog import catalog
from runway_core.domain import Exchange
from runway_core.errors import (
    NotOfferedError,
)
from runway_core.http import Http
from runway_core.providers import Probe, open_provider
from tests.http.raw_server import RawServer, answer
from tests.providers.doitong_calls import (
    KEY,
    TOKEN,
    Doitong,
    failed,
    made,
    said,
    use,
    words,
)


def probe(plan: Mapping[str, bytes]) -> tuple[Probe, list[str]]:
    with RawServer(Doitong(plan)) as server:
        found = use(server, lambda p: p.probe())
        sent = [request.body.decode() for request in server.requests]
    assert all("mutation" not in body for body in sent)
    assert KEY not in f"{found.message} {found.hint}"
    return found, sent


ALIVE = {"__typename": said({"data": {"__typename": "Query"}})}


@pytest.mark.parametrize(
    ("plan", "ok", "words_"),
    [
        (ALIVE, True, "does not refuse the API key"),
        (ALIVE | {"generation(id": failed("x", "UNAUTHENTICATED")}, False, "refused the API key"),
        (ALIVE | {"generation(id": said({}, "403 X")}, False, "does not let this API key"),
        (ALIVE | {"generation(id": said({}, "500 X")}, True, "does not refuse"),
        ({"": failed("x", "UNAUTHENTICATED")}, False, "refused the API key"),
        ({"": said({"message": "no"}, "401 X")}, False, "refused the API key"),
        ({"": said({"message": "no"}, "404 X")}, False, "no GraphQL at this address"),
        ({"": answer("<html>", kind="text/html")}, False, "serves a web page"),
        ({"": answer("", "301 Moved", "Location: https://x")}, False, "no GraphQL"),
        ({"": said({}, "500 X")}, False, "failed on its side"),
        ({"__typename": failed("Anonymous queries are off", status="400 X")}, True, "answers"),
    ],
)
def test_a_free_call_tells_a_wrong_key_from_a_wrong_address(
    plan: dict[str, bytes], ok: bool, words_: str
) -> None:
    found, sent = probe(plan)
    assert found.ok is ok
    assert words_ in found.message
    assert found.url.endswith("/graphql")
    assert 1 <= len(sent) <= 2


def test_there_is_no_cancel_and_no_balance_and_nothing_is_sent_for_them() -> None:
    with RawServer(Doitong()) as server:
        with pytest.raises(NotOfferedError, match="no way to cancel"):
            use(server, lambda p: p.cancel("gen-77"))
        assert use(server, lambda p: p.balance()) is None
        assert server.requests == []


def test_what_is_written_down_holds_no_key_in_either_header() -> None:
    seen: list[Exchange] = []
    with RawServer(Doitong({"": made(note=KEY)})) as server:
        use(
            server,
            lambda p: p.submit(words(), token=TOKEN),
            observe=seen.append,
            auth="both",
        )
    (exchange,) = seen
    assert "CANARY" not in exchange.model_dump_json()


def test_an_address_that_was_copied_whole_is_understood() -> None:
    with RawServer(Doitong({"": made()})) as server:
        profile = catalog().profile("doitong")

        async def go() -> None:
            async with Http(private_hosts=server.private) as http:
                for part in ("/graphql", "/graphql/", "/v1"):
                    provider = open_provider(profile, server.url + part, key=KEY, http=http)
                    await provider.submit(words(), token=TOKEN)

        asyncio.run(go())
        assert {request.line for request in server.requests} == {"POST /graphql HTTP/1.1"}
