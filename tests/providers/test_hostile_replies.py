"""Nothing that a server can answer raises anything but our own errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runway_core.domain import Submitted, TaskUpdate
from runway_core.errors import ProviderError
from runway_core.http import Reply, Seen
from runway_core.providers.account import read_account, read_usage
from runway_core.providers.envelope import WORDS
from runway_core.providers.refusals import Who
from runway_core.providers.replies import read_cancelled, read_submitted, read_task
from runway_core.providers.uploads import read_slot

KEY = "hk-CANARY-0123456789"
NAMES = st.sampled_from(
    [
        "id",
        "task_id",
        "status",
        "state",
        "output",
        "url",
        "data",
        "task",
        "error",
        "errors",
        "message",
        "code",
        "issues",
        "path",
        "values",
        "generate",
        "metadata",
        "progress",
        "failure",
        "failureCode",
        "fail_reason",
        "video_url",
        "createdAt",
        "cost",
        "credits",
        "estimatedCost",
        "artifacts",
        "videos",
        "video",
        "extensions",
        "param",
        "creditBalance",
        "success",
        "request_id",
    ]
)
WORDS_ = st.sampled_from(
    [
        *WORDS,
        "weird",
        "task_not_exist",
        "insufficient_quota",
        "{",
        '{"error":"x"}',
        "45%",
        "",
        "https://cdn.example/v.mp4",
        "javascript:alert(1)",
        "2024-13-45T99:00:00Z",
        "\ud800",
        "\x00",
        f"key {KEY} (request id: {KEY})",
        "model_not_found",
        "x" * 5000,
    ]
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([10**400, -(2**70), 2**63, 200, 401, 429]),
        st.floats(allow_nan=True),
        st.text(max_size=20),
        WORDS_,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(NAMES, st.text(max_size=5)), inner, max_size=6),
    ),
    max_leaves=25,
)
BODIES = st.one_of(
    st.binary(max_size=200),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(NAMES, VALUES, max_size=8).map(lambda value: json.dumps(value).encode()),
)
STATUSES = st.one_of(
    st.sampled_from([200, 201, 204, 301, 400, 401, 402, 403, 404, 409, 429, 500, 503]),
    st.integers(0, 999),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["content-type", "retry-after", "x-ratelimit-reset", "apigw-requestid", "x-request-id"]
    ),
    st.one_of(st.text(max_size=20), st.sampled_from(["text/html", "1e9", "99999999999999", KEY])),
)
READERS: list[Callable[[Reply, Who], object]] = [
    read_submitted,
    lambda reply, who: read_task(reply, who, submitted_at=datetime.now(UTC)),
    read_task,
    read_cancelled,
    lambda reply, who: read_account(reply, who, "credit"),
    read_usage,
    read_slot,
]


@settings(max_examples=250, deadline=None)
@given(BODIES, STATUSES, HEADERS, st.sampled_from(["relay", "official", "sandbox"]))
@example(b"[" * 500_000, 200, {}, "relay")
@example(b'{"id":"a","cost":{"credits":1E-999999}}', 200, {}, "relay")
@example(b'{"id":"a","progress":1e99999999999999999999}', 200, {}, "relay")
@example(b'{"error":{"code":{"a":[1]}},"code":[[]]}', 400, {}, "relay")
@example(b'{"message":"{\\"message\\":\\"{\\"}"}', 400, {}, "official")
def test_any_answer_becomes_a_value_or_one_of_our_errors(
    body: bytes, status: int, headers: dict[str, str], kind: str
) -> None:
    who = Who("The relay", "official" if kind == "official" else "relay", (KEY,))
    reply = Reply(status, headers, body, 3)
    for read in READERS:
        try:
            found = read(reply, who)
        except ProviderError as error:
            shown = f"{error} {error.said} {error.request_id} {error.hint}"
            assert str(error).startswith("The relay ")
            assert len(error.said) <= 300
            shown.encode("utf-8")
        else:
            shown = str(found)
            if isinstance(found, Submitted | TaskUpdate):
                found.model_dump_json()
        assert KEY not in shown


@settings(max_examples=200, deadline=None)
@given(BODIES, STATUSES, HEADERS)
def test_any_answer_can_be_recorded_without_the_key(
    body: bytes, status: int, headers: dict[str, str]
) -> None:
    seen = Seen(
        method="GET",
        url="https://relay.example/v1/tasks/1?x",
        headers={"Authorization": f"Bearer {KEY}"},
        body={"a": "\ud800"},
        reply=Reply(status, headers, body + KEY.encode(), 3),
        error=None,
        started_at=datetime.now(UTC),
        elapsed_ms=3,
        secrets=[KEY],
    )
    assert KEY not in seen.record().model_dump_json()


@pytest.mark.parametrize("body", [b'{"id":"' + b"x" * 900_000 + b'"}', b'{"data":' * 60 + b"1"])
def test_large_answers_are_read_quickly(body: bytes) -> None:
    started = datetime.now(UTC)
    for status in (200, 400):
        with pytest.raises(ProviderError):
            read_task(Reply(status, {}, body, 1), Who("The relay", "relay"))
    assert (datetime.now(UTC) - started).total_seconds() < 2
