"""Asking for a video from a script: what is sent, once, and what it may have cost."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from runway_core import (
    MayBeChargedError,
    RunwayClient,
    RunwayVideoRequest,
    create_simple_video_request,
    create_video_5s,
    create_video_10s,
    wait_for_video_completion,
)
from runway_core.errors import InvalidInputError, NotReachedError
from tests.client.conftest import KEY, PICTURE, answering
from tests.relay import Relay


def sent(relay: Relay) -> dict[str, Any]:
    (body,) = relay.created.values()
    return body


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (create_video_5s(PICTURE, "wave"), {"promptText": "wave", "duration": 5}),
        (create_video_10s(PICTURE), {"duration": 10}),
        (create_simple_video_request(PICTURE), {"duration": 5}),
        (create_video_5s(PICTURE, ratio="768:1280"), {"duration": 5, "ratio": "720:1280"}),
        (create_video_5s(PICTURE, ratio="1024:1024"), {"duration": 5, "ratio": "960:960"}),
        (create_video_5s(PICTURE, ratio="1920:1080"), {"duration": 5, "ratio": "1280:720"}),
        (create_video_5s(PICTURE, ratio="832:1104"), {"duration": 5, "ratio": "832:1104"}),
        (
            RunwayVideoRequest(PICTURE, "runwayml-gen3a_turbo-10", "wave", duration=10),
            {"duration": 10, "model": "gen3a_turbo", "ratio": "1280:768", "promptText": "wave"},
        ),
        (
            RunwayVideoRequest(PICTURE, "gen4_turbo", watermark=True),
            {"duration": 5, "watermark": True},
        ),
    ],
)
def test_a_request_is_sent_as_the_relay_wants_it(
    client: RunwayClient, relay: Relay, request_: RunwayVideoRequest, body: dict[str, Any]
) -> None:
    response = client.generate_video(request_)
    usual = {"model": "gen4_turbo", "promptImage": PICTURE, "ratio": "1280:720"}
    assert sent(relay) == usual | body
    assert response["status_code"] == 200
    assert response["data"]["id"] in relay.created
    assert response["data"]["status"] == "processing"
    (headers,) = relay.headers
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["X-Runway-Version"] == "2024-11-06"


def test_a_changed_ratio_is_said(client: RunwayClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        notes = client.generate_video(create_video_5s(PICTURE))["data"]["notes"]
    assert "ratio 1280:768 is sent as 1280:720" in notes[0]
    assert notes[0] in caplog.text
    kept = client.generate_video(create_video_5s(PICTURE, ratio="1280:720"))["data"]["notes"]
    assert not [note for note in kept if "is sent as" in note]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"promptImage": ""}, "promptImage"),
        ({"promptImage": "http://example.com/a.jpg"}, "promptImage"),
        ({"promptImage": 7}, "promptImage"),
        ({"model": ""}, "model"),
        ({"model": None}, "model"),
        ({"model": "runwayml-gen9-5"}, "model"),
        ({"model": "runwayml-gen4_turbo-10"}, "duration"),
        ({"duration": 10}, "duration"),
        ({"duration": "5"}, "duration"),
        ({"model": "gen4_turbo", "duration": 11}, "duration"),
        ({"promptText": "x" * 1001}, "promptText"),
        ({"promptText": 3}, "promptText"),
        ({"ratio": "wide"}, "ratio"),
        ({"ratio": None}, "ratio"),
    ],
)
def test_a_bad_request_is_refused_before_it_is_sent(
    client: RunwayClient, relay: Relay, changes: dict[str, Any], field: str
) -> None:
    fields = {"promptImage": PICTURE, "model": "runwayml-gen4_turbo-5"} | changes
    bad = RunwayVideoRequest(**fields)
    good, message = client.validate_request(bad)
    assert not good
    assert str(message).startswith(f"{field}: ")
    with pytest.raises(InvalidInputError, match=field):
        client.generate_video(bad)
    assert relay.posts == 0


def test_a_good_request_needs_no_message(client: RunwayClient) -> None:
    assert client.validate_request(create_video_5s(PICTURE)) == (True, None)


def test_runway_itself_is_asked_for_no_watermark() -> None:
    official = RunwayClient(KEY, "https://api.dev.runwayml.com", dry_run=True)
    asked = RunwayVideoRequest(PICTURE, "gen4_turbo", watermark=True)
    assert "watermark" in str(official.validate_request(asked)[1])
    shown = official.generate_video(create_video_5s(PICTURE))["data"]["request"]
    assert shown["url"] == "https://api.dev.runwayml.com/v1/image_to_video"


@pytest.mark.parametrize(
    "answer",
    [
        answering(500, {"error": "oops"}),
        answering(502, b"<html>Bad gateway</html>", Content_Type="text/html"),
        answering(200, b"<html>Welcome</html>", Content_Type="text/html"),
        answering(200, {"fine": True}),
        lambda call: call.reset(),
    ],
)
def test_an_unclear_answer_is_never_sent_again(
    client: RunwayClient, relay: Relay, answer: Any
) -> None:
    relay.creates = [answer]
    with pytest.raises(MayBeChargedError, match="may have been made and charged"):
        client.generate_video(create_video_5s(PICTURE))
    assert relay.posts == 1


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, {"error": {"message": "no", "code": "invalid_api_key"}}, 401),
        (402, {"error": "You do not have enough credits to run this task."}, 402),
        (429, {"error": {"message": "slow down"}}, 429),
        (400, {"error": "Validation of body failed", "issues": []}, 400),
        (200, {"error": {"message": "no", "code": "insufficient_user_quota"}}, 402),
        (503, {"error": {"message": "none", "code": "model_not_found"}}, 503),
    ],
)
def test_a_refusal_is_an_answer_and_free(
    client: RunwayClient, relay: Relay, status: int, body: object, told: int
) -> None:
    relay.creates = [answering(status, body)]
    response = client.generate_video(create_video_5s(PICTURE))
    assert response["status_code"] == told
    assert response["data"]["status"] == "failed"
    assert response["data"]["id"] is None
    assert "Nothing was charged" in response["data"]["error"]
    assert relay.posts == 1


def test_nothing_is_sent_without_a_token_or_a_way() -> None:
    with pytest.raises(InvalidInputError, match="api_token"):
        RunwayClient(None).generate_video(create_video_5s(PICTURE))
    with pytest.raises(InvalidInputError, match="api_token"):
        RunwayClient("two words").generate_video(create_video_5s(PICTURE))
    with pytest.raises(InvalidInputError, match="base_url"):
        RunwayClient(KEY, "ftp://relay.example")
    with pytest.raises(NotReachedError):
        RunwayClient(KEY, "https://nobody.invalid").generate_video(create_video_5s(PICTURE))
    with pytest.raises(NotReachedError, match="only https"):
        RunwayClient(KEY, "http://10.1.2.3").generate_video(create_video_5s(PICTURE))


def test_the_token_is_shown_nowhere(relay: Relay) -> None:
    client = RunwayClient(KEY, relay.url)
    relay.creates = [answering(401, {"error": {"message": f"bad {KEY}"}, "echo": [{KEY: KEY}]})]
    refused = client.generate_video(create_video_5s(PICTURE))
    relay.creates = [answering(500, {"error": f"bad {KEY}"})]
    with pytest.raises(MayBeChargedError) as caught:
        client.generate_video(create_video_5s(PICTURE))
    relay.looks = [answering(200, {"id": "t", "status": "FAILED", "failure": KEY})]
    failed = client.query_video("t")
    dry = RunwayClient(KEY, relay.url, dry_run=True).generate_video(create_video_5s(PICTURE))
    error: BaseException | None = caught.value
    texts = [repr(client), str(client), json.dumps([refused, failed, dry])]
    while error is not None:
        texts += [str(error), repr(error)]
        error = error.__cause__ or error.__context__
    assert "canary" not in " ".join(texts)
    assert "…0001" in texts[0]


def test_a_dry_client_sends_nothing(relay: Relay) -> None:
    client = RunwayClient(KEY, relay.url, dry_run=True)
    response = client.generate_video(create_video_5s(PICTURE, "wave"))
    assert (response["status_code"], response["data"]["status"]) == (0, "dry_run")
    assert json.loads(response["data"]["request"]["request_body"])["promptText"] == "wave"
    assert wait_for_video_completion(client, "t")["data"]["status"] == "dry_run"
    assert (relay.posts, relay.seen) == (0, {})


def test_it_works_where_a_loop_runs_already(client: RunwayClient, relay: Relay) -> None:
    async def notebook() -> int:
        return int(client.generate_video(create_video_5s(PICTURE))["status_code"])

    assert asyncio.run(notebook()) == 200
    assert relay.posts == 1
