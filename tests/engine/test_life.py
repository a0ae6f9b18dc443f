"""A task's life from the click to the kept file, with everything that may go wrong on the way."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from runway_core.domain import ArtifactState, Task, TaskStatus
from tests.engine.conftest import Desk
from tests.relay import Call, Relay, small_video

TERMINAL = {TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED}


def test_a_task_is_sent_once_followed_and_kept(desk: Desk, relay: Relay) -> None:
    desk.engine.start()
    task = desk.until_settled(desk.submit("a quiet lake"))
    assert task.status is TaskStatus.SUCCEEDED
    assert task.artifact_state is ArtifactState.KEPT
    assert relay.posts == 1
    assert task.remote_id in relay.created
    kept = desk.studio.archive.path(task.artifacts[0].path).read_bytes()
    assert kept == small_video()
    assert task.artifacts[0].sha256 == hashlib.sha256(kept).hexdigest()
    assert desk.kinds(task) == ["QUEUED", "SUBMITTING", "accepted", "SUCCEEDED", "KEPT"]


def test_only_what_the_model_knows_goes_over_the_wire(desk: Desk, relay: Relay) -> None:
    desk.engine.start()
    desk.until_settled(desk.submit("a quiet lake"))
    assert list(relay.created.values()) == [
        {
            "model": "gen4.5",
            "promptText": "a quiet lake",
            "ratio": "1280:720",
            "duration": 5,
            "seed": 7,
        }
    ]
    assert relay.headers[0]["Authorization"] == "Bearer hk-canary-key-0001"
    assert relay.headers[0]["X-Runway-Version"] == "2024-11-06"


def test_the_same_draft_is_one_task_however_often_it_is_sent(desk: Desk, relay: Relay) -> None:
    desk.engine.start()
    threads = [
        threading.Thread(target=desk.submit, args=("a lake",), kwargs={"token": "one"})
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    task = desk.studio.tasks.by_token("one")
    assert task is not None
    desk.until_settled(task)
    assert relay.posts == 1


def refuse(status: int, body: object, **headers: str) -> object:
    return lambda call: call.answer(status, body, **headers)


def reset(call: Call) -> None:
    call.reset()


@pytest.mark.parametrize(
    "answer",
    [
        reset,
        refuse(500, {"error": "oops"}),
        refuse(502, b"<html>bad gateway</html>", Content_Type="text/html"),
        refuse(504, {"error": "late"}),
        refuse(503, {"error": {"message": "try later", "type": "new_api_error"}}),
        refuse(408, {"error": "slow"}),
        refuse(409, {"error": "conflict"}),
        refuse(200, {}),
        refuse(200, b"<html>welcome</html>", Content_Type="text/html"),
        refuse(200, b'{"id": "5f', Content_Type="application/json"),
        refuse(301, b"", Location="https://elsewhere.example/"),
    ],
    ids=["reset", "500", "502", "504", "503", "408", "409", "no-id", "html", "torn", "redirect"],
)
def test_a_create_without_a_clear_answer_is_uncertain_and_never_sent_again(
    desk: Desk, relay: Relay, answer: object
) -> None:
    relay.creates.append(answer)  # type: ignore[arg-type] # each is called with one Call
    desk.engine.start()
    task = desk.until_settled(desk.submit("a lake"))
    assert task.status is TaskStatus.UNCERTAIN
    assert task.note
    assert task.hint
    # A second task that is made and kept shows that the engine has gone on since.
    assert desk.until_settled(desk.submit("a hill")).status is TaskStatus.SUCCEEDED
    assert relay.posts == 2


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"error": "Validation of body failed", "issues": []}, "InvalidRequest"),
        (400, {"error": "You do not have enough credits to run this task."}, "InsufficientCredits"),
        (401, {"error": {"message": "bad token", "type": "new_api_error"}}, "Authentication"),
        (403, {"error": "Model variant gen9 is not available"}, "ModelUnavailable"),
        (422, {"error": "no"}, "InvalidRequest"),
    ],
)
def test_a_refused_create_fails_for_nothing_and_keeps_the_providers_words(
    desk: Desk, relay: Relay, status: int, body: dict[str, object], code: str
) -> None:
    relay.creates.append(lambda call: call.answer(status, body))
    desk.engine.start()
    task = desk.until_settled(desk.submit("a lake"))
    assert (task.status, task.failure_code) == (TaskStatus.FAILED, code)
    assert "charged" in task.hint
    error = body["error"]
    words = error["message"] if isinstance(error, dict) else error
    assert str(words) in task.said
    assert relay.posts == 1
    assert task.charge is None


def test_a_busy_provider_is_asked_again_when_it_says(desk: Desk, relay: Relay) -> None:
    relay.creates.append(lambda call: call.answer(429, {"error": "slow down"}, Retry_After="1"))
    desk.engine.start()
    task = desk.until_settled(desk.submit("a lake"))
    assert task.status is TaskStatus.SUCCEEDED
    assert len(relay.created) == 1
    assert relay.post_times[1] - relay.post_times[0] >= 1.0


def test_nothing_is_charged_when_the_provider_cant_be_reached(tmp_path: Path, relay: Relay) -> None:
    desk = Desk(tmp_path / "home", relay)
    relay.close()
    desk.engine.start()
    task = desk.until(desk.submit("a lake"), lambda t: bool(t.note))
    assert task.status is TaskStatus.QUEUED
    assert "can't be reached" in task.note
    assert "Trying again" in task.note
    cancelled = desk.studio.tasks.cancel(task.id)
    assert cancelled.status is TaskStatus.CANCELLED
    assert not cancelled.is_open
    desk.close()


@pytest.mark.parametrize(
    "answer",
    [
        reset,
        refuse(500, {"error": "oops"}),
        refuse(404, {"error": "Could not find Task"}),
        refuse(200, b"<html>", Content_Type="text/html"),
        refuse(200, b"\xff\xfe{", Content_Type="application/json"),
    ],
    ids=["reset", "500", "404-once", "html", "bad-bytes"],
)
def test_a_look_that_fails_never_ends_a_task(desk: Desk, relay: Relay, answer: object) -> None:
    relay.looks.append(answer)  # type: ignore[arg-type] # each is called with one Call
    desk.engine.start()
    task = desk.until_settled(desk.submit("a lake"))
    assert task.status is TaskStatus.SUCCEEDED
    assert task.note == ""
    assert relay.posts == 1
    assert "look failed" in desk.kinds(task)


def test_a_failed_task_keeps_the_providers_reason_and_is_not_made_again(
    desk: Desk, relay: Relay
) -> None:
    failed = {
        "status": "FAILED",
        "failure": "Text prompt did not pass moderation",
        "failureCode": "SAFETY.INPUT.TEXT",
        "cost": {"credits": 25},
    }
    relay.looks.append(lambda call: call.answer(200, failed | {"id": call.path.rsplit("/", 1)[-1]}))
    desk.engine.start()
    task = desk.until_settled(desk.submit("a lake"))
    assert task.status is TaskStatus.FAILED
    assert task.failure == "Text prompt did not pass moderation"
    assert task.failure_code == "SAFETY.INPUT.TEXT"
    assert task.charge == 25
    assert relay.posts == 1


def test_an_expired_link_is_renewed_and_no_new_video_is_paid_for(desk: Desk, relay: Relay) -> None:
    relay.files += [lambda call: call.answer(403, {"error": "expired"})] * 2
    desk.engine.start()
    task = desk.until_settled(desk.submit("a lake"))
    assert task.artifact_state is ArtifactState.KEPT
    assert relay.downloads == 3
    assert sum(relay.seen.values()) == 3  # one to see the end, two for fresh links
    assert relay.posts == 1


def half(call: Call) -> None:
    data = small_video()
    call.send_response(200)
    call.send_header("Content-Length", str(len(data)))
    call.end_headers()
    call.wfile.write(data[: len(data) // 2])
    call.reset()


@pytest.mark.parametrize(
    "answer",
    [half, reset, refuse(200, b"<html>sorry</html>", Content_Type="text/html"), refuse(500, {})],
    ids=["half", "reset", "html", "500"],
)
def test_a_broken_download_is_done_again_and_leaves_no_torn_file(
    desk: Desk, relay: Relay, answer: object
) -> None:
    relay.files.append(answer)  # type: ignore[arg-type] # each is called with one Call
    desk.engine.start()
    task = desk.until_settled(desk.submit("a lake"))
    assert task.artifact_state is ArtifactState.KEPT
    assert relay.posts == 1
    media = desk.studio.settings.media
    assert [f.read_bytes() for f in media.rglob("*.mp4")] == [small_video()]
    assert not list((media / "parts").glob("*"))


def test_a_running_task_is_cancelled_at_the_provider(desk: Desk, relay: Relay) -> None:
    relay.looks_needed = 10_000
    desk.engine.start()
    task = desk.until(desk.submit("a lake"), lambda t: t.status is TaskStatus.RUNNING)
    desk.studio.tasks.cancel(task.id)
    ended = desk.until_settled(task)
    assert ended.status is TaskStatus.CANCELLED
    assert relay.deleted == [task.remote_id]


def test_a_cancel_that_comes_too_late_keeps_the_paid_result(desk: Desk, relay: Relay) -> None:
    relay.looks_needed = 2
    desk.engine.start()
    task = desk.until(desk.submit("a lake"), lambda t: t.status is TaskStatus.RUNNING)
    desk.studio.tasks.cancel(task.id)
    ended = desk.until_settled(task)
    assert (ended.status, ended.artifact_state) == (TaskStatus.SUCCEEDED, ArtifactState.KEPT)
    assert relay.deleted == []


def test_a_queued_task_is_cancelled_for_nothing(desk: Desk, relay: Relay) -> None:
    task = desk.submit("a lake")
    assert desk.studio.tasks.cancel(task.id).status is TaskStatus.CANCELLED
    desk.engine.start()
    desk.until_settled(desk.submit("a hill"))
    assert list(relay.prompts()) == ["a hill"]


def uncertain(desk: Desk, relay: Relay) -> Task:
    relay.creates.append(reset)
    desk.engine.start()
    task = desk.until_settled(desk.submit("a lake"))
    assert task.status is TaskStatus.UNCERTAIN
    return task


def test_an_uncertain_task_whose_id_is_found_is_followed(desk: Desk, relay: Relay) -> None:
    task = uncertain(desk, relay)
    remote_id = relay.make({"promptText": "a lake"})
    desk.studio.tasks.adopt(task.id, f" {remote_id}\n")
    ended = desk.until_settled(task)
    assert (ended.status, ended.remote_id) == (TaskStatus.SUCCEEDED, remote_id)
    assert relay.posts == 1


def test_an_uncertain_task_is_sent_again_only_by_a_person(desk: Desk, relay: Relay) -> None:
    task = uncertain(desk, relay)
    desk.studio.tasks.send_again(task.id)
    assert desk.until_settled(task).status is TaskStatus.SUCCEEDED
    assert relay.posts == 2


def test_an_uncertain_task_can_be_written_off(desk: Desk, relay: Relay) -> None:
    task = uncertain(desk, relay)
    ended = desk.studio.tasks.write_off(task.id)
    assert (ended.status, ended.failure_code) == (TaskStatus.FAILED, "WRITTEN_OFF")


def test_a_restart_picks_up_open_tasks(tmp_path: Path, relay: Relay) -> None:
    relay.looks_needed = 2
    first = Desk(tmp_path / "home", relay)
    first.engine.start()
    task = first.until(first.submit("a lake"), lambda t: t.status is TaskStatus.RUNNING)
    first.close()
    second = Desk(tmp_path / "home", relay)
    second.engine.start()
    assert second.until_settled(task).artifact_state is ArtifactState.KEPT
    second.close()
    assert relay.posts == 1


def test_a_stop_waits_for_the_create_on_the_wire(tmp_path: Path, relay: Relay) -> None:
    on_the_wire, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        on_the_wire.set()
        go_on.wait(10)

    relay.hold = hold
    desk = Desk(tmp_path / "home", relay)
    desk.engine.start()
    task = desk.submit("a lake")
    assert on_the_wire.wait(10)
    stopping = threading.Thread(target=desk.engine.stop)
    stopping.start()
    go_on.set()
    stopping.join()
    after = desk.studio.tasks.get(task.id)
    assert after.status is TaskStatus.PENDING
    assert after.remote_id in relay.created
    desk.close()


def test_an_id_that_belongs_to_another_task_is_never_taken_for_this_one(
    desk: Desk, relay: Relay
) -> None:
    desk.engine.start()
    first = desk.until_settled(desk.submit("a lake"))
    relay.creates.append(lambda call: call.answer(200, {"id": first.remote_id}))
    second = desk.until_settled(desk.submit("a hill"))
    assert second.status is TaskStatus.UNCERTAIN
    assert "another task" in second.note


def test_an_engine_can_be_started_again(desk: Desk, relay: Relay) -> None:
    desk.engine.start()
    desk.until_settled(desk.submit("a lake"))
    desk.engine.stop()
    desk.engine.start()
    assert desk.until_settled(desk.submit("a hill")).status is TaskStatus.SUCCEEDED


def test_the_key_is_in_no_record(desk: Desk, relay: Relay) -> None:
    relay.looks.append(lambda call: call.answer(500, {"error": "hk-canary-key-0001 leaked back"}))
    desk.engine.start()
    task = desk.until_settled(desk.submit("a lake"))
    told = desk.studio.exchanges.of(task.id)
    assert told
    assert all("canary" not in exchange.model_dump_json() for exchange in told)
    home = desk.studio.settings.home
    for file in filter(Path.is_file, home.rglob("*")):
        assert b"canary" not in file.read_bytes(), file


def test_the_wire_is_told_of_in_order(desk: Desk, relay: Relay) -> None:
    desk.engine.start()
    task = desk.until_settled(desk.submit("a lake"))
    told = desk.studio.exchanges.of(task.id)
    assert [(e.method, e.status_code) for e in told] == [("POST", 200), ("GET", 200), ("GET", 200)]
    assert told[0].url == f"{relay.url}/v1/text_to_video"
    assert all("_jwt" not in e.url + e.response_body for e in told)
