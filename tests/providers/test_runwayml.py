"""The client for Runway and its relays, over real sockets."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from runway_core.catalog import catalog
from runway_core.domain import (
    Capability,
    Exchange,
    Frame,
    FramePosition,
    GenerationRequest,
    Submitted,
    TaskStatus,
)
from runway_core.errors import (
    InvalidInputError,
    NoAnswerError,
    ProviderError,
    TaskNotFoundError,
    UnexpectedReplyError,
)
from runway_core.providers import PROVIDERS, Probe, Provider
from tests.http.raw_server import RawServer, always, answer, closing
from tests.providers.calls import ID, KEY, PICTURE, TOKEN, request, with_provider


def body_of(
    wish: GenerationRequest, profile: str, *, callback_url: str = "", **more: Any
) -> dict[str, Any]:
    def send(p: Provider) -> Coroutine[Any, Any, Submitted]:
        return p.submit(wish, token=TOKEN, callback_url=callback_url)

    with RawServer(always(answer(json.dumps({"id": ID})))) as server:
        with_provider(server, send, profile=profile, **more)
        (sent,) = server.requests
    found: dict[str, Any] = json.loads(sent.body)
    return found


def test_a_create_is_one_post_with_key_version_and_json() -> None:
    with RawServer(always(answer(json.dumps({"id": ID})))) as server:
        submitted = with_provider(server, lambda p: p.submit(request(), token=TOKEN))
        (sent,) = server.requests
    assert submitted.remote_id == ID
    assert sent.line == "POST /runwayml/v1/image_to_video HTTP/1.1"
    assert sent.header("authorization") == f"Bearer {KEY}"
    assert sent.header("x-runway-version") == "2024-11-06"
    assert sent.header("content-type") == "application/json"
    assert sent.header("accept") == "application/json"


def test_each_create_has_a_connection_of_its_own() -> None:
    async def twice(provider: Provider) -> None:
        for _ in range(2):
            await provider.submit(request(), token=TOKEN)
            await provider.retrieve(ID)

    with RawServer(always(answer(json.dumps({"id": ID})))) as server:
        with_provider(server, twice)
        creates = [r.connection for r in server.requests if r.line.startswith("POST")]
        looks = [r.connection for r in server.requests if r.line.startswith("GET")]
    assert len(set(creates)) == 2
    assert len(set(looks)) == 1


LAST = Frame(position=FramePosition.LAST, uri="data:image/png;base64,AAAA")


@pytest.mark.parametrize(
    ("profile", "changes", "body"),
    [
        (
            "openai-hk",
            {"seed": 7},
            {
                "model": "gen4_turbo",
                "promptImage": PICTURE,
                "promptText": "A wave, 波",
                "ratio": "1280:720",
                "duration": 5,
                "seed": 7,
            },
        ),
        (
            "yunwu",
            {"prompt": "", "seed": 0, "duration": 10},
            {
                "model": "gen4_turbo",
                "promptImage": PICTURE,
                "ratio": "1280:720",
                "duration": 10,
                "seed": 0,
            },
        ),
        (
            "openai-hk",
            {
                "model": "gen3a_turbo",
                "ratio": "1280:768",
                "frames": (LAST, Frame(uri=PICTURE)),
            },
            {
                "model": "gen3a_turbo",
                "promptImage": [
                    {"uri": PICTURE, "position": "first"},
                    {"uri": LAST.uri, "position": "last"},
                ],
                "promptText": "A wave, 波",
                "ratio": "1280:768",
                "duration": 5,
            },
        ),
        (
            "openai-hk",
            {"model": "gen3a_turbo", "ratio": "1280:768", "frames": (LAST,), "prompt": "x"},
            {
                "model": "gen3a_turbo",
                "promptImage": [{"uri": LAST.uri, "position": "last"}],
                "promptText": "x",
                "ratio": "1280:768",
                "duration": 5,
            },
        ),
        (
            "runway",
            {
                "model": "gen4.5",
                "capability": Capability.TEXT_TO_VIDEO,
                "frames": (Frame(uri=PICTURE),),
                "duration": 2,
            },
            {"model": "gen4.5", "promptText": "A wave, 波", "ratio": "1280:720", "duration": 2},
        ),
    ],
)
def test_the_body_holds_only_what_the_model_knows(
    profile: str, changes: dict[str, Any], body: dict[str, Any]
) -> None:
    assert body_of(request(**changes), profile) == body


HOOK = "https://desk.example/hooks/a1"


@pytest.mark.parametrize(
    ("profile", "callback_url", "setting", "hook"),
    [
        ("openai-hk", HOOK, "", HOOK),
        ("yunwu", "", f" {HOOK} ", HOOK),
        ("custom", "http://10.0.0.5:8501/h", HOOK, "http://10.0.0.5:8501/h"),
        ("openai-hk", "", "", None),
        ("runway", HOOK, HOOK, None),
        ("sandbox", HOOK, HOOK, None),
    ],
)
def test_relays_are_told_whom_to_call_and_runway_is_not(
    profile: str, callback_url: str, setting: str, hook: str | None
) -> None:
    options = {"callback_url": setting}
    body = body_of(request(), profile, callback_url=callback_url, options=options)
    assert body.get("notify_hook") == hook


def test_what_is_no_address_is_not_sent_as_one() -> None:
    with pytest.raises(InvalidInputError) as caught:
        body_of(request(), "openai-hk", options={"callback_url": "desk.example hooks"})
    assert caught.value.problems[0].field == "options.callback_url"


@pytest.mark.parametrize(
    ("profile", "setting", "model"),
    [
        ("yunwu", "", "gen4_turbo"),
        ("yunwu", "billing id", "runwayml-gen4_turbo-10"),
        ("runway", "billing id", "gen4_turbo"),
    ],
)
def test_a_relay_may_want_the_model_by_its_billing_id(
    profile: str, setting: str, model: str
) -> None:
    body = body_of(request(duration=10), profile, options={"model_name": setting})
    assert body["model"] == model
    assert body["duration"] == 10


@pytest.mark.parametrize(
    ("profile", "prefix", "path"),
    [
        ("custom", "", "/runwayml/v1/image_to_video"),
        ("custom", "/runway-api/", "/runway-api/v1/image_to_video"),
        ("custom", "a/b", "/a/b/v1/image_to_video"),
        ("custom", "/", "/v1/image_to_video"),
        ("runway", "/runwayml", "/runwayml/v1/image_to_video"),
    ],
)
def test_a_connection_may_have_its_own_prefix(profile: str, prefix: str, path: str) -> None:
    with RawServer(always(answer(json.dumps({"id": ID})))) as server:
        with_provider(
            server,
            lambda p: p.submit(request(), token=TOKEN),
            profile=profile,
            options={"prefix": prefix},
        )
        assert server.requests[0].line == f"POST {path} HTTP/1.1"


@pytest.mark.parametrize("prefix", ["../v2", "https://x.example", "/a?b", "/a b", "/%2e%2e"])
def test_a_prefix_that_is_no_path_is_refused(prefix: str) -> None:
    with (
        RawServer(always(answer())) as server,
        pytest.raises(InvalidInputError, match=r"options\.prefix"),
    ):
        with_provider(server, lambda p: p.probe(), options={"prefix": prefix})


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "gen9"},
        {"capability": Capability.TEXT_TO_VIDEO},
        {"frames": (Frame(uri="asset:" + "0" * 64),)},
        {"frames": (Frame(uri="http://pictures.example/a.png"),)},
    ],
)
def test_what_the_profile_does_not_offer_is_never_sent(changes: dict[str, Any]) -> None:
    with RawServer(always(answer(json.dumps({"id": ID})))) as server:
        with pytest.raises(InvalidInputError):
            with_provider(server, lambda p: p.submit(request(**changes), token=TOKEN))
        assert server.requests == []


@pytest.mark.parametrize(
    "status", [200, 400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504, 307]
)
def test_no_answer_makes_a_create_be_sent_again(status: int) -> None:
    with RawServer(always(answer("{}", f"{status} X", "Location: /x", "Retry-After: 0"))) as server:
        with pytest.raises(ProviderError):
            with_provider(server, lambda p: p.submit(request(), token=TOKEN))
        assert len(server.requests) == 1


def test_a_create_that_breaks_off_may_have_been_charged() -> None:
    with RawServer(closing(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")) as server:
        with pytest.raises(NoAnswerError) as caught:
            with_provider(server, lambda p: p.submit(request(), token=TOKEN))
        assert len(server.requests) == 1
    assert caught.value.outcome == "unknown"


def test_a_create_that_ended_at_once_is_still_recorded() -> None:
    body = json.dumps({"id": ID, "status": "FAILED", "failure": "no"})
    with RawServer(always(answer(body))) as server:
        submitted = with_provider(server, lambda p: p.submit(request(), token=TOKEN))
    assert (submitted.remote_id, submitted.status) == (ID, TaskStatus.FAILED)


def test_a_look_is_a_get_of_the_quoted_id() -> None:
    body = json.dumps({"id": ID, "status": "RUNNING", "progress": 0.5})
    with RawServer(always(answer(body))) as server:
        update = with_provider(server, lambda p: p.retrieve("../a b?c"), profile="yunwu")
        (sent,) = server.requests
    assert update.progress == 0.5
    assert sent.line == "GET /runwayml/v1/tasks/..%2Fa%20b%3Fc HTTP/1.1"
    assert sent.header("authorization") == f"Bearer {KEY}"


def test_a_fresh_task_may_be_unknown_for_a_while() -> None:
    body = json.dumps({"code": "task_not_exist", "message": "task_not_exist", "data": None})
    with RawServer(always(answer(body, "400 Bad Request"))) as server:
        now = datetime.now(UTC)
        update = with_provider(server, lambda p: p.retrieve(ID, submitted_at=now))
        assert update.status is TaskStatus.PENDING
        with pytest.raises(TaskNotFoundError):
            with_provider(server, lambda p: p.retrieve(ID))


@pytest.mark.parametrize("status", ["204 No Content", "200 OK", "404 Not Found"])
def test_a_cancel_is_a_delete(status: str) -> None:
    with RawServer(always(answer(b"" if "204" in status else b"{}", status))) as server:
        with_provider(server, lambda p: p.cancel(ID), profile="runway")
        (sent,) = server.requests
    assert sent.line == f"DELETE /v1/tasks/{ID} HTTP/1.1"
    assert sent.body == b""


def probe(data: bytes, profile: str) -> tuple[Probe, str]:
    with RawServer(always(data)) as server:
        found = with_provider(server, lambda p: p.probe(), profile=profile)
        (sent,) = server.requests
    assert found.url.removeprefix(server.url) == sent.line.split()[1]
    assert sent.line.startswith("GET ")
    return found, sent.line.split()[1]


NOT_FOUND = [
    answer('{"error":"Could not find Task"}', "404 Not Found"),
    answer('{"code":"task_not_exist","message":"task_not_exist","data":null}', "400 Bad Request"),
    answer('{"error":"Task not found"}', "400 Bad Request"),
]


@pytest.mark.parametrize("data", NOT_FOUND)
def test_a_relay_that_knows_the_key_but_not_the_task_is_fine(data: bytes) -> None:
    found, path = probe(data, "openai-hk")
    assert found.ok
    assert path.startswith("/runwayml/v1/tasks/")
    assert UUID(path.rpartition("/")[2]).version == 4


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (answer('{"error":{"message":"x"}}', "401 X"), "refused the API key"),
        (answer("<html>", "200 OK", kind="text/html"), "serves a web page, not the API"),
        (answer("<html>", "404 X", kind="text/html"), "serves a web page, not the API"),
        (answer('{"error":{"message":"Invalid URL (GET /x)"}}', "404 X"), "no Runway API"),
        (answer("", "301 X", "Location: https://x.example/"), "has moved"),
        (answer("", "500 X"), "failed on its side"),
        (answer("", "429 X"), "asks to wait"),
        (b"SSH-2.0\r\n\r\n", "broke off"),
    ],
)
def test_a_probe_says_what_is_wrong(data: bytes, words: str) -> None:
    found, _ = probe(data, "openai-hk")
    assert not found.ok
    assert words in found.message
    assert found.hint


def test_a_probe_of_runway_is_free_and_tells_the_balance() -> None:
    found, path = probe(answer('{"creditBalance":7}'), "runway")
    assert found.ok
    assert "7 credits left" in found.message
    assert path == "/v1/organization"


def test_the_key_is_in_no_exchange_and_no_error() -> None:
    seen: list[Exchange] = []
    echo = json.dumps({"error": {"message": f"bad key {KEY}", "code": KEY, "param": KEY}})
    for status in ("200 OK", "400 X", "401 X", "500 X"):
        with RawServer(always(answer(echo, status, f"X-Request-Id: {KEY}"))) as server:
            for use in (
                lambda p: p.submit(request(), token=TOKEN),
                lambda p: p.retrieve(ID),
                lambda p: p.cancel(ID),
            ):
                with pytest.raises(ProviderError) as caught:
                    with_provider(server, use, observe=seen.append)
                assert "CANARY" not in repr(vars(caught.value)) + str(caught.value)
    assert len(seen) == 12
    assert "CANARY" not in "".join(exchange.model_dump_json() for exchange in seen)
    assert seen[0].request_headers["authorization"] == "Bearer …wxyz"


def test_a_sandbox_without_a_key_sends_none() -> None:
    with RawServer(always(answer(json.dumps({"id": ID})))) as server:
        with_provider(server, lambda p: p.submit(request(), token=TOKEN), profile="sandbox", key="")
        (sent,) = server.requests
    assert sent.header("authorization") is None
    assert urlsplit(sent.line.split()[1]).path == "/v1/image_to_video"


def test_every_protocol_of_the_catalogue_has_a_client() -> None:
    assert {profile.protocol for profile in catalog().profiles} <= PROVIDERS.keys()


def test_a_web_page_for_a_create_may_have_been_charged() -> None:
    page = answer("<html>", kind="text/html")
    with RawServer(always(page)) as server, pytest.raises(UnexpectedReplyError) as caught:
        with_provider(server, lambda p: p.submit(request(), token=TOKEN))
    assert caught.value.outcome == "unknown"
