"""What a call hints at is read from any envelope, and from nothing else than that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.domain import TaskStatus
from runway_core.providers.hints import Hint, read_hint

DONE, RUNNING = TaskStatus.SUCCEEDED, TaskStatus.RUNNING


@pytest.mark.parametrize(
    ("body", "remote_id", "status"),
    [
        ({"id": "t-1", "status": "SUCCEEDED", "output": ["https://x.example/a.mp4"]}, "t-1", DONE),
        ({"id": "t-1", "status": "completed", "service": "runway"}, "t-1", DONE),
        ({"code": "success", "data": {"task_id": "t-1", "status": "IN_PROGRESS"}}, "t-1", RUNNING),
        ({"data": {"generation": {"id": "t-1", "status": "failed"}}}, "t-1", TaskStatus.FAILED),
        ([{"taskId": "t-1", "state": "queued"}], "t-1", TaskStatus.PENDING),
        ({"event": "x", "job": {"uuid": "t-1"}}, "t-1", None),
        ({"status": "done"}, "", DONE),
        ({"id": 7}, "", None),
        ({"id": "two words", "status": ["a"]}, "", None),
        ({}, "", None),
        ("t-1", "", None),
    ],
)
def test_a_task_and_its_state_are_found(
    body: object, remote_id: str, status: TaskStatus | None
) -> None:
    found = read_hint(json.dumps(body).encode())
    assert found == Hint(remote_id=remote_id, status=status)


_JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "data", "x"]), inner),
)


@given(st.binary() | _JSON.map(lambda value: json.dumps(value).encode()))
def test_nothing_raises_and_an_id_can_be_kept(body: bytes) -> None:
    found = read_hint(body)
    assert found.remote_id.isprintable() and len(found.remote_id) <= 200
