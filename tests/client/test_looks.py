"""Looking at a video from a script, and waiting for it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from runway_core import (
    RunwayClient,
    StillRunningError,
    VideoFailedError,
    create_video_5s,
    wait_for_video_completion,
)
from runway_core.errors import DeskError, ProviderError
from tests.client.conftest import KEY, PICTURE, answering
from tests.providers.hostile import KEY as HOSTILE_KEY
from tests.providers.hostile import HostileServer, hostile
from tests.relay import Call, Relay

LINK = "https://files.example/a.mp4?_jwt=x"


@pytest.mark.parametrize(
    ("body", "status", "link", "error"),
    [
        ({"id": "t", "status": "SUCCEEDED", "output": [LINK]}, "completed", LINK, None),
        ({"id": "t", "status": "completed", "video_url": LINK}, "completed", LINK, None),
        (
            {"code": "success", "data": {"task_id": "t", "status": "SUCCESS", "result_url": LINK}},
            "completed",
            LINK,
            None,
        ),
        ({"id": "t", "status": "RUNNING", "progress": 0.5}, "processing", None, None),
        ({"id": "t", "state": "pending"}, "processing", None, None),
        ({"id": "t", "status": "THROTTLED"}, "processing", None, None),
        (
            {"id": "t", "status": "FAILED", "failure": "too dark", "failureCode": "INTERNAL"},
            "failed",
            None,
            "too dark (INTERNAL)",
        ),
        ({"id": "t", "status": "failed", "error": "too dark"}, "failed", None, "too dark"),
        ({"id": "t", "status": "CANCELLED"}, "failed", None, "It was cancelled."),
    ],
)
def test_every_envelope_is_told_in_the_same_words(
    client: RunwayClient, relay: Relay, body: Any, status: str, link: str | None, error: str | None
) -> None:
    relay.looks = [answering(200, body)]
    response = client.query_video("t")
    data = response["data"]
    assert (response["status_code"], data["id"]) == (200, "t")
    assert (data["status"], data["video_url"], data["error"]) == (status, link, error)
    for name in body.keys() - {"status", "error"}:
        assert data[name] == body[name]


def test_finished_without_a_link_is_not_completed(client: RunwayClient, relay: Relay) -> None:
    relay.looks = [answering(200, {"id": "t", "status": "SUCCEEDED", "output": []})]
    data = client.query_video("t")["data"]
    assert (data["status"], data["video_url"]) == ("processing", None)
    assert "no link" in data["error"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"error": "Could not find Task"}),
        (400, {"code": "task_not_exist", "message": "task_not_exist", "data": None}),
        (429, {"error": "slow"}),
        (500, b"oops"),
        (401, []),
    ],
)
def test_a_look_that_learns_nothing_says_so(
    client: RunwayClient, relay: Relay, status: int, body: object
) -> None:
    relay.looks = [answering(status, body)]
    response = client.query_video("t")
    assert response["status_code"] == status
    assert response["data"]["status"] == "unknown"
    assert response["data"]["error"]


def test_a_web_page_is_no_answer(client: RunwayClient, relay: Relay) -> None:
    relay.looks = [answering(200, b"<html>hello</html>", Content_Type="text/html")]
    with pytest.raises(ProviderError, match="web page"):
        client.query_video("t")


def test_a_task_that_the_relay_has_only_just_made_is_not_lost(
    client: RunwayClient, relay: Relay
) -> None:
    task_id = client.generate_video(create_video_5s(PICTURE))["data"]["id"]
    relay.looks = [answering(400, {"code": "task_not_exist", "message": "task_not_exist"})]
    response = client.query_video(task_id)
    assert (response["status_code"], response["data"]["status"]) == (200, "processing")


def test_waiting_survives_looks_that_fail(client: RunwayClient, relay: Relay) -> None:
    task_id = client.generate_video(create_video_5s(PICTURE))["data"]["id"]
    relay.looks = [
        answering(500, b"oops"),
        answering(200, b"<html></html>", Content_Type="text/html"),
        answering(404, {"error": "Could not find Task"}),
        answering(401, {"error": "no"}),
        answering(400, {"code": "task_not_exist"}),
        Call.reset,
        answering(200, {"id": task_id, "status": "RUNNING"}),
    ]
    result = wait_for_video_completion(client, task_id, timeout=30, poll_interval=0)
    assert result["data"]["video_url"].startswith(f"{relay.url}/files/{task_id}.mp4")
    assert relay.posts == 1
    assert relay.seen[task_id] == 8


def test_the_end_of_the_waiting_is_not_the_end_of_the_video(
    client: RunwayClient, relay: Relay
) -> None:
    relay.looks_needed = 1000
    task_id = client.generate_video(create_video_5s(PICTURE))["data"]["id"]
    with pytest.raises(TimeoutError, match="Only the waiting has ended") as caught:
        wait_for_video_completion(client, task_id, timeout=0.2, poll_interval=0.05)
    assert isinstance(caught.value, StillRunningError)
    assert isinstance(caught.value, DeskError)
    assert str(caught.value).count(task_id) == 3
    assert relay.deleted == []
    relay.looks_needed = 1
    assert wait_for_video_completion(client, task_id)["data"]["status"] == "completed"


def test_a_failed_video_ends_the_waiting(client: RunwayClient, relay: Relay) -> None:
    relay.looks = [answering(200, {"id": "t", "status": "FAILED", "failure": "too dark"})]
    with pytest.raises(VideoFailedError, match="too dark") as caught:
        wait_for_video_completion(client, "t")
    assert caught.value.response["data"]["id"] == "t"


def test_looks_are_not_closer_together_than_a_relay_allows() -> None:
    assert RunwayClient(KEY).poll_floor == 10
    assert RunwayClient(KEY, "https://api.openai-hk.com/runwayml").poll_floor == 6
    assert RunwayClient(KEY, "https://relay.example").poll_floor == 10


def test_any_answer_becomes_a_value_or_an_error_of_ours_without_the_token() -> None:
    quick = [n for n in range(450) if hostile(f"c{n}.1")[0] not in ("slow", "tiring")]
    kinds: Counter[str] = Counter()
    asked: tuple[Callable[[RunwayClient], dict[str, Any]], ...] = (
        lambda client: client.query_video("t"),
        lambda client: client.generate_video(create_video_5s(PICTURE)),
    )

    def call(url: str, number: int) -> None:
        client = RunwayClient(HOSTILE_KEY, f"{url}/c{number}")
        try:
            response = asked[number % 2](client)
        except DeskError as error:
            shown = f"{error} {error.hint} {error!r}"
            kinds[type(error).__name__] += 1
        else:
            kinds[str(response["data"]["status"])] += 1
            shown = str(response)
        assert "CANARY" not in shown, number

    async def use(server: HostileServer) -> None:
        calls = [asyncio.to_thread(call, server.url, number) for number in quick]
        await asyncio.gather(*calls)

    asyncio.run(HostileServer().run(use))
    assert kinds.total() == len(quick) > 400
    assert kinds.keys() >= {"MayBeChargedError", "processing", "failed", "unknown"}
