"""Each envelope that relays wrap tasks in, judged by the app's own client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import pytest

from runway_core.catalog import catalog
from runway_core.domain import (
    Capability,
    Frame,
    GenerationRequest,
    TaskStatus,
    TaskUpdate,
)
from runway_core.errors import (
    AuthenticationError,
    InvalidRequestError,
    ProviderError,
    TaskNotFoundError,
)
from runway_core.http import Http
from runway_core.providers import Provider, open_provider
from runway_core.sandbox.relays import FAMILIES
from tests.sandbox.conftest import (
    RELAY_HEADERS,
    Sandbox,
    StartSandbox,
    create,
    image_body,
    text_body,
    wait_for,
)

PREFIXES = [family.prefix for family in FAMILIES]
OWN = [family for family in FAMILIES if family.create_path]
KEY = "hk-test"
PICTURE = "https://pictures.example.com/harbour.jpg"
STRANGER = "17f20503-6c24-4c16-946b-35dbbce2af2f"
T = TypeVar("T")


def with_client(
    sandbox: Sandbox, prefix: str, use: Callable[[Provider], Coroutine[Any, Any, T]], key: str = KEY
) -> T:
    """Use the app's client for relays on one envelope's prefix."""
    address = urlsplit(sandbox.url)
    assert address.hostname
    private = frozenset({(address.hostname, address.port or 80)})

    async def run() -> T:
        async with Http(private_hosts=private) as http:
            profile = catalog().profile("custom")
            return await use(open_provider(profile, sandbox.url + prefix, key=key, http=http))

    return asyncio.run(run())


def looked(sandbox: Sandbox, prefix: str, task_id: str) -> TaskUpdate:
    return with_client(sandbox, prefix, lambda client: client.retrieve(task_id))


def wish(prompt: str = "wave") -> GenerationRequest:
    return GenerationRequest(
        capability=Capability.IMAGE_TO_VIDEO,
        model="gen4_turbo",
        prompt=prompt,
        frames=(Frame(uri=PICTURE),),
        ratio="1280:720",
        duration=5,
    )


def test_every_family_of_envelopes_is_there() -> None:
    assert set(PREFIXES) >= {
        *("", "/wrapped", "/unified", "/luma", "/generations"),
        *("/openai-video", "/private", "/kling"),
    }


def test_the_client_reads_a_succeeded_task_in_every_envelope(sandbox: Sandbox) -> None:
    task_id = create(sandbox.relay, image_body())
    wait_for(sandbox.relay, task_id, "SUCCEEDED")
    for prefix in PREFIXES:
        update = looked(sandbox, prefix, task_id)
        assert update.status is TaskStatus.SUCCEEDED, prefix
        (link,) = update.outputs
        assert link.startswith(f"{sandbox.url}/outputs/{task_id}.mp4?_jwt="), prefix
        assert update.progress in (None, 1.0), prefix
    assert httpx.get(link).headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("word", ["fail", "moderate"])
def test_the_client_reads_a_failed_task_in_every_envelope(sandbox: Sandbox, word: str) -> None:
    task_id = create(sandbox.relay, image_body(promptText=f"{word}: x"))
    told = wait_for(sandbox.relay, task_id, "FAILED")
    for prefix in PREFIXES:
        update = looked(sandbox, prefix, task_id)
        assert update.status is TaskStatus.FAILED, prefix
        assert update.outputs == ()
        assert update.failure == told["failure"], prefix


def test_the_client_reads_open_tasks_in_every_envelope(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=40, concurrency=1)
    running = create(sandbox.relay, text_body(promptText="slow: x"), "/v1/text_to_video")
    waiting = create(sandbox.relay, text_body(promptText="slow: y"), "/v1/text_to_video")
    wait_for(sandbox.relay, running, "RUNNING")
    for prefix in PREFIXES:
        update = looked(sandbox, prefix, running)
        assert update.status is TaskStatus.RUNNING, prefix
        assert update.progress is None or 0 <= update.progress < 1, prefix
        update = looked(sandbox, prefix, waiting)
        assert update.status in (TaskStatus.PENDING, TaskStatus.THROTTLED), prefix


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_client_makes_and_cancels_a_task_below_every_prefix(
    sandbox: Sandbox, prefix: str
) -> None:
    async def make(client: Provider) -> str:
        return (await client.submit(wish("slow: x"), token="a wish")).remote_id

    task_id = with_client(sandbox, prefix, make)
    assert sandbox.relay.get(f"/v1/tasks/{task_id}").json()["id"] == task_id
    if prefix != "/late":
        with_client(sandbox, prefix, lambda client: client.cancel(task_id))
        assert sandbox.relay.get(f"/v1/tasks/{task_id}").status_code == 404


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_a_relay_refuses_is_an_error_of_its_kind(
    start_sandbox: StartSandbox, prefix: str
) -> None:
    sandbox = start_sandbox(key=KEY)
    root = f"{sandbox.url}{prefix}/runwayml/v1"
    bad = httpx.post(f"{root}/image_to_video", json=image_body(ratio="1:3"), headers=RELAY_HEADERS)
    assert "ratio" in bad.text
    assert "id" not in bad.json()
    with pytest.raises(TaskNotFoundError):
        looked(sandbox, prefix, STRANGER)
    with pytest.raises(AuthenticationError):
        with_client(sandbox, prefix, lambda client: client.retrieve(STRANGER), key="hk-wrong")


BODIES: dict[str, dict[str, Any]] = {
    "/unified": {"model": "sora-2", "prompt": "x", "images": [PICTURE], "aspect_ratio": "9:16"},
    "/luma": {"user_prompt": "x", "aspect_ratio": "9:16", "image_url": PICTURE},
    "/generations": {
        "model": "kling-v2",
        "prompt": "x",
        "image": PICTURE,
        "duration": 5.0,
        "width": 720,
        "height": 1280,
        "n": 1,
        "metadata": {"seed": 9},
    },
    "/openai-video": {
        "model": "sora-2",
        "prompt": "x",
        "seconds": "5",
        "size": "720x1280",
        "input_reference": PICTURE,
    },
    "/private": {
        "taskType": "gen3a_turbo",
        "internal": False,
        "options": {
            "text_prompt": "x",
            "seconds": 5,
            "width": 768,
            "height": 1280,
            "init_image": PICTURE,
            "exploreMode": False,
            "seed": 5,
        },
    },
    "/kling": {
        "model_name": "kling-v2-1",
        "image": PICTURE,
        "prompt": "x",
        "duration": "5",
        "mode": "std",
        "aspect_ratio": "9:16",
    },
}


@pytest.mark.parametrize("family", OWN, ids=lambda family: family.prefix.strip("/"))
def test_a_familys_own_paths_take_its_own_words(sandbox: Sandbox, family: Any) -> None:
    body = BODIES[family.prefix.removesuffix("-wrapped")]
    path = sandbox.url + family.prefix + family.create_path
    created = httpx.post(path, json=body, headers=RELAY_HEADERS)
    assert created.status_code == 200, created.text
    found = [value for value in _texts(created.json()) if len(value) == 36]
    task_id = found[0]
    look = family.look_path.replace("{task_id}", task_id)
    query = {} if task_id in look else {"id": task_id}
    seen = httpx.get(sandbox.url + family.prefix + look, params=query, headers=RELAY_HEADERS)
    assert seen.status_code == 200
    assert task_id in seen.text
    record = next((sandbox.folder / "tasks").glob("*.json")).read_text()
    assert PICTURE in record
    assert '"720:1280"' in record or '"768:1280"' in record


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def test_a_late_relay_does_not_know_its_newest_task_yet(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=1)

    async def make(client: Provider) -> str:
        return (await client.submit(wish(), token="a wish")).remote_id

    task_id = with_client(sandbox, "/late", make)
    answer = httpx.get(f"{sandbox.url}/late/runwayml/v1/tasks/{task_id}", headers=RELAY_HEADERS)
    assert answer.status_code == 400
    assert answer.json() == {"code": "task_not_exist", "message": "task_not_exist", "data": None}
    fresh = with_client(
        sandbox, "/late", lambda client: client.retrieve(task_id, submitted_at=datetime.now(UTC))
    )
    assert fresh.status is TaskStatus.PENDING
    with pytest.raises(TaskNotFoundError):
        looked(sandbox, "/late", task_id)


def test_a_late_relay_knows_the_task_a_little_later(sandbox: Sandbox) -> None:
    task_id = create(sandbox.relay, image_body(promptText="fail: x"))
    wait_for(sandbox.relay, task_id, "FAILED")
    assert looked(sandbox, "/late", task_id).status is TaskStatus.FAILED


@pytest.mark.parametrize("prefix", ["", "/wrapped", "/unified"])
@pytest.mark.parametrize(
    ("model", "duration", "billed"),
    [
        ("runwayml-gen4_turbo-5", 5, "runwayml-runwayml-gen4_turbo-5-5"),
        ("runwayml-gen4_turbo-10", 10, "runwayml-runwayml-gen4_turbo-10-10"),
        ("gen9", None, "runwayml-gen9-5"),
    ],
)
def test_a_billing_id_sent_as_the_model_finds_no_channel(
    sandbox: Sandbox, prefix: str, model: str, duration: int | None, billed: str
) -> None:
    answer = httpx.post(
        f"{sandbox.url}{prefix}/runwayml/v1/image_to_video",
        json=image_body(model=model, duration=duration),
        headers=RELAY_HEADERS,
    )
    assert answer.status_code == 503
    error = answer.json()["error"]
    assert (error["type"], error["code"]) == ("new_api_error", "model_not_found")
    assert f"模型 {billed} 无可用渠道（distributor） (request id: " in error["message"]


def test_the_plain_model_of_a_billing_id_is_taken(sandbox: Sandbox) -> None:
    body = {
        "promptImage": PICTURE,
        "model": "gen4_turbo",
        "promptText": "猫咪跳舞",
        "watermark": False,
        "duration": 5,
        "ratio": "1280:720",
    }
    assert create(sandbox.relay, body)


def test_an_unknown_path_of_a_relay_is_told_in_its_manner(sandbox: Sandbox) -> None:
    for prefix in PREFIXES:
        answer = httpx.get(f"{sandbox.url}{prefix}/runwayml/v1/nothing", headers=RELAY_HEADERS)
        assert answer.status_code == 404
        assert answer.json()["error"]["type"] == "new_api_error"


@pytest.mark.parametrize("prefix", ["", "/wrapped", "/kling"])
def test_the_billing_routes_agree_with_what_was_spent(sandbox: Sandbox, prefix: str) -> None:
    root = httpx.Client(base_url=sandbox.url + prefix, headers=RELAY_HEADERS)
    spent = 0
    with root:
        for prompt, cost in (("moderate: x", 10), ("fail: x", 0), ("moderate: y", 10)):
            wait_for(sandbox.relay, create(sandbox.relay, image_body(promptText=prompt)), "FAILED")
            spent += cost
            for path in ("/v1/dashboard/billing", "/dashboard/billing"):
                limit = root.get(f"{path}/subscription").json()["hard_limit_usd"]
                month = {"start_date": "2026-11-01", "end_date": "2026-11-31"}
                used = root.get(f"{path}/usage", params=month).json()["total_usage"]
                assert used == spent
                assert limit - used / 100 == 10_000 - spent / 100
            quota = root.get("/api/usage/token/").json()["data"]
            assert quota["total_used"] == spent * 5_000
            assert quota["total_available"] == quota["total_granted"] - quota["total_used"]
            log = root.post("/openai/sk/log", json={"start": 0, "limit": 300}).json()
            assert (log["error"], log["error_des"]) == (0, "")
            assert sum(int(entry["fen"]) for entry in log["data"]["logs"]) == spent
            assert int(log["data"]["logs"][0]["yufen"]) == 1_000_000 - spent
        one = root.post("/openai/sk/log", json={"start": "0", "limit": "1"}).json()
        assert len(one["data"]["logs"]) == 1
        balance = with_client(sandbox, prefix, lambda client: client.balance())
        assert balance is not None
        assert balance.amount == Decimal(1_000_000 - spent) / 100
    organization = sandbox.official.get("/v1/organization", headers=RELAY_HEADERS).json()
    assert organization["creditBalance"] == 1_000_000 - spent


def test_billing_is_told_to_a_good_key_alone(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(key="hk-right")
    for path in ("/v1/dashboard/billing/subscription", "/dashboard/billing/usage"):
        assert httpx.get(sandbox.url + path, headers=RELAY_HEADERS).status_code == 401
    assert httpx.get(f"{sandbox.url}/api/usage/token/").status_code == 401
    log = httpx.post(f"{sandbox.url}/openai/sk/log", json={}, headers=RELAY_HEADERS).json()
    assert log["error"] != 0
    assert log["data"] is None


@pytest.mark.parametrize(
    ("prompt", "error"),
    [("credits: x", ProviderError), ("limit: x", ProviderError), ("html: x", ProviderError)],
)
def test_the_client_tells_a_relays_faults(
    sandbox: Sandbox, prompt: str, error: type[ProviderError]
) -> None:
    with pytest.raises(error) as caught:
        with_client(sandbox, "/wrapped", lambda c: c.submit(wish(prompt), token="a wish"))
    assert str(caught.value)
    assert list((sandbox.folder / "tasks").iterdir()) == []


def test_the_client_tells_a_relays_refusal_of_a_body(sandbox: Sandbox) -> None:
    bad = wish().model_copy(update={"ratio": "1:3"})
    for prefix in PREFIXES:
        with pytest.raises(ProviderError) as caught:
            with_client(sandbox, prefix, lambda client: client.submit(bad, token="a wish"))
        # A business code at HTTP 200 is nobody's standard, so the client may not be certain of it.
        assert isinstance(caught.value, InvalidRequestError) or prefix == "/kling", prefix
