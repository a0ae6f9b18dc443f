"""What becomes of a task, at both roots."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import (
    RELAY_HEADERS,
    Sandbox,
    StartSandbox,
    create,
    image_body,
    look,
    text_body,
    wait_for,
    wait_until,
)

SEED_BODY: dict[str, Any] = {
    "promptImage": [
        {"uri": "https://www.openai-hk.com/res/img/open.png", "position": "first"},
        {"uri": "https://www.openai-hk.com/res/img/open.png", "position": "last"},
    ],
    "seed": 4294967295,
    "model": "gen3a_turbo",
    "promptText": "wave",
    "watermark": False,
    "duration": 5,
    "ratio": "1280:768",
}


def test_the_official_root_tells_the_cost_from_the_create_to_the_end(sandbox: Sandbox) -> None:
    created = sandbox.official.post("/v1/image_to_video", json=image_body())
    assert created.status_code == 200
    assert set(created.json()) == {"id", "estimatedCost"}
    assert created.json()["estimatedCost"] == {"credits": 10}
    task_id = created.json()["id"]
    assert uuid.UUID(task_id).version == 4
    first = look(sandbox.official, task_id)
    assert first["estimatedCost"] == {"credits": 10}
    assert "cost" not in first
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["createdAt"])
    age = datetime.now(UTC) - datetime.fromisoformat(first["createdAt"])
    assert abs(age.total_seconds()) < 5
    done = wait_for(sandbox.official, task_id, "SUCCEEDED")
    assert set(done) == {"id", "status", "createdAt", "output", "cost"}
    assert done["cost"] == {"credits": 10}
    assert isinstance(done["cost"]["credits"], int)
    assert done["createdAt"] == first["createdAt"]
    video = httpx.get(done["output"][0])
    assert video.status_code == 200
    assert video.headers["content-type"] == "video/mp4"
    assert video.content[4:8] == b"ftyp"


def test_the_relay_root_tells_an_id_and_never_a_cost(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=6)
    created = sandbox.relay.post("/v1/image_to_video", json=image_body())
    assert set(created.json()) == {"id"}
    assert set(look(sandbox.relay, created.json()["id"])) == {"id", "status", "createdAt"}
    done = wait_for(sandbox.relay, created.json()["id"], "SUCCEEDED")
    assert set(done) == {"id", "status", "createdAt", "output"}


def test_a_task_is_pending_then_running_with_rising_progress_then_succeeded(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox(speed=6)
    task_id = create(sandbox.relay, image_body())
    seen = [look(sandbox.relay, task_id)]

    def ended() -> bool:
        seen.append(look(sandbox.relay, task_id))
        return str(seen[-1]["status"]) == "SUCCEEDED"

    wait_until(ended)
    order = list(dict.fromkeys(task["status"] for task in seen))
    assert order == ["PENDING", "RUNNING", "SUCCEEDED"]
    progress = [task["progress"] for task in seen if task["status"] == "RUNNING"]
    assert all("progress" not in task for task in seen if task["status"] != "RUNNING")
    assert progress == sorted(progress)
    assert len(set(progress)) > 3
    assert 0 <= progress[0] < progress[-1] <= 1


def test_text_becomes_a_video_at_both_roots(sandbox: Sandbox) -> None:
    for root in (sandbox.official, sandbox.relay):
        task_id = create(root, text_body(), "/v1/text_to_video")
        assert wait_for(root, task_id, "SUCCEEDED")["output"]


def test_the_published_relay_example_makes_a_task_without_a_version_header(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox(speed=1)
    answer = httpx.post(
        f"{sandbox.url}/runwayml/v1/image_to_video", json=SEED_BODY, headers=RELAY_HEADERS
    )
    assert answer.status_code == 200
    assert list(answer.json()) == ["id"]
    assert look(sandbox.relay, answer.json()["id"])["status"] == "PENDING"


def test_unknown_keys_are_let_through_as_relays_do(sandbox: Sandbox) -> None:
    create(sandbox.relay, image_body(watermark=False, notify_hook="https://example.com/hook"))


def test_more_tasks_than_places_wait_throttled_and_all_end(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=40, concurrency=1)
    ids = [create(sandbox.official, image_body()) for _ in range(3)]
    together: list[list[str]] = []

    def ended() -> bool:
        # Last one first: a task that ends between two looks must not seem to run beside its successor.
        together.append([look(sandbox.official, i)["status"] for i in reversed(ids)])
        return together[-1] == ["SUCCEEDED"] * 3

    wait_until(ended)
    assert max(states.count("RUNNING") for states in together) == 1
    assert any("THROTTLED" in states for states in together)


def test_two_tasks_run_at_once_and_another_key_has_its_own_places(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox(speed=20)
    body = text_body(promptText="slow: a cat")
    ids = [create(sandbox.official, body, "/v1/text_to_video") for _ in range(3)]
    wait_for(sandbox.official, ids[0], "RUNNING")
    wait_until(
        lambda: (
            sorted(look(sandbox.official, i)["status"] for i in ids)
            == ["RUNNING", "RUNNING", "THROTTLED"]
        )
    )
    other = create(sandbox.relay, text_body(), "/v1/text_to_video")
    wait_for(sandbox.relay, other, "RUNNING", "SUCCEEDED")


def test_a_deleted_task_is_gone_for_good_with_its_files(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=100)
    task_id = create(sandbox.official, image_body())
    url = wait_for(sandbox.official, task_id, "SUCCEEDED")["output"][0]
    gone = sandbox.official.delete(f"/v1/tasks/{task_id}")
    assert (gone.status_code, gone.content) == (204, b"")
    for answer in (
        sandbox.official.get(f"/v1/tasks/{task_id}"),
        sandbox.official.delete(f"/v1/tasks/{task_id}"),
    ):
        assert answer.status_code == 404
        assert answer.json() == {"error": "Could not find Task"}
    assert httpx.get(url).status_code == 404
    assert not [path for path in sandbox.folder.rglob("*") if task_id in path.name]


def test_deleting_a_running_task_frees_its_place(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=20, concurrency=1)
    body = text_body(promptText="slow: a cat")
    first, second = (create(sandbox.relay, body, "/v1/text_to_video") for _ in range(2))
    wait_until(
        lambda: (
            {look(sandbox.relay, i)["status"] for i in (first, second)} == {"RUNNING", "THROTTLED"}
        )
    )
    running = first if look(sandbox.relay, first)["status"] == "RUNNING" else second
    assert sandbox.relay.delete(f"/v1/tasks/{running}").status_code == 204
    wait_for(sandbox.relay, second if running == first else first, "RUNNING")


def test_a_task_belongs_to_the_key_that_made_it(sandbox: Sandbox) -> None:
    task_id = create(sandbox.relay, image_body())
    other = {"Authorization": "Bearer somebody-else"}
    assert sandbox.relay.get(f"/v1/tasks/{task_id}", headers=other).status_code == 404
    assert sandbox.relay.delete(f"/v1/tasks/{task_id}", headers=other).status_code == 404
    assert look(sandbox.relay, task_id)["id"] == task_id


@pytest.mark.parametrize("prompt", ["fail: it breaks", "FAIL:now"])
def test_a_fail_prompt_ends_failed_and_costs_nothing(sandbox: Sandbox, prompt: str) -> None:
    task_id = create(sandbox.official, image_body(promptText=prompt))
    task = wait_for(sandbox.official, task_id, "FAILED", "SUCCEEDED")
    assert task["failureCode"] == "INTERNAL.BAD_OUTPUT.CODE01"
    assert task["failure"]
    assert task["cost"] == {"credits": 0}
    assert "output" not in task


def test_a_moderate_prompt_ends_failed_in_each_roots_words(sandbox: Sandbox) -> None:
    body = image_body(promptText="moderate: something bad")
    official = wait_for(sandbox.official, create(sandbox.official, body), "FAILED", "SUCCEEDED")
    relay = wait_for(sandbox.relay, create(sandbox.relay, body), "FAILED", "SUCCEEDED")
    assert official["failureCode"] == "SAFETY.INPUT.TEXT"
    assert official["cost"] == {"credits": 10}
    assert relay["failureCode"] == "INPUT_PREPROCESSING.SAFETY.TEXT"
    assert "cost" not in relay
    assert official["failure"] == relay["failure"] == "Text prompt did not pass moderation"


def test_a_throttle_prompt_is_throttled_with_every_place_free(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox(speed=20)
    task_id = create(sandbox.official, image_body(promptText="throttle: a cat"))
    task = wait_for(sandbox.official, task_id, "THROTTLED", "RUNNING")
    assert task["status"] == "THROTTLED"
    assert task["estimatedCost"] == {"credits": 10}
    wait_for(sandbox.official, task_id, "SUCCEEDED")


def test_a_slow_prompt_takes_ten_times_as_long(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=10)
    slow = create(sandbox.relay, image_body(promptText="slow: a cat"))
    usual = create(sandbox.relay, image_body())
    wait_for(sandbox.relay, usual, "RUNNING")
    assert look(sandbox.relay, slow)["status"] == "PENDING"
    plans = {
        task_id: json.loads((sandbox.folder / "tasks" / f"{task_id}.json").read_text())
        for task_id in (slow, usual)
    }
    for wait in ("pending", "running"):
        assert plans[slow][wait] == pytest.approx(10 * plans[usual][wait])


def test_the_organization_tells_places_balance_and_use(sandbox: Sandbox) -> None:
    before = sandbox.official.get("/v1/organization").json()
    task_id = create(sandbox.official, image_body())
    wait_for(sandbox.official, task_id, "SUCCEEDED")
    after = sandbox.official.get("/v1/organization").json()
    assert set(after) == {"tier", "creditBalance", "usage"}
    assert after["tier"]["models"]["gen4_turbo"] == {
        "maxConcurrentGenerations": 2,
        "maxDailyGenerations": None,
    }
    assert before["creditBalance"] - after["creditBalance"] == 10
    assert after["usage"]["models"]["gen4_turbo"] == {"dailyGenerations": 1}
    assert after["usage"]["models"]["gen4.5"] == {"dailyGenerations": 0}
