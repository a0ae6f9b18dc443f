"""What a key has spent, day by day, and what becomes of the cost of tasks that are deleted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runway_core.sandbox.book import owner_of
from tests.sandbox.conftest import (
    OFFICIAL_HEADERS,
    Sandbox,
    StartSandbox,
    create,
    image_body,
    look,
    text_body,
    wait_for,
)


def usage(sandbox: Sandbox, **body: Any) -> dict[str, Any]:
    answer = sandbox.official.post("/v1/organization/usage", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def balance(sandbox: Sandbox) -> int:
    return int(sandbox.official.get("/v1/organization").json()["creditBalance"])


def day(offset: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=offset)).isoformat()


def test_usage_tells_what_each_model_cost_on_each_day(sandbox: Sandbox) -> None:
    assert usage(sandbox) == {"results": [], "models": []}
    tasks = [
        create(sandbox.official, image_body()),
        create(sandbox.official, image_body(duration=3)),
        create(sandbox.official, text_body(), "/v1/text_to_video"),
        create(sandbox.official, image_body(promptText="fail: x")),
    ]
    for task_id in tasks:
        wait_for(sandbox.official, task_id, "SUCCEEDED", "FAILED")
    said = usage(sandbox)
    assert said["models"] == ["gen4.5", "gen4_turbo"]
    spent = [
        {"model": "gen4.5", "amount": 24},
        {"model": "gen4_turbo", "amount": 25},
    ]
    assert said["results"] == [{"date": day(0), "usedCredits": spent}]
    stranger = sandbox.official.post(
        "/v1/organization/usage",
        headers=OFFICIAL_HEADERS | {"Authorization": "Bearer somebody-else"},
    )
    assert stranger.json() == {"results": [], "models": []}


def test_usage_is_told_for_the_days_that_were_asked_for(start_sandbox: StartSandbox) -> None:
    first = start_sandbox(speed=100)
    task_id = create(first.official, image_body())
    wait_for(first.official, task_id, "SUCCEEDED")
    first.stop()
    # The same task, ended ten days ago.
    path = first.folder / "tasks" / f"{task_id}.json"
    record = json.loads(path.read_text())
    ended = datetime.now(UTC) - timedelta(days=10)
    path.write_text(json.dumps(record | {"finished_at": ended.isoformat()}))
    sandbox = start_sandbox(first.folder)
    assert [r["date"] for r in usage(sandbox)["results"]] == [day(-10)]
    assert usage(sandbox, startDate=day(-10), beforeDate=day(-9))["results"]
    assert usage(sandbox, startDate=day(-10))["results"]
    assert not usage(sandbox, startDate=day(-12), beforeDate=day(-10))["results"]
    assert not usage(sandbox, startDate=day(-9))["results"]
    assert not usage(sandbox, startDate=day(-5), beforeDate=day(-5))["results"]
    assert usage(sandbox, startDate=day(-90), beforeDate=day(0))["results"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"startDate": "2026-02-30"}, ["startDate"]),
        ({"startDate": "20260101"}, ["startDate"]),
        ({"startDate": 5}, ["startDate"]),
        ({"beforeDate": "tomorrow"}, ["beforeDate"]),
        ({"startDate": "2026-01-01", "beforeDate": "2026-04-02"}, ["beforeDate"]),
        ({"startDate": "2026-01-02", "beforeDate": "2026-01-01"}, ["beforeDate"]),
    ],
)
def test_wrong_days_are_refused(sandbox: Sandbox, body: dict[str, Any], path: list[str]) -> None:
    answer = sandbox.official.post("/v1/organization/usage", json=body)
    assert answer.status_code == 400
    assert [issue["path"] for issue in answer.json()["issues"]] == [path]


def test_cancelling_a_running_task_is_paid_a_waiting_one_is_not(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox(speed=20, concurrency=1)
    body = text_body(promptText="slow: a cat")
    running, waiting = (create(sandbox.official, body, "/v1/text_to_video") for _ in range(2))
    before = balance(sandbox)
    if wait_for(sandbox.official, running, "RUNNING", "THROTTLED")["status"] == "THROTTLED":
        running, waiting = waiting, running
        wait_for(sandbox.official, running, "RUNNING")
    assert look(sandbox.official, waiting)["status"] != "RUNNING"
    sandbox.official.delete(f"/v1/tasks/{waiting}")
    assert balance(sandbox) == before
    sandbox.official.delete(f"/v1/tasks/{running}")
    assert balance(sandbox) == before - 24
    assert usage(sandbox)["results"][0]["usedCredits"] == [{"model": "gen4.5", "amount": 24}]


def test_deleting_a_finished_task_gives_nothing_back_even_after_a_restart(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox(speed=100)
    before = balance(sandbox)
    task_id = create(sandbox.official, image_body())
    wait_for(sandbox.official, task_id, "SUCCEEDED")
    sandbox.official.delete(f"/v1/tasks/{task_id}")
    assert balance(sandbox) == before - 10
    made = sandbox.official.get("/v1/organization").json()["usage"]["models"]["gen4_turbo"]
    assert made == {"dailyGenerations": 1}
    sandbox.stop()
    again = start_sandbox(sandbox.folder)
    assert balance(again) == before - 10


def test_tasks_of_an_older_version_are_still_there(start_sandbox: StartSandbox) -> None:
    first = start_sandbox(speed=100)
    task_id = create(first.official, image_body())
    wait_for(first.official, task_id, "SUCCEEDED")
    first.stop()
    path = first.folder / "tasks" / f"{task_id}.json"
    record = json.loads(path.read_text())
    for name in ("files", "estimate", "fps", "ending", "notes"):
        del record[name]
    path.write_text(json.dumps(record | {"first": "https://example.com/a.png", "last": ""}))
    again = start_sandbox(first.folder)
    task = look(again.official, task_id)
    assert (task["status"], task["cost"]) == ("SUCCEEDED", {"credits": 10})
    assert record["owner"] == owner_of("key_test")
