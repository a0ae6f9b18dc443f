"""Every answer that is known from Runway and its relays, and what it means."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from runway_core.domain import TaskStatus
from runway_core.http import Reply
from runway_core.providers.refusals import Who
from runway_core.providers.replies import (
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


def wrapped(status: str, **more: Any) -> dict[str, Any]:
    data = {
        "id": 42,
        "task_id": ID,
        "status": status,
        "fail_reason": "",
        "submit_time": 1773366766,
    }
    return {"code": "success", "message": "", "data": data | more}


TASKS: dict[str, tuple[dict[str, Any], TaskStatus, dict[str, Any]]] = {
    "pending": ({"id": ID, "status": "PENDING"}, TaskStatus.PENDING, {}),
    "throttled": ({"id": ID, "status": "THROTTLED"}, TaskStatus.THROTTLED, {}),
    "running": (
        {"id": ID, "status": "RUNNING", "progress": 0.275, "estimatedCost": {"credits": 25}},
        TaskStatus.RUNNING,
        {"progress": 0.275, "estimated_cost": Decimal(25)},
    ),
    "succeeded": (
        {
            "id": ID,
            "status": "SUCCEEDED",
            "output": [LINK],
            "createdAt": "2026-11-15T13:54:50.800Z",
            "cost": {"credits": 25},
        },
        TaskStatus.SUCCEEDED,
        {
            "outputs": (LINK,),
            "cost": Decimal(25),
            "created_at": datetime(2026, 11, 15, 13, 54, 50, 800_000, tzinfo=UTC),
        },
    ),
    "moderated": (
        {
            "id": ID,
            "status": "FAILED",
            "failure": "The prompt was not let through",
            "failureCode": "INPUT_PREPROCESSING.SAFETY.TEXT",
        },
        TaskStatus.FAILED,
        {
            "failure": "The prompt was not let through",
            "failure_code": "INPUT_PREPROCESSING.SAFETY.TEXT",
        },
    ),
    "cancelled": ({"id": ID, "status": "CANCELLED"}, TaskStatus.CANCELLED, {}),
    "canceled": ({"id": ID, "status": "CANCELED"}, TaskStatus.CANCELLED, {}),
    "unknown word": ({"id": ID, "status": "PONDERING"}, TaskStatus.RUNNING, {}),
    "id only": ({"id": ID}, TaskStatus.PENDING, {}),
    "private": (
        {"task": {"id": ID, "status": "SUCCEEDED", "artifacts": [{"url": LINK}]}},
        TaskStatus.SUCCEEDED,
        {"outputs": (LINK,)},
    ),
    "unified processing": (
        {"id": ID, "status": "processing", "progress": 45, "created_at": "2026-01-02T03:04:05Z"},
        TaskStatus.RUNNING,
        {"progress": 0.45, "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)},
    ),
    "unified completed": (
        {"id": ID, "status": "completed", "progress": 100, "video_url": LINK},
        TaskStatus.SUCCEEDED,
        {"outputs": (LINK,), "progress": 1.0},
    ),
    "unified failed": (
        {"id": ID, "status": "failed", "error": "bad picture"},
        TaskStatus.FAILED,
        {"failure": "bad picture"},
    ),
    "luma": (
        {"id": ID, "state": "pending", "queue_state": None, "video": None},
        TaskStatus.PENDING,
        {},
    ),
    "luma done": (
        {"id": ID, "state": "completed", "video": {"url": LINK, "download_url": LINK}},
        TaskStatus.SUCCEEDED,
        {"outputs": (LINK,)},
    ),
    "wrapped queued": (
        wrapped("QUEUED", progress="30%", data={"id": ID, "status": "PENDING"}),
        TaskStatus.PENDING,
        {"progress": 0.3, "created_at": datetime.fromtimestamp(1773366766, UTC)},
    ),
    "wrapped behind": (
        wrapped("SUBMITTED", data={"id": ID, "status": "RUNNING", "progress": 0.5}),
        TaskStatus.RUNNING,
        {"progress": 0.5},
    ),
    "wrapped success": (
        wrapped(
            "SUCCESS",
            result_url="https://other.example/x.mp4",
            data={"id": ID, "status": "SUCCEEDED", "output": [LINK]},
        ),
        TaskStatus.SUCCEEDED,
        {"outputs": (LINK,)},
    ),
    "wrapped success, link as reason": (
        wrapped("SUCCESS", fail_reason=LINK, data=None),
        TaskStatus.SUCCEEDED,
        {"outputs": (LINK,)},
    ),
    "wrapped failure": (
        wrapped("FAILURE", fail_reason="no good", data={"id": ID, "status": "CANCELLED"}),
        TaskStatus.FAILED,
        {"failure": "no good"},
    ),
    "generations": (
        {"task_id": "cgt-77", "status": "completed", "url": LINK, "format": "mp4"},
        TaskStatus.SUCCEEDED,
        {"outputs": (LINK,)},
    ),
    "openai video": (
        {"id": "video_9", "object": "video", "status": "completed", "metadata": {"url": LINK}},
        TaskStatus.SUCCEEDED,
        {"outputs": (LINK,)},
    ),
    "kling": (
        {
            "code": 0,
            "message": "SUCCEED",
            "request_id": "r-1",
            "data": {
                "task_id": "88",
                "task_status": "succeed",
                "task_result": {"videos": [{"id": "v", "url": LINK}]},
            },
        },
        TaskStatus.SUCCEEDED,
        {"outputs": (LINK,)},
    ),
    "envelope says success": (
        {"status": "success", "data": {"id": ID, "status": "processing"}},
        TaskStatus.RUNNING,
        {},
    ),
    "graphql create": (
        {"data": {"generate": {"id": "a1", "status": "processing", "creditCost": 30}}},
        TaskStatus.RUNNING,
        {"cost": Decimal(30)},
    ),
    "graphql done": (
        {"data": {"generatevideo": {"id": "a1", "status": "completed", "url": LINK}}},
        TaskStatus.SUCCEEDED,
        {"outputs": (LINK,)},
    ),
    "graphql by any name": (
        {"data": {"renderMovie": {"id": "a1", "status": "completed", "url": LINK}}},
        TaskStatus.SUCCEEDED,
        {"outputs": (LINK,)},
    ),
    "graphql failed": (
        {
            "data": {
                "generation": {
                    "id": "a1",
                    "status": "failed",
                    "metadata": {"error": {"code": "POLICY", "message": "not allowed"}},
                }
            }
        },
        TaskStatus.FAILED,
        {"failure": "not allowed", "failure_code": "POLICY"},
    ),
    "graphql partly": (
        {"errors": [{"message": "x"}], "data": {"animateImage": {"id": "a1", "status": "queued"}}},
        TaskStatus.PENDING,
        {},
    ),
    "in a list": ({"data": [{"id": ID, "status": "RUNNING"}]}, TaskStatus.RUNNING, {}),
}


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_read_in_every_known_shape(name: str) -> None:
    body, status, more = TASKS[name]
    update = read_task(reply(body), RELAY)
    assert update.status is status
    expected = {"progress": None, "outputs": (), "failure": "", "failure_code": "", **more}
    assert {field: getattr(update, field) for field in expected} == expected
    assert read_task(reply([body]), RELAY) == update


@pytest.mark.parametrize(
    ("body", "remote_id", "status", "cost"),
    [
        ({"id": ID, "estimatedCost": {"credits": 25.5}}, ID, TaskStatus.PENDING, Decimal("25.5")),
        ({"id": ID, "status": "FAILED"}, ID, TaskStatus.FAILED, None),
        (wrapped("SUBMITTED"), ID, TaskStatus.PENDING, None),
        (wrapped("SUBMITTED", data={"id": "99"}), ID, TaskStatus.PENDING, None),
        ({"task_id": "t-1"}, "t-1", TaskStatus.PENDING, None),
        ({"data": {"imagevideo": {"id": "a1"}}}, "a1", TaskStatus.PENDING, None),
        ({"task": {"id": ID}}, ID, TaskStatus.PENDING, None),
        ({"request_id": "fal-1"}, "fal-1", TaskStatus.PENDING, None),
        (b'\xef\xbb\xbf{"id":"a1"}', "a1", TaskStatus.PENDING, None),
    ],
)
def test_a_create_is_read(
    body: object, remote_id: str, status: TaskStatus, cost: Decimal | None
) -> None:
    submitted = read_submitted(reply(body), RELAY)
    assert (submitted.remote_id, submitted.status) == (remote_id, status)
    assert submitted.estimated_cost == cost


def test_a_json_answer_under_a_web_pages_name_is_read() -> None:
    assert read_submitted(reply({"id": "a1"}, content_type="text/html"), RELAY).remote_id == "a1"


@pytest.mark.parametrize(
    ("progress", "share"),
    [
        (0, 0.0),
        (0.5, 0.5),
        (1, 1.0),
        (45, 0.45),
        (250, 1.0),
        (-3, 0.0),
        ("45%", 0.45),
        ("45", 0.45),
        ("0.45", 0.45),
        ("1%", 0.01),
        ("100%", 1.0),
        ("٤٥%", None),
        ("soon", None),
        (True, None),
        (None, None),
        ([1], None),
        (10**400, 1.0),
    ],
)
def test_progress_is_between_0_and_1(progress: object, share: float | None) -> None:
    body = {"id": ID, "status": "RUNNING", "progress": progress}
    assert read_task(reply(body), RELAY).progress == share


@pytest.mark.parametrize(
    ("created", "moment"),
    [
        ("2026-03-13T09:52:46+08:00", datetime(2026, 3, 13, 1, 52, 46, tzinfo=UTC)),
        ("2026-03-13T09:52:46", datetime(2026, 3, 13, 9, 52, 46, tzinfo=UTC)),
        (1773366766, datetime.fromtimestamp(1773366766, UTC)),
        (1773366766000, datetime.fromtimestamp(1773366766, UTC)),
        (0, None),
        (10**30, None),
        ("2024-13-45T99:00:00Z", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("9999-12-31T23:59:59-23:00", None),
        ("yesterday", None),
        ({}, None),
    ],
)
def test_times_are_read_or_left_out(created: object, moment: datetime | None) -> None:
    body = {"id": ID, "status": "RUNNING", "createdAt": created}
    assert read_task(reply(body), RELAY).created_at == moment


@pytest.mark.parametrize(
    "output",
    [
        None,
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:video/mp4;base64,AAAA",
        "//evil.example/a.mp4",
        "https://",
        "https://[bad",
        "https://a.example/a b.mp4",
        "https://a.example/\n",
        [None, 1, {}, [LINK]],
        {"a": LINK},
    ],
)
def test_what_is_no_link_is_no_output(output: object) -> None:
    body = {"id": ID, "status": "SUCCEEDED", "output": output}
    assert read_task(reply(body), RELAY).outputs == ()


def test_several_outputs_are_kept_in_order_once() -> None:
    links = [LINK, "http://127.0.0.1:8787/a.mp4", LINK]
    body = {"id": ID, "status": "SUCCEEDED", "output": links}
    assert read_task(reply(body), RELAY).outputs == (LINK,)
    sandbox = Who("Sandbox", "sandbox", plain_http=True)
    assert read_task(reply(body), sandbox).outputs == tuple(links[:2])


def test_a_link_before_the_end_is_no_output() -> None:
    body = {"id": ID, "status": "RUNNING", "url": LINK}
    assert read_task(reply(body), RELAY).outputs == ()


@pytest.mark.parametrize("credits", [-1, "25", True, None, 10**12])
def test_a_cost_that_makes_no_sense_is_unknown(credits: object) -> None:
    body = {"id": ID, "status": "SUCCEEDED", "cost": {"credits": credits}}
    assert read_task(reply(body), RELAY).cost is None


def test_costs_are_exact() -> None:
    body = b'{"id":"a","status":"RUNNING","cost":{"credits":0.1}}'
    assert read_task(reply(body), RELAY).cost == Decimal("0.1")
