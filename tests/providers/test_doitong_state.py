"""How a task's state is asked of Doitong, which has no call for it that anybody knows."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from runway_core.domain import TaskStatus
from runway_core.errors import (
    AuthenticationError,
    ConfigError,
    InsufficientCreditsError,
    NotOfferedError,
    PermissionDeniedError,
    ProviderError,
    RateLimitError,
    ServerError,
    TaskNotFoundError,
)
from runway_core.providers.base import Forgetful
from tests.http.raw_server import RawServer, answer
from tests.providers.doitong_calls import (
    DONE,
    KEY,
    Doitong,
    bodies,
    failed,
    look,
    said,
    unknown,
)


@pytest.mark.parametrize(
    ("part", "body", "asked"),
    [
        ("generation(id", {"data": {"generation": DONE}}, 1),
        ("job(id", {"data": {"job": DONE}}, 2),
        ("/v1/text_to_video/gen-77", {"data": {"generatevideo": DONE}}, 3),
        ("/v1/jobs/gen-77", DONE, 4),
    ],
)
def test_each_question_is_asked_in_turn_and_the_one_that_is_answered_is_remembered(
    part: str, body: object, asked: int
) -> None:
    memory = Forgetful()
    with RawServer(Doitong({part: said(body)})) as server:
        for count in (asked, asked + 1):
            update = look(server, memory=memory)
            assert len(server.requests) == count
            assert update.status is TaskStatus.SUCCEEDED
            assert update.outputs == ("https://cdn.example.com/o/77.mp4",)
            assert update.cost == 90
        last = server.requests[-1]
    rest = last.line.startswith("GET")
    assert last.header("x-api-key") == (KEY if rest else None)
    assert last.header("authorization") == (None if rest else f"Bearer {KEY}")
    if not rest:
        assert json.loads(last.body)["variables"] == {"id": "gen-77"}


def test_two_kinds_of_tasks_with_two_addresses_are_both_remembered() -> None:
    memory = Forgetful()
    lines = "GET /a/{id}\nGET /text/{id}\nGET /b/{id}\nGET /image/{id}"
    plan = {
        "/text/t1": said({"id": "t1", "status": "processing"}),
        "/image/i1": said({"id": "i1", "status": "processing"}),
    }
    with RawServer(Doitong(plan)) as server:
        for remote_id in ("t1", "i1"):
            look(server, memory=memory, lines=lines, remote_id=remote_id)
        before = len(server.requests)
        look(server, memory=memory, lines=lines, remote_id="t1")
        look(server, memory=memory, lines=lines, remote_id="i1")
        assert len(server.requests) - before == 1 + 2


def test_an_answer_about_another_task_is_not_believed() -> None:
    plan = {
        "generation(id": said({"data": {"generation": DONE | {"id": "other"}}}),
        "job(id": said({"data": {"job": {"id": "gen-77", "status": "queued"}}}),
    }
    with RawServer(Doitong(plan)) as server:
        assert look(server).status is TaskStatus.PENDING
        assert len(server.requests) == 2


def test_a_failure_is_told_in_its_words_with_what_it_cost() -> None:
    error = {"code": "CONTENT_POLICY", "message": "Not allowed here"}
    task = {
        "id": "gen-77",
        "status": "failed",
        "url": None,
        "metadata": {"error": error},
        "creditCost": 0,
    }
    with RawServer(Doitong({"generation(id": said({"data": {"generation": task}})})) as server:
        update = look(server)
    assert (update.status, update.failure) == (TaskStatus.FAILED, "Not allowed here")
    assert (update.failure_code, update.cost) == ("CONTENT_POLICY", Decimal(0))


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (failed("no", "UNAUTHENTICATED"), AuthenticationError),
        (said({}, "401 X"), AuthenticationError),
        (said({}, "403 X"), PermissionDeniedError),
        (failed("x", "INSUFFICIENT_CREDITS"), InsufficientCreditsError),
        (said({}, "429 X", "X-RateLimit-Reset: 50"), RateLimitError),
        (failed("x", "INTERNAL_SERVER_ERROR"), ServerError),
        (said({}, "502 X"), ServerError),
    ],
)
def test_real_trouble_ends_the_look_at_the_first_question(
    reply: bytes, kind: type[ProviderError]
) -> None:
    with RawServer(Doitong({"generation(id": reply})) as server:
        with pytest.raises(ProviderError) as caught:
            look(server)
        assert len(server.requests) == 1
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "reply",
    [
        unknown("generation"),
        unknown("generation", "200 OK"),
        failed("Cannot query field generation"),
        said({"data": {"generation": None}}),
        answer("<html>", kind="text/html"),
        answer("<html>", "404 Not Found", kind="text/html"),
        said({"message": "no"}, "404 Not Found"),
        said({}, "405 Method Not Allowed"),
        answer("", "301 Moved", "Location: /x"),
        answer("not json"),
        said({"status": "ok"}),
    ],
)
def test_an_answer_that_is_none_leads_to_the_next_question(reply: bytes) -> None:
    plan = {"generation(id": reply, "/v1/jobs/": said({"id": "gen-77", "status": "processing"})}
    with RawServer(Doitong(plan)) as server:
        assert look(server).status is TaskStatus.RUNNING
        assert len(server.requests) == 4


def test_without_any_answer_nothing_ends_and_hardly_anything_is_asked_again() -> None:
    memory = Forgetful()
    with RawServer(Doitong()) as server:
        with pytest.raises(NotOfferedError, match="does not say how this task stands") as young:
            look(server, memory=memory, age=timedelta(seconds=11))
        assert young.value.retry_after == 60
        assert len(server.requests) == 4
        with pytest.raises(NotOfferedError) as old:
            look(server, memory=memory)
        assert old.value.retry_after == pytest.approx(300, abs=5)
        asked = len(server.requests)
        assert asked == 4 + 4 + 1, "and the schema once"
        for remote_id in ("gen-77", "another"):
            with pytest.raises(NotOfferedError):
                look(server, memory=memory, remote_id=remote_id)
        assert len(server.requests) == asked
        with pytest.raises(NotOfferedError):
            look(server, memory=memory, lines="GET /mine/{id}")
        assert len(server.requests) > asked, "new questions are asked at once"


def test_without_lines_nothing_is_asked() -> None:
    with RawServer(Doitong()) as server:
        with pytest.raises(NotOfferedError):
            look(server, lines="# nothing\n\n")
        assert server.requests == []


def test_only_a_query_that_worked_before_can_say_that_a_task_is_gone() -> None:
    memory = Forgetful()
    replies = iter(
        [said({"data": {"generation": DONE}}), *[said({"data": {"generation": None}})] * 3]
    )
    with RawServer(Doitong({"generation(id": replies})) as server:
        assert look(server, memory=memory).status is TaskStatus.SUCCEEDED
        with pytest.raises(NotOfferedError):
            look(server, memory=memory, age=timedelta(seconds=20))
        with pytest.raises(TaskNotFoundError):
            look(server, memory=memory)


def test_an_address_that_worked_before_never_says_that_a_task_is_gone() -> None:
    memory = Forgetful()
    with RawServer(Doitong({"/v1/jobs/gen-77": said(DONE)})) as server:
        look(server, memory=memory)
        with pytest.raises(NotOfferedError):
            look(server, memory=memory, remote_id="another")


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "GET https://evil.example/{id}",
        "GET /no/place",
        "query Q { generation { id } }",
        "mutation M($id: ID!) { generate(id: $id) { id } }",
        "query Q($id: ID!) { a(id: $id) { id } } mutation M { generate { id } }",
    ],
)
def test_a_line_that_could_cost_or_leak_or_says_nothing_is_refused(line: str) -> None:
    with RawServer(Doitong()) as server:
        with pytest.raises(ConfigError, match="Line 2"):
            look(server, lines=f"# mine\n{line}")
        assert server.requests == []


def test_an_id_leads_to_no_other_address() -> None:
    with RawServer(Doitong()) as server:
        with pytest.raises(NotOfferedError):
            look(server, lines="GET /v1/jobs/{id}?full=1", remote_id="../a b", age=timedelta(0))
        assert server.requests[0].line == "GET /v1/jobs/..%2Fa%20b?full=1 HTTP/1.1"


def schema(*fields: dict[str, Any]) -> bytes:
    return said({"data": {"__schema": {"queryType": {"fields": list(fields)}}}})


def query(
    name: str, told: tuple[str, ...], *, argument: str = "id", more: bool = False
) -> dict[str, Any]:
    plain = {"kind": "NON_NULL", "ofType": {"kind": "SCALAR"}}
    needed = {"kind": "NON_NULL", "name": None, "ofType": {"kind": "SCALAR", "name": "ID"}}
    kind = {"kind": "OBJECT", "name": "Job", "fields": [{"name": f, "type": plain} for f in told]}
    args = [{"name": argument, "type": needed}] * (2 if more else 1)
    return {"name": name, "args": args, "type": {"kind": "NON_NULL", "ofType": kind}}


def test_a_schema_that_is_told_has_the_question_that_no_page_names() -> None:
    memory = Forgetful()
    plan = {
        "__schema": schema(
            query("account", ("id", "status", "plan")),
            query("secretTask", ("id", "status"), more=True),
            query("prices", ("low", "high")),
            query("mediaJob", ("id", "status", "url", "creditCost", "owner"), argument="jobId"),
        ),
        "mediaJob(jobId: $id) { id status url creditCost }": said({"data": {"mediaJob": DONE}}),
    }
    with RawServer(Doitong(plan)) as server:
        assert look(server, memory=memory).outputs
        before = len(server.requests)
        look(server, memory=memory)
        assert len(server.requests) == before + 1
        assert bodies(server)[-1]["query"] == (
            "query Look($id: ID!) { mediaJob(jobId: $id) { id status url creditCost } }"
        )
        assert not any("secretTask" in request.body.decode() for request in server.requests)


@pytest.mark.parametrize(
    "reply",
    [
        failed("GraphQL introspection is not allowed"),
        schema(),
        said({"data": {"__schema": {"queryType": {"fields": "x"}}}}),
        said({"data": {"__schema": {"queryType": {"fields": [{"name": "a b{", "args": 7}]}}}}),
        said([1]),
        answer("x"),
    ],
)
def test_a_schema_that_is_not_told_changes_nothing(reply: bytes) -> None:
    with RawServer(Doitong({"__schema": reply})) as server, pytest.raises(NotOfferedError):
        look(server)


def test_few_requests_left_stretch_the_looks() -> None:
    def left(*headers: str) -> float | None:
        task = said(
            {"data": {"generation": {"id": "gen-77", "status": "queued"}}}, "200 OK", *headers
        )
        with RawServer(Doitong({"generation(id": task})) as server:
            return look(server).wait_seconds

    assert left("X-RateLimit-Remaining: 3", "X-RateLimit-Reset: 40") is None
    assert left("X-RateLimit-Remaining: 2", "X-RateLimit-Reset: 40") == 40
    assert left("X-RateLimit-Remaining: 0") == 60
    assert left() is None
