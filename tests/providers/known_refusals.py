"""Refusals in every shape that is known, E1 to E8 by the list of new-api's and Runway's own, in our own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from runway_core.errors import (
    AuthenticationError,
    InsufficientCreditsError,
    InvalidRequestError,
    ModelUnavailableError,
    ProviderError,
    RateLimitError,
    TaskNotFoundError,
    UnexpectedReplyError,
)


@dataclass(frozen=True)
class Refused:
    """An answer that means no."""

    name: str
    code: int
    body: Any
    error: type[ProviderError]
    words: str = ""
    """In the error's own sentence."""
    said: str = ""
    """Of what the provider said."""
    headers: dict[str, str] = field(default_factory=dict)
    official: bool = False
    look: bool = False


def one_api(message: str, code: str = "", kind: str = "new_api_error") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": "", "code": code}}


def task_error(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "data": None}


def graphql_error(message: str, code: str, **more: Any) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code, **more}}]}


NO_MONEY, NO_KEY = InsufficientCreditsError, AuthenticationError
EMPTY_RELAY = {
    "error": "You do not have enough credits to run this task.",
    "docUrl": "https://d.example",
}
WRONG_RATIO = {
    "docUrl": "https://d.example",
    "issues": [
        {"path": ["ratio"], "message": "No", "code": "invalid_value", "values": ["960:960"]}
    ],
    "error": "Validation of body failed",
}

REFUSED = [
    # E1
    Refused(
        "E1: bad key",
        401,
        one_api("无效的令牌 (request id: 20260704EX)"),
        NO_KEY,
        said="20260704EX",
    ),
    Refused("E1: bad key, one-api", 401, one_api("invalid token", kind="one_api_error"), NO_KEY),
    Refused(
        "E1: no channel",
        503,
        one_api("分组 x 下模型 y 无可用渠道", "model_not_found"),
        ModelUnavailableError,
    ),
    Refused("E1: no channel, at 400", 400, one_api("no", "model_not_found"), ModelUnavailableError),
    Refused("E1: key used up", 401, one_api("该令牌额度已用尽"), NO_MONEY),
    Refused("E1: key's quota", 403, one_api("m", "pre_consume_token_quota_failed"), NO_MONEY),
    Refused(
        "E1: at 200",
        200,
        one_api("something", kind="one_api_error"),
        UnexpectedReplyError,
        said="something",
    ),
    Refused(
        "E1: no money at 200", 200, one_api("用户额度不足", "insufficient_user_quota"), NO_MONEY
    ),
    Refused("E1: wrong", 400, one_api("m", "invalid_request"), InvalidRequestError, said="m"),
    # E2
    Refused(
        "E2: no money",
        403,
        task_error("insufficient_user_quota", "预扣费额度失败, 用户剩余额度: ＄0.02"),
        NO_MONEY,
        said="＄0.02",
    ),
    Refused(
        "E2: busy", 429, task_error("fail_to_fetch_task", "当前分组上游负载已饱和"), RateLimitError
    ),
    Refused("E2: busy, at 403", 403, task_error("upstream_load_saturated", "x"), RateLimitError),
    Refused(
        "E2: no money, called busy",
        429,
        one_api("当前分组上游负载已饱和", kind="insufficient_quota"),
        NO_MONEY,
    ),
    Refused(
        "E2: no such task",
        400,
        task_error("task_not_exist", "task_not_exist"),
        TaskNotFoundError,
        look=True,
    ),
    # E3
    Refused("E3: wrong", 400, WRONG_RATIO, InvalidRequestError, said="Validation of body failed"),
    Refused("E3: own account empty", 400, EMPTY_RELAY, NO_MONEY, "your account", official=True),
    Refused("E3: the relay's account empty", 400, EMPTY_RELAY, NO_MONEY, "not yours"),
    Refused(
        "E3: no such task", 404, {"error": "Could not find Task"}, TaskNotFoundError, look=True
    ),
    # E4
    Refused(
        "E4: no money",
        402,
        graphql_error("Too few", "INSUFFICIENT_CREDITS", creditsRequired=90, creditsAvailable=12),
        NO_MONEY,
    ),
    Refused(
        "E4: no money, at 200", 200, graphql_error("Too few", "INSUFFICIENT_CREDITS"), NO_MONEY
    ),
    Refused("E4: bad key", 401, graphql_error("Which key?", "UNAUTHENTICATED"), NO_KEY),
    Refused(
        "E4: too fast",
        429,
        graphql_error("Slower", "RATE_LIMITED"),
        RateLimitError,
        headers={"retry-after": "23", "x-ratelimit-remaining": "0"},
    ),
    Refused(
        "E4: unknown field",
        400,
        graphql_error("Field x is not defined", "BAD_USER_INPUT"),
        InvalidRequestError,
    ),
    Refused(
        "E4: unknown query",
        400,
        graphql_error("Cannot query field y", "GRAPHQL_VALIDATION_FAILED"),
        InvalidRequestError,
        look=True,
    ),
    # E5 to E7
    Refused(
        "E5: no", 200, {"success": False, "message": "not so"}, UnexpectedReplyError, said="not so"
    ),
    Refused("E5: bad key", 401, {"message": "which?", "success": False}, NO_KEY),
    Refused(
        "E6: at 200",
        200,
        {"code": 1201, "msg": "bad", "data": None},
        UnexpectedReplyError,
        said="bad",
    ),
    Refused("E6: bad key at 200", 200, {"data": None, "code": 401, "message": "key"}, NO_KEY),
    Refused(
        "E7: no",
        200,
        {"data": [], "error": 7, "error_des": "gone"},
        UnexpectedReplyError,
        said="gone",
    ),
    Refused(
        "E7: as text", 200, {"error_des": "gone", "error": "7", "data": ""}, UnexpectedReplyError
    ),
    # E8
    Refused(
        "E8: the upstream's own words",
        400,
        task_error("fail_to_fetch_task", '{"error":"Validation of body failed","issues":[]}'),
        InvalidRequestError,
        said="Validation of body failed",
    ),
    Refused(
        "E8: after a sentence",
        400,
        task_error(
            "fail_to_fetch_task",
            'upstream: {"error":"You do not have enough credits to run this task."}',
        ),
        NO_MONEY,
        "not yours",
    ),
    Refused(
        "E8: a task that is gone",
        400,
        task_error("fail_to_fetch_task", '{"code":"task_not_exist","message":"task_not_exist"}'),
        TaskNotFoundError,
        look=True,
    ),
    Refused(
        "E8: half of it",
        400,
        task_error("fail_to_fetch_task", '{"error":"Vali'),
        InvalidRequestError,
    ),
    # a page
    Refused(
        "a page at 200",
        200,
        b"<!doctype html><title>One API</title>",
        UnexpectedReplyError,
        "web page",
    ),
    Refused("plain words", 200, b"upstream timed out", UnexpectedReplyError),
]
