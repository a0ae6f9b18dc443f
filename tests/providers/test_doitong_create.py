"""What goes out to Doitong, over real sockets, and what its answers mean for money."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from runway_core.domain import Frame, Submitted, TaskStatus
from runway_core.errors import (
    InsufficientCreditsError,
    InvalidInputError,
    InvalidRequestError,
    RateLimitError,
    ServerError,
    StorageError,
)
from runway_core.providers import Provider
from runway_core.providers.base import Forgetful
from tests.http.raw_server import RawServer
from tests.providers.doitong_calls import (
    CALLBACK,
    GENERATE,
    KEY,
    PICTURE,
    TOKEN,
    Doitong,
    bodies,
    failed,
    made,
    picture,
    said,
    sent_input,
    submit,
    use,
    words,
)


def test_a_wish_of_words_is_one_graphql_post_as_on_its_pages() -> None:
    with RawServer(Doitong({"/graphql": made()})) as server:
        submitted = submit(server, words(options={"version": "gen-4", "quality": "high"}))
        (sent,) = server.requests
    assert sent.line == "POST /graphql HTTP/1.1"
    assert sent.header("authorization") == f"Bearer {KEY}"
    assert sent.header("x-api-key") is None
    assert sent.header("content-type") == "application/json"
    assert sent.header("accept") == "application/json"
    UUID(sent.header("idempotency-key"))
    assert json.loads(sent.body) == {
        "query": GENERATE,
        "variables": {
            "input": {
                "type": "VIDEO",
                "provider": "runway",
                "input": {"text": "A lake, 湖"},
                "options": {
                    "duration": 5,
                    "aspectRatio": "16:9",
                    "version": "gen-4",
                    "quality": "high",
                },
            }
        },
    }
    assert (submitted.remote_id, submitted.cost) == ("gen-77", Decimal(120))
    assert submitted.status is TaskStatus.RUNNING


@pytest.mark.parametrize(
    ("changes", "content", "options"),
    [
        ({}, {"imageUrl": PICTURE}, {"duration": 5, "motionIntensity": "medium"}),
        (
            {"prompt": "wind", "ratio": "9:16", "duration": 8, "options": {"version": "gen-5-x"}},
            {"imageUrl": PICTURE, "text": "wind"},
            {
                "duration": 8,
                "motionIntensity": "medium",
                "aspectRatio": "9:16",
                "version": "gen-5-x",
            },
        ),
    ],
)
def test_a_picture_goes_with_only_what_was_chosen(
    changes: dict[str, Any], content: dict[str, Any], options: dict[str, Any]
) -> None:
    with RawServer(Doitong({"/graphql": made()})) as server:
        submit(server, picture(**changes))
        sent = sent_input(server)
    assert sent == {
        "type": "VIDEO",
        "provider": "runway-i2v",
        "input": content,
        "options": options,
    }


def test_rest_is_flat_with_its_own_header_and_says_which_words_it_made_up() -> None:
    plan = {"/v1/": said({"data": {"imagevideo": {"id": "i-1", "status": "processing"}}})}
    with RawServer(Doitong(plan)) as server:
        silent = submit(server, picture(), api="rest", callback_url=CALLBACK)
        spoken = submit(server, words(duration=10), api="rest")
        first, second = server.requests
        flat, plain = bodies(server)
    assert (first.line, second.line) == (
        "POST /v1/image_to_video HTTP/1.1",
        "POST /v1/text_to_video HTTP/1.1",
    )
    assert first.header("x-api-key") == KEY
    assert first.header("authorization") is None
    UUID(first.header("idempotency-key"))
    assert flat == {
        "service": "runway-i2v",
        "prompt": "Animate this image",
        "imageUrl": PICTURE,
        "duration": 5,
        "aspectRatio": "16:9",
        "motionIntensity": "medium",
        "webhookUrl": CALLBACK,
    }
    assert plain == {
        "service": "runway",
        "prompt": "A lake, 湖",
        "duration": 10,
        "aspectRatio": "16:9",
    }
    assert "Animate this image" in silent.warning
    assert (spoken.remote_id, spoken.warning, spoken.cost) == ("i-1", "", None)


@pytest.mark.parametrize(
    ("auth", "api", "bearer", "own"),
    [
        ("endpoint", "graphql", True, False),
        ("endpoint", "rest", False, True),
        ("bearer", "rest", True, False),
        ("x-api-key", "graphql", False, True),
        ("both", "graphql", True, True),
        ("both", "rest", True, True),
    ],
)
def test_the_key_goes_where_the_setting_says(auth: str, api: str, bearer: bool, own: bool) -> None:
    with RawServer(Doitong({"": made()})) as server:
        submit(server, words(), api=api, auth=auth)
        (sent,) = server.requests
    assert sent.header("authorization") == (f"Bearer {KEY}" if bearer else None)
    assert sent.header("x-api-key") == (KEY if own else None)


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("none", None),
        ("options.webhookUrl", ("options", "webhookUrl")),
        ("webhookUrl", ("webhookUrl",)),
        ("input.webhookUrl", ("input", "webhookUrl")),
    ],
)
def test_graphql_gets_the_callback_only_where_the_setting_says(
    field: str, path: tuple[str, ...] | None
) -> None:
    with RawServer(Doitong({"/graphql": made()})) as server:
        submit(server, words(), webhook_field=field, callback_url=CALLBACK)
        value: Any = sent_input(server)
    assert ("webhookUrl" in json.dumps(value)) is (path is not None)
    for step in path or ():
        value = value[step]
    assert path is None or value == CALLBACK


def test_the_engines_own_callback_counts_before_the_setting() -> None:
    async def go(provider: Provider) -> Submitted:
        return await provider.submit(words(), token=TOKEN, callback_url=CALLBACK)

    with RawServer(Doitong({"/v1/": made()})) as server:
        use(server, go, api="rest", callback_url="https://other.example.com/")
        assert bodies(server)[0]["webhookUrl"] == CALLBACK


@pytest.mark.parametrize(
    "uri", ["asset:" + "0" * 64, "data:image/png;base64,AAAA", "http://x.example/a"]
)
def test_a_picture_that_is_no_link_is_never_sent(uri: str) -> None:
    for api in ("graphql", "rest"):
        with RawServer(Doitong()) as server:
            with pytest.raises(InvalidInputError, match=r"frames\.first"):
                submit(server, picture(frames=(Frame(uri=uri),)), api=api)
            assert server.requests == []


@pytest.mark.parametrize("status", ["402 Payment Required", "200 OK", "400 X", "500 X"])
def test_too_little_credit_is_the_same_at_any_status_and_tells_how_much(status: str) -> None:
    extensions = {"code": "INSUFFICIENT_CREDITS", "creditsRequired": 320, "creditsAvailable": 47.5}
    reply = said({"errors": [{"message": "Not enough", "extensions": extensions}]}, status)
    with RawServer(Doitong({"": reply})) as server, pytest.raises(InsufficientCreditsError) as no:
        submit(server, words())
    assert (no.value.required, no.value.available) == (Decimal(320), Decimal("47.5"))
    assert str(no.value) == (
        "Doitong says that your account has too little credit. It needs 320 and 47.5 are left."
    )
    assert (no.value.outcome, no.value.said) == ("refused", "Not enough")


@pytest.mark.parametrize(
    ("extensions", "words_", "required", "available"),
    [
        ({"creditsRequired": 9}, " It needs 9.", 9, None),
        ({"creditsAvailable": 0}, " 0 are left.", None, 0),
        ({"creditsAvailable": "many", "creditsRequired": True}, "", None, None),
        ({"creditsAvailable": -1, "creditsRequired": 10**40}, "", None, None),
    ],
)
def test_what_is_not_told_of_the_credit_is_not_made_up(
    extensions: dict[str, Any], words_: str, required: int | None, available: int | None
) -> None:
    error = {"message": "x", "extensions": {"code": "INSUFFICIENT_CREDITS"} | extensions}
    reply = said({"errors": [error]})
    with (
        RawServer(Doitong({"": reply})) as server,
        pytest.raises(InsufficientCreditsError) as caught,
    ):
        submit(server, words())
    assert (
        str(caught.value).removeprefix("Doitong says that your account has too little credit.")
        == words_
    )
    assert (caught.value.required, caught.value.available) == (required, available)


@pytest.mark.parametrize("status", ["200 OK", "400 X", "500 X"])
def test_a_task_beside_errors_is_kept_with_a_warning(status: str) -> None:
    body = {
        "data": {"generate": {"id": "g-5", "status": "processing", "creditCost": 40}},
        "errors": [{"message": f"metadata failed for {KEY}", "path": ["generate", "metadata"]}],
    }
    with RawServer(Doitong({"": said(body, status)})) as server:
        submitted = submit(server, picture())
        assert len(server.requests) == 1
    assert (submitted.remote_id, submitted.cost) == ("g-5", Decimal(40))
    assert submitted.warning == "metadata failed for …wxyz"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("409 Conflict", "A request with this Idempotency-Key is in progress"),
        ("409 Conflict", ""),
        ("422 X", "Idempotency key reused with a different payload"),
    ],
)
def test_a_request_that_it_has_had_before_may_have_been_charged(status: str, message: str) -> None:
    for api in ("graphql", "rest"):
        with RawServer(Doitong({"": failed(message, status=status)})) as server:
            with pytest.raises(ServerError, match="had this very request before") as caught:
                submit(server, words(), api=api)
            assert len(server.requests) == 1
        assert caught.value.outcome == "unknown"
        assert "nothing to mend" in caught.value.hint


def test_a_missing_idempotency_key_or_another_422_is_only_a_wrong_request() -> None:
    for reply in (failed("Idempotency-Key is missing", status="400 X"), said({}, "422 X")):
        with RawServer(Doitong({"": reply})) as server, pytest.raises(InvalidRequestError):
            submit(server, words())


def test_a_rate_limit_waits_as_long_as_any_header_says() -> None:
    reply = said(
        {"errors": [{"message": "x"}]}, "429 X", "RateLimit: limit=10, remaining=0, reset=41"
    )
    with RawServer(Doitong({"": reply})) as server, pytest.raises(RateLimitError) as caught:
        submit(server, words())
    assert caught.value.retry_after == 41


class Broken(Forgetful):
    """A memory on a full disk."""

    def set(self, name: str, value: str) -> None:
        raise StorageError("full")


def test_a_memory_that_fails_loses_no_paid_task() -> None:
    with RawServer(Doitong({"/graphql": made()})) as server:
        assert submit(server, picture(), memory=Broken()).remote_id == "gen-77"
