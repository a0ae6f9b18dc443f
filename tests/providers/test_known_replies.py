"""Every known answer is read to what it means, however its maker wraps and orders it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runway_core.domain import TaskStatus
from runway_core.errors import ProviderError, RateLimitError, TaskNotFoundError
from runway_core.http import Reply
from runway_core.providers.envelope import layers
from runway_core.providers.refusals import Who
from runway_core.providers.replies import read_submitted, read_task
from tests.providers.known_refusals import REFUSED, Refused
from tests.providers.known_tasks import TOLD, A, Told

RELAY = Who("The relay", "relay")
RUNWAY = Who("Runway", "official")


def reply(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, headers or {}, data, 5)


def turned(value: Any) -> Any:
    """The same, with every object's keys in the other order and keys that nobody knows."""
    if isinstance(value, dict):
        return {"x-new": [1], **{k: turned(v) for k, v in reversed(value.items())}, "zz": {"a": 1}}
    return [turned(v) for v in value] if isinstance(value, list) else value


WAYS: dict[str, Any] = {
    "as it is": lambda body: body,
    "in a list": lambda body: [body],
    "in another order": turned,
    "wrapped once more": lambda body: {"code": 200, "msg": "ok", "data": body},
    "under an unknown name": lambda body: {"answer": body, "took": 12},
    "wrapped in a list": lambda body: {"success": True, "data": [body]},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("told", TOLD, ids=lambda told: told.name)
def test_a_task_is_told(told: Told, way: str) -> None:
    update = read_task(reply(WAYS[way](told.body)), RELAY)
    assert update.status is told.status
    assert (update.outputs or ("",))[0] == told.url
    if "progress" in told.says:
        assert update.progress == told.says["progress"]
    if "failure" in told.says:
        assert update.failure == told.says["failure"]
    assert update.failure_code == told.says.get("code", update.failure_code)


def with_id() -> list[Told]:
    return [t for t in TOLD if any("id" in x or "task_id" in x for x in layers(t.body))]


@pytest.mark.parametrize("told", with_id(), ids=lambda told: told.name)
def test_what_has_an_id_is_a_task_that_was_taken_on(told: Told) -> None:
    submitted = read_submitted(reply(told.body), RELAY)
    assert submitted.status is told.status
    assert submitted.remote_id and submitted.remote_id != "42"
    if told.name.startswith("wrapped"):
        assert submitted.remote_id == A


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused.name)
def test_a_refusal_is_understood(refused: Refused) -> None:
    who = RUNWAY if refused.official else RELAY
    answer = reply(refused.body, refused.code, refused.headers)
    with pytest.raises(ProviderError) as caught:
        read_task(answer, who) if refused.look else read_submitted(answer, who)
    assert type(caught.value) is refused.error
    assert refused.words in str(caught.value)
    assert refused.said in caught.value.said
    if isinstance(caught.value, RateLimitError) and refused.headers:
        assert caught.value.retry_after == 23


@pytest.mark.parametrize("name", ["E2: no such task", "E8: a task that is gone"])
def test_a_task_that_was_just_made_may_be_unknown(name: str) -> None:
    refused = next(r for r in REFUSED if r.name == name)
    answer, now = reply(refused.body, refused.code), datetime(2026, 7, 4, 12, tzinfo=UTC)
    young, old = now - timedelta(seconds=89), now - timedelta(seconds=90)
    assert read_task(answer, RELAY, submitted_at=young, now=now).status is TaskStatus.PENDING
    with pytest.raises(TaskNotFoundError):
        read_task(answer, RELAY, submitted_at=old, now=now)


def test_a_word_that_is_new_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    for word in ("MARINATING", "marinating", "key-hk-123", "MARINATING"):
        assert read_task(reply({"id": A, "status": word}), RELAY).status is TaskStatus.RUNNING
    assert [record.args for record in caplog.records] == [("MARINATING",)]
