"""Calls back when a task has ended: what they say, how they are signed, and where they never go."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket

import httpx
import pytest

from runway_core.sandbox.hooks import SECRET, signature
from tests.sandbox.conftest import (
    RELAY_HEADERS,
    Sandbox,
    StartSandbox,
    create,
    image_body,
    text_body,
    wait_for,
    wait_until,
)
from tests.sandbox.doitong import GENERATE, REST, ask, text_input
from tests.sandbox.hook_receiver import Delivery, Receiver, receiving

JOB = {
    "id": "abc123xyz",
    "status": "completed",
    "url": "https://cdn.doitong.com/outputs/abc123xyz.mp4",
    "service": "runway",
    "createdAt": "2024-01-01T00:00:00Z",
    "completedAt": "2024-01-01T00:01:00Z",
    "metadata": {"duration": 5, "width": 1920, "height": 1080},
}


def delivered(receiver: Receiver, count: int = 1) -> list[Delivery]:
    wait_until(lambda: len(receiver.deliveries) >= count)
    return receiver.deliveries


@pytest.mark.parametrize(
    ("secret", "raw", "expected"),
    [
        (
            "It's a Secret to Everybody",  # GitHub's published vector
            b"Hello, World!",
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        ),
        (
            "doitong-test-secret",
            json.dumps(JOB, separators=(",", ":")).encode(),
            "0005f62fa6470f19c953b85cc44eaecf0eb06feebf1940d076de43e1189b0547",
        ),
    ],
)
def test_signatures_are_those_of_the_known_vectors(secret: str, raw: bytes, expected: str) -> None:
    assert signature(secret, raw) == f"sha256={expected}"


@pytest.mark.parametrize("way", ["options", "beside", "content", "rest"])
def test_a_finished_job_is_told_signed_over_its_raw_body(
    start_sandbox: StartSandbox, way: str
) -> None:
    sandbox = start_sandbox(webhook_secret="ours alone")
    with receiving() as receiver:
        wish = text_input("fail: a harbour, 波")
        hook = {"webhookUrl": receiver.url}
        if way == "rest":
            body = {"service": "runway", "prompt": "fail: a harbour, 波", **hook}
            answer = httpx.post(f"{sandbox.url}/v1/text_to_video", json=body, headers=REST)
            job_id = answer.json()["data"]["generatevideo"]["id"]
        else:
            place = {"options": wish["options"], "beside": wish, "content": wish["input"]}[way]
            place |= hook
            job_id = ask(sandbox.url, input=wish).json()["data"]["generate"]["id"]
        (delivery,) = delivered(receiver)
    assert delivery.path == "/hooks/secret-path?of=us"
    assert delivery.headers["content-type"] == "application/json"
    mac = hmac.new(b"ours alone", delivery.raw, hashlib.sha256).hexdigest()
    assert delivery.headers["x-doitong-signature"] == f"sha256={mac}"
    assert (delivery.json["id"], delivery.json["status"]) == (job_id, "failed")
    assert delivery.json["metadata"]["error"]["code"] == "GENERATION_FAILED"


def test_a_completed_job_is_told_in_the_published_shape_with_a_link_that_works(
    sandbox: Sandbox,
) -> None:
    with receiving() as receiver:
        ask(sandbox.url, GENERATE, input=text_input(webhookUrl=receiver.url))
        (delivery,) = delivered(receiver)
        told = delivery.json
        assert list(told) == list(JOB)
        assert (told["status"], told["service"]) == ("completed", "runway")
        assert told["metadata"] == {"duration": 5, "width": 1280, "height": 720}
        assert told["completedAt"] >= told["createdAt"]
        assert httpx.get(told["url"]).headers["content-type"] == "video/mp4"
        mac = hmac.new(SECRET.encode(), delivery.raw, hashlib.sha256).hexdigest()
        assert delivery.headers["x-doitong-signature"] == f"sha256={mac}"


@pytest.mark.parametrize("prefix", ["", "/wrapped"])
def test_a_relay_tells_what_a_look_would_tell_and_signs_nothing(
    sandbox: Sandbox, prefix: str
) -> None:
    root = httpx.Client(base_url=f"{sandbox.url}{prefix}/runwayml", headers=RELAY_HEADERS)
    with receiving() as receiver, root:
        task_id = create(root, image_body(promptText="fail: x", notify_hook=receiver.url))
        (delivery,) = delivered(receiver)
        assert "x-doitong-signature" not in delivery.headers
        assert delivery.json == root.get(f"/v1/tasks/{task_id}").json()
        assert "FAIL" in delivery.raw.decode()


def test_a_hook_in_runways_own_api_is_no_hook(sandbox: Sandbox) -> None:
    with receiving() as receiver:
        body = text_body(promptText="fail: x", notify_hook=receiver.url)
        made = sandbox.official.post("/v1/text_to_video", json=body)
        if made.status_code == 200:
            wait_for(sandbox.official, made.json()["id"], "FAILED")
        task_id = create(sandbox.relay, image_body(promptText="fail: x", notify_hook=receiver.url))
        assert task_id in delivered(receiver)[0].raw.decode()
        assert len(receiver.deliveries) == 1


@pytest.mark.parametrize("answers", [(500, 0), (302, 404, 503)])
def test_a_call_that_is_not_taken_is_tried_again_and_not_too_often(
    sandbox: Sandbox, answers: tuple[int, ...]
) -> None:
    with receiving(*answers) as receiver, receiving() as other:
        create(sandbox.relay, image_body(promptText="fail: x", notify_hook=receiver.url))
        calls = delivered(receiver, len(answers) + 1)
        assert len({call.raw for call in calls}) == 1
        assert {call.path for call in calls} == {"/hooks/secret-path?of=us"}
        create(sandbox.relay, image_body(promptText="fail: y", notify_hook=other.url))
        delivered(other)
        assert len(receiver.deliveries) == len(answers) + 1


def test_a_receiver_that_never_takes_it_is_given_up(sandbox: Sandbox) -> None:
    with receiving(*[500] * 9) as receiver, receiving() as other:
        create(sandbox.relay, image_body(promptText="fail: x", notify_hook=receiver.url))
        delivered(receiver, 4)
        create(sandbox.relay, image_body(promptText="fail: y", notify_hook=other.url))
        delivered(other)
        assert len(receiver.deliveries) == 4


def test_a_receiver_that_hangs_holds_up_no_task(sandbox: Sandbox) -> None:
    with receiving() as receiver:
        receiver.hold.clear()
        body = image_body(promptText="fail: x", notify_hook=receiver.url)
        for task_id in [create(sandbox.relay, body) for _ in range(6)]:
            wait_for(sandbox.relay, task_id, "FAILED")


@pytest.mark.parametrize(
    "url",
    [
        "https://your-webhook.com/callback",
        "https://127.0.0.1:{port}/x",
        "http://10.0.0.1:{port}/x",
        "http://0.0.0.0:{port}/x",
        "http://169.254.169.254/x",
        "http://localhost.example.com:{port}/x",
        "http://127.0.0.1.example.com:{port}/x",
        "http://2130706433:{port}/x",
        "http://127.1:{port}/x",
        "http://[::ffff:10.0.0.1]:{port}/x",
        "http://user@127.0.0.1:{port}/x",
        "http://127.0.0.1:{port}@10.0.0.1/x",
        "http://127.0.0.1:99999/x",
        "ftp://127.0.0.1:{port}/x",
        "//127.0.0.1:{port}/x",
        "http://127.0.0.1:{port}/x\r\nX-Evil: 1",
        "file:///etc/passwd",
        "",
        5,
        ["http://127.0.0.1:{port}/x"],
    ],
)
def test_nothing_else_than_this_machine_is_ever_called_or_looked_up(
    sandbox: Sandbox, url: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[object] = []
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)

        def noted(self: socket.socket, address: object, real: object = real) -> object:
            met.append(address)
            return real(self, address)  # type: ignore[operator]  # the one of the test's own guard

        monkeypatch.setattr(socket.socket, name, noted)
    with receiving() as receiver, receiving() as good:
        if isinstance(url, str):
            url = url.replace("{port}", str(receiver.port))
        create(sandbox.relay, image_body(promptText="fail: x", notify_hook=url))
        create(sandbox.relay, image_body(promptText="fail: y", notify_hook=good.url))
        assert delivered(good)
        if not str(url).startswith("http://127.0.0.1:") or "@" in str(url):
            assert receiver.deliveries == []
        hosts = {address[0] for address in met if isinstance(address, tuple)}
        assert hosts == {"127.0.0.1"}


def test_localhost_and_the_other_loopback_addresses_are_this_machine(sandbox: Sandbox) -> None:
    with receiving() as receiver:
        for host in ("localhost", "127.0.0.1"):
            url = f"http://{host}:{receiver.port}/{host}"
            create(sandbox.relay, image_body(promptText="fail: x", notify_hook=url))
        paths = {call.path for call in delivered(receiver, 2)}
        assert paths == {"/localhost", "/127.0.0.1"}


def test_a_task_that_a_restart_interrupts_is_told_all_the_same(start_sandbox: StartSandbox) -> None:
    with receiving() as receiver:
        first = start_sandbox(speed=1)
        create(first.relay, image_body(promptText="fail: x", notify_hook=receiver.url))
        first.stop()
        assert receiver.deliveries == []
        start_sandbox(first.folder, speed=200)
        assert delivered(receiver)[0].json["status"] == "FAILED"


def test_requests_without_a_key_are_no_way_to_make_calls(sandbox: Sandbox) -> None:
    with receiving() as receiver, receiving() as good:
        body = image_body(promptText="fail: x", notify_hook=receiver.url)
        assert httpx.post(f"{sandbox.url}/runwayml/v1/image_to_video", json=body).status_code == 401
        wish = text_input("fail: x", webhookUrl=receiver.url)
        assert ask(sandbox.url, GENERATE, {"Authorization": ""}, input=wish).status_code == 401
        create(sandbox.relay, image_body(promptText="fail: y", notify_hook=good.url))
        delivered(good)
        assert receiver.deliveries == []
