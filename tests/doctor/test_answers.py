"""What answers there: every thing that is not the API, and every refusal, is told apart."""

from __future__ import annotations

import pytest

from tests.doctor.conftest import (
    GOOD,
    KEY,
    REFUSED,
    Examine,
    step,
    trouble,
)
from tests.http.raw_server import Connection as Line
from tests.http.raw_server import RawServer, Request, always, answer

HTML = "<!doctype html><html><title>Welcome</title></html>"
ANSWERS = [
    (answer(HTML, kind="text/html"), "service", "serves a web page"),
    (answer(HTML, "404 Not Found", kind="text/html"), "service", "serves a web page"),
    (answer(HTML, "403 Forbidden", kind="text/html"), "service", "turned the call away"),
    (
        answer("", "302 Found", f"Location: https://new.example/{KEY}"),
        "service",
        "points on to https://new.example",
    ),
    (answer('{"object":"list","data":[]}'), "service", "something else"),
    (answer('{"hello":"world","status":"ok"}'), "service", "something else"),
    (answer("not json at all", kind="text/plain"), "service", "something else"),
    (answer('{"detail":"Not Found"}', "404 Not Found"), "service", "has nothing at /runwayml"),
    (answer("404 page not found", "404 X", kind="text/plain"), "service", "has nothing at"),
    (
        answer('{"error":{"message":"Invalid URL (GET /x)","type":"invalid_request"}}', "404 X"),
        "service",
        "has nothing at",
    ),
    (answer('{"error":"oops"}', "500 X"), "service", "has trouble on its side now (status 500)"),
    (answer("upstream gone", "502 X", kind="text/plain"), "service", "trouble on its side"),
    (REFUSED, "key", "refused the API key"),
    (answer(f'{{"error":{{"message":"bad {KEY}"}}}}', "401 X"), "key", "refused the API key"),
    (answer('{"code":"invalid_api_key","message":"no","data":null}', "400 X"), "key", "refused"),
    (
        answer('{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}'),
        "key",
        "refused the API key",
    ),
    (answer('{"error":"Account is suspended"}', "401 X"), "key", "refused the API key"),
    (answer('{"error":{"message":"group not allowed"}}', "403 X"), "key", "may not do this"),
    (
        answer('{"code":"insufficient_user_quota","message":"用户额度不足","data":null}', "403 X"),
        "balance",
        "too little credit",
    ),
]


@pytest.mark.parametrize(("data", "where", "words"), ANSWERS, ids=range(len(ANSWERS)))
def test_what_answers_is_told_apart(examine: Examine, data: bytes, where: str, words: str) -> None:
    with RawServer(always(data)) as server:
        failed = trouble(examine(server.url))
        assert {request.line.split()[0] for request in server.requests} == {"GET"}
    assert failed.name == where
    assert words in failed.says


def test_each_kind_of_fault_has_words_of_its_own(examine: Examine) -> None:
    told = {}
    for number in (0, 2, 3, 4, 7, 10, 12, 17, 18):
        with RawServer(always(ANSWERS[number][0])) as server:
            failed = trouble(examine(server.url))
            told[failed.says.replace(str(server.port), "")] = failed.do
    assert len(told) == len(set(told.values())) == 9


def test_a_server_that_takes_the_call_and_says_nothing(examine: Examine) -> None:
    with RawServer(lambda line, _: None) as server:
        found = examine(server.url, patience=0.4)
    failed = trouble(found)
    assert failed.name == "answer"
    assert "No answer came in time" in failed.says
    assert found.elapsed_ms < 5_000


def test_a_server_that_hangs_up(examine: Examine) -> None:
    with RawServer(lambda line, _: line.reset()) as server:
        failed = trouble(examine(server.url))
    assert failed.name == "answer"
    assert "broke off" in failed.says


def test_an_answer_that_is_packed_or_endless_is_not_read(examine: Examine) -> None:
    with RawServer(always(answer(b"\x1f\x8b", "200 OK", "Content-Encoding: gzip"))) as server:
        failed = trouble(examine(server.url))
    assert failed.name == "service"
    assert "compressed" in failed.says


def test_too_many_requests_is_no_fault_of_the_connection(examine: Examine) -> None:
    with RawServer(always(answer('{"error":"slow"}', "429 X", "Retry-After: 17"))) as server:
        found = examine(server.url)
    assert found.ok
    told = step(found, "key")
    assert told.state == "warning"
    assert "asks to wait for 17 s" in told.says


def test_the_api_at_a_plainer_address_is_found(examine: Examine) -> None:
    def handler(line: Line, request: Request) -> None:
        here = request.line.split()[1].startswith("/runwayml/v1/tasks/")
        line.send(GOOD if here else answer('{"detail":"Not Found"}', "404 X"))

    with RawServer(handler) as server:
        failed = trouble(examine(f"{server.url}/v1/openai"))
        assert failed.name == "service"
        assert f"The API answers at {server.url}: save that as the address." in failed.do
