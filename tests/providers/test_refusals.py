"""What is refused, by whom, and what that means for money."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runway_core.domain import TaskStatus
from runway_core.errors import (
    AuthenticationError,
    InsufficientCreditsError,
    InvalidRequestError,
    ModelUnavailableError,
    OverloadedError,
    PermissionDeniedError,
    ProviderError,
    RateLimitError,
    ServerError,
    TaskNotFoundError,
    UnexpectedReplyError,
)
from runway_core.http import Reply
from runway_core.providers.refusals import Who
from runway_core.providers.replies import (
    read_cancelled,
    read_submitted,
    read_task,
)

RELAY = Who("openai-hk relay", "relay", ("hk-CANARY-1234",))
RUNWAY = Who("Runway (official)", "official", ("key_CANARY",))
ID = "5f0c9e4e-8d0b-4c55-9a53-4f0e6a1b2c3d"
LINK = "https://d1.cdn.example/9b1d.mp4?_jwt=abc"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def reply(body: object, status: int = 200, **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"content-type": "application/json"} | named, data, 5)


E1 = {"error": {"message": "x (request id: 2026EX)", "type": "new_api_error", "code": ""}}
VALIDATION = {
    "error": "Validation of body failed",
    "issues": [
        {"code": "invalid_value", "values": ["1280:720"], "path": ["ratio"], "message": "Invalid"},
        {"code": "too_big", "message": "Too big", "path": ["duration"]},
        {"code": "x", "message": "No", "path": ["promptImage", 1, "uri"]},
        {"code": "x", "message": "No", "path": ["promptImage"]},
        {"code": "x", "message": "No", "path": ["promptText"]},
        {"code": "x", "message": "No", "path": ["contentModeration", "publicFigureThreshold"]},
    ],
}
NO_CREDITS = {"error": "You do not have enough credits to run this task.", "docUrl": "https://x"}


def code(value: str, message: str = "m") -> dict[str, Any]:
    return {"error": {"message": message, "type": "new_api_error", "code": value}}


def task_code(value: str, message: str = "m") -> dict[str, Any]:
    return {"code": value, "message": message, "data": None}


def graphql(value: str) -> dict[str, Any]:
    return {"errors": [{"message": "m", "extensions": {"code": value}}]}


CREATES: list[tuple[int, object, type[ProviderError]]] = [
    (400, VALIDATION, InvalidRequestError),
    (400, NO_CREDITS, InsufficientCreditsError),
    (400, code("invalid_request"), InvalidRequestError),
    (400, code("model_not_found"), ModelUnavailableError),
    (400, task_code("task_not_exist", "task_not_exist"), InvalidRequestError),
    (400, task_code("fail_to_fetch_task", json.dumps(VALIDATION)), InvalidRequestError),
    (400, task_code("fail_to_fetch_task", json.dumps(NO_CREDITS)), InsufficientCreditsError),
    (400, graphql("BAD_USER_INPUT"), InvalidRequestError),
    (401, E1, AuthenticationError),
    (401, b"<html>", AuthenticationError),
    (401, graphql("UNAUTHENTICATED"), AuthenticationError),
    (402, graphql("INSUFFICIENT_CREDITS"), InsufficientCreditsError),
    (200, graphql("INSUFFICIENT_CREDITS"), InsufficientCreditsError),
    (200, graphql("UNAUTHENTICATED"), AuthenticationError),
    (402, {}, InsufficientCreditsError),
    (403, task_code("insufficient_user_quota"), InsufficientCreditsError),
    (403, code("pre_consume_token_quota_failed"), InsufficientCreditsError),
    (403, code("", "预扣费额度失败, 用户剩余额度: ＄0.1"), InsufficientCreditsError),
    (403, code("upstream_load_saturated"), RateLimitError),
    (403, {"error": "Model variant gen9 is not available"}, ModelUnavailableError),
    (403, {"error": "no"}, PermissionDeniedError),
    (404, {"error": "no"}, InvalidRequestError),
    (405, {"error": "no"}, InvalidRequestError),
    (408, {}, ServerError),
    (409, {}, ServerError),
    (413, b"", InvalidRequestError),
    (415, b"", InvalidRequestError),
    (418, b"tea", InvalidRequestError),
    (422, {"detail": "no"}, InvalidRequestError),
    (429, {"error": "slow down"}, RateLimitError),
    (429, task_code("fail_to_fetch_task", "当前分组上游负载已饱和，请稍后再试"), RateLimitError),
    (429, code("insufficient_quota", "当前分组上游负载已饱和"), InsufficientCreditsError),
    (500, {"error": "no"}, ServerError),
    (500, code("insufficient_user_quota"), ServerError),
    (502, b"<html>Bad gateway</html>", ServerError),
    (503, code("model_not_found", "无可用渠道"), ModelUnavailableError),
    (503, code("", "分组 default 下模型 x 无可用渠道（distributor）"), ModelUnavailableError),
    (504, b"", ServerError),
    (599, b"", ServerError),
    (301, b"", UnexpectedReplyError),
    (307, {"id": ID}, UnexpectedReplyError),
    (404, b"<!doctype html>", UnexpectedReplyError),
    (200, b"<html></html>", UnexpectedReplyError),
    (200, b"", UnexpectedReplyError),
    (204, b"", UnexpectedReplyError),
    (200, {}, UnexpectedReplyError),
    (200, [], UnexpectedReplyError),
    (200, {"id": ""}, UnexpectedReplyError),
    (200, {"id": 42}, UnexpectedReplyError),
    (200, {"id": "a b"}, UnexpectedReplyError),
    (200, E1, UnexpectedReplyError),
    (200, {"success": False, "message": "no"}, UnexpectedReplyError),
    (200, {"code": 401, "msg": "no", "data": None}, AuthenticationError),
    (200, {"code": 1201, "message": "no", "request_id": "r"}, UnexpectedReplyError),
    (200, {"data": None, "error": 3, "error_des": "no"}, UnexpectedReplyError),
    (200, b'{"id":"a"', UnexpectedReplyError),
    (200, b'{"id":"a","id":"b"}', UnexpectedReplyError),
    (200, b'{"id":"a","progress":NaN}', UnexpectedReplyError),
    (200, b'{"id":"a","n":' + b"9" * 5000 + b"}", UnexpectedReplyError),
    (200, b"[" * 200_000, UnexpectedReplyError),
    (200, b'{"a":' * 70 + b"1" + b"}" * 70, UnexpectedReplyError),
    (200, '{"id":"a"}'.encode("utf-16"), UnexpectedReplyError),
    (200, b'{"id":"\xff"}', UnexpectedReplyError),
    (999, b"", UnexpectedReplyError),
    (101, b"", UnexpectedReplyError),
]


@pytest.mark.parametrize(("status", "body", "kind"), CREATES)
def test_a_refused_create_is_the_right_error(
    status: int, body: object, kind: type[ProviderError]
) -> None:
    with pytest.raises(ProviderError) as caught:
        read_submitted(reply(body, status), RELAY)
    assert type(caught.value) is kind
    assert str(caught.value).startswith("openai-hk relay ")
    assert str(caught.value).endswith((".", "yours."))
    assert caught.value.status_code == status
    assert caught.value.hint


def test_503_of_runway_itself_did_nothing_and_of_a_relay_nobody_knows() -> None:
    busy = reply({"error": "overloaded"}, 503, retry_after="9")
    with pytest.raises(OverloadedError) as official:
        read_submitted(busy, RUNWAY)
    assert official.value.outcome == "refused"
    assert official.value.retry_after == 9
    with pytest.raises(ServerError) as relay:
        read_submitted(busy, RELAY)
    assert relay.value.outcome == "unknown"
    with pytest.raises(ServerError):
        read_task(busy, RUNWAY)


def test_a_validation_error_names_our_fields_and_what_is_allowed() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        read_submitted(reply(VALIDATION, 400, apigw_requestid="g-1"), RUNWAY)
    problems = {p.field: p.message for p in caught.value.problems}
    assert problems == {
        "ratio": "Invalid. Allowed: 1280:720",
        "duration": "Too big",
        "frames.last": "No",
        "frames.first": "No",
        "prompt": "No",
        "contentModeration.publicFigureThreshold": "No",
    }
    assert caught.value.said == "Validation of body failed (request id: g-1)"
    assert caught.value.request_id == "g-1"


def test_an_empty_relay_account_is_not_blamed_on_the_person() -> None:
    for who, words in ((RELAY, "not yours"), (RUNWAY, "your account")):
        with pytest.raises(InsufficientCreditsError, match=words):
            read_submitted(reply(NO_CREDITS, 400), who)
    with pytest.raises(InsufficientCreditsError, match="your account"):
        read_submitted(reply(task_code("insufficient_user_quota"), 403), RELAY)


def test_a_providers_words_are_short_plain_and_without_the_key() -> None:
    words = "bad\x1b[31m\u202e key hk-CANARY-1234 " + "x" * 5000 + " (request id: 2026EX)"
    with pytest.raises(AuthenticationError) as caught:
        read_submitted(reply({"error": {"message": words}}, 401), RELAY)
    error = caught.value
    assert len(error.said) <= 300
    assert error.said.endswith("… (request id: 2026EX)")
    assert error.said.isprintable()
    assert error.request_id == "2026EX"
    assert "CANARY" not in f"{error} {error.said} {error.hint}"


@pytest.mark.parametrize(
    ("wait", "seconds"), [("23", 23), ("0", 1), ("9999", 300), ("x", None), ("-1", None)]
)
def test_a_rate_limit_tells_how_long_to_wait(wait: str, seconds: float | None) -> None:
    with pytest.raises(RateLimitError) as caught:
        read_task(reply({"error": "slow"}, 429, retry_after=wait), RELAY)
    assert caught.value.retry_after == seconds


def test_a_task_that_a_relay_has_just_made_may_be_unknown_to_it() -> None:
    unknown = reply(task_code("task_not_exist", "task_not_exist"), 400)
    young, old = NOW - timedelta(seconds=89), NOW - timedelta(seconds=91)
    assert read_task(unknown, RELAY, submitted_at=young, now=NOW).status is TaskStatus.PENDING
    for submitted_at in (old, None):
        with pytest.raises(TaskNotFoundError):
            read_task(unknown, RELAY, submitted_at=submitted_at, now=NOW)


LOOKS: list[tuple[int, object, type[ProviderError]]] = [
    (404, {"error": "Could not find Task"}, TaskNotFoundError),
    (404, b"", TaskNotFoundError),
    (404, {"error": {"message": "Invalid URL (GET /v1/tasks/1)"}}, UnexpectedReplyError),
    (404, b"<html>", UnexpectedReplyError),
    (401, E1, AuthenticationError),
    (302, b"", UnexpectedReplyError),
    (200, {"status": "success", "data": None}, UnexpectedReplyError),
    (200, {"status": "error", "message": "no"}, UnexpectedReplyError),
    (200, {"message": "ok"}, UnexpectedReplyError),
    (200, code("task_not_exist"), TaskNotFoundError),
]


@pytest.mark.parametrize(("status", "body", "kind"), LOOKS)
def test_a_look_that_fails_is_the_right_error(
    status: int, body: object, kind: type[ProviderError]
) -> None:
    with pytest.raises(ProviderError) as caught:
        read_task(reply(body, status), RELAY)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (204, b""), (200, b"OK"), (200, {"id": ID}), (404, {"error": "no"}), (404, b"")],
)
def test_a_cancel_is_done_when_the_task_is_gone(status: int, body: object) -> None:
    read_cancelled(reply(body, status), RELAY)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>", UnexpectedReplyError),
        (200, E1, UnexpectedReplyError),
        (302, b"", UnexpectedReplyError),
        (401, E1, AuthenticationError),
        (405, {}, InvalidRequestError),
        (500, {}, ServerError),
        (404, b"<html>", UnexpectedReplyError),
    ],
)
def test_a_cancel_that_fails_is_told(status: int, body: object, kind: type[ProviderError]) -> None:
    with pytest.raises(ProviderError) as caught:
        read_cancelled(reply(body, status), RELAY)
    assert type(caught.value) is kind
