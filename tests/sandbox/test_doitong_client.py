"""The app's own Doitong client against the sandbox's Doitong: each a judge of the other."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from runway_core.catalog import catalog
from runway_core.domain import (
    ArtifactState,
    Capability,
    Exchange,
    Frame,
    GenerationRequest,
    Task,
    TaskStatus,
    TaskUpdate,
)
from runway_core.engine import LocalEngine
from runway_core.errors import (
    AuthenticationError,
    InsufficientCreditsError,
    NoAnswerError,
    ProviderError,
    RateLimitError,
    UnexpectedReplyError,
)
from runway_core.http import Http
from runway_core.providers import Provider, open_provider
from runway_core.providers.base import Forgetful
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from tests.sandbox.conftest import Sandbox, StartSandbox, wait_until
from tests.sandbox.doitong import KEY, PICTURE

TOKEN = "one wish"
TEXT, IMAGE = Capability.TEXT_TO_VIDEO, Capability.IMAGE_TO_VIDEO
APIS = ("graphql", "rest")
T = TypeVar("T")


class Desk:
    """One connection to a root of the sandbox; what it has learnt it remembers."""

    def __init__(self, sandbox: Sandbox, root: str = "", key: str = KEY, **options: str) -> None:
        self.exchanges: list[Exchange] = []
        self._url = sandbox.url + root
        self._private = frozenset({("127.0.0.1", port_of(sandbox))})
        self._key = key
        self._options = options
        self._memory = Forgetful()

    def use(self, call: Callable[[Provider], Coroutine[Any, Any, T]]) -> T:
        async def run() -> T:
            async with Http(private_hosts=self._private) as http:
                return await call(
                    open_provider(
                        catalog().profile("doitong"),
                        self._url,
                        key=self._key,
                        http=http,
                        observe=self.exchanges.append,
                        options=self._options,
                        memory=self._memory,
                    )
                )

        return asyncio.run(run())

    def submit(self, request: GenerationRequest, token: str = TOKEN) -> str:
        return self.use(lambda client: client.submit(request, token=token)).remote_id

    def look(self, remote_id: str) -> TaskUpdate:
        return self.use(lambda client: client.retrieve(remote_id))

    def creates(self) -> int:
        """How many creates were sent since the last time that this was asked."""
        sent = [e for e in self.exchanges if "mutation" in e.request_body or "_to_video" in e.url]
        self.exchanges.clear()
        return len(sent)


def port_of(sandbox: Sandbox) -> int:
    return int(sandbox.url.rpartition(":")[2])


def wish(capability: Capability = TEXT, prompt: str = "", **changes: Any) -> GenerationRequest:
    is_image = capability is IMAGE
    fields: dict[str, Any] = {
        "capability": capability,
        "model": "runway-i2v" if is_image else "runway",
        "prompt": prompt or ("" if is_image else "a harbour at dawn"),
        "frames": (Frame(uri=PICTURE),) if is_image else (),
        "ratio": "16:9",
        "duration": 5,
    }
    return GenerationRequest(**fields | changes)


def records(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in (sandbox.folder / "tasks").glob("*.json")]


def test_a_text_is_made_told_and_charged(sandbox: Sandbox) -> None:
    desk = Desk(sandbox)
    submitted = desk.use(lambda client: client.submit(wish(ratio="1:1"), token=TOKEN))
    assert submitted.cost == 100
    assert submitted.warning == ""

    def done() -> TaskUpdate | None:
        update = desk.look(submitted.remote_id)
        return update if update.status is TaskStatus.SUCCEEDED else None

    update: TaskUpdate = wait_until(done)
    assert update.cost == Decimal(100)
    (link,) = update.outputs
    assert link.startswith(f"{sandbox.url}/outputs/{submitted.remote_id}.mp4")
    (record,) = records(sandbox)
    assert record["ratio"] == "960:960"


@pytest.mark.parametrize("api", APIS)
def test_a_failed_job_is_told_with_its_reason_and_its_cost(sandbox: Sandbox, api: str) -> None:
    desk = Desk(sandbox, api=api)
    remote_id = desk.submit(wish(prompt="fail: x"))
    update: TaskUpdate = wait_until(
        lambda: u if (u := desk.look(remote_id)).status is TaskStatus.FAILED else None
    )
    assert (update.failure, update.failure_code) == ("The generation failed", "GENERATION_FAILED")
    assert update.cost == 0


@pytest.mark.parametrize(
    ("root", "tries"),
    [("", 1), ("/doitong-imageurl", 1), ("/doitong-image", 2), ("/doitong-animate", 3)],
)
def test_a_picture_finds_the_shape_that_is_understood_and_keeps_to_it(
    sandbox: Sandbox, root: str, tries: int
) -> None:
    desk = Desk(sandbox, root)
    first = desk.submit(wish(IMAGE, "fail: wave"))
    assert desk.creates() == tries
    second = desk.submit(wish(IMAGE, "fail: again"), token="another wish")
    assert desk.creates() == 1
    assert {record["id"] for record in records(sandbox)} == {first, second}
    assert desk.look(first).status is not TaskStatus.SUCCEEDED


def test_a_picture_goes_by_rest_with_a_prompt_that_is_demanded_there(sandbox: Sandbox) -> None:
    Desk(sandbox, api="rest").submit(wish(IMAGE))
    (record,) = records(sandbox)
    assert record["prompt"]
    assert record["capability"] == "image_to_video"


@pytest.mark.parametrize("auth", ["endpoint", "x-api-key", "both"])
@pytest.mark.parametrize("api", APIS)
def test_the_key_is_found_wherever_the_connection_puts_it(
    start_sandbox: StartSandbox, api: str, auth: str
) -> None:
    sandbox = start_sandbox(key=KEY)
    remote_id = Desk(sandbox, api=api, auth=auth).submit(wish(prompt="fail: x"))
    assert [record["id"] for record in records(sandbox)] == [remote_id]
    with pytest.raises(AuthenticationError):
        Desk(sandbox, key="wrong", api=api, auth=auth).submit(wish())


def test_rest_with_a_bearer_key_has_a_root_of_its_own(sandbox: Sandbox) -> None:
    assert Desk(sandbox, "/doitong", api="rest", auth="bearer").submit(wish(prompt="fail: x"))


@pytest.mark.parametrize("root", ["", "/doitong-job", "/doitong-rest"])
def test_the_state_is_found_on_whichever_rung_there_is(sandbox: Sandbox, root: str) -> None:
    desk = Desk(sandbox, root)
    remote_id = desk.submit(wish(prompt="slow: x"))
    assert desk.look(remote_id).status in (TaskStatus.PENDING, TaskStatus.RUNNING)
    desk.exchanges.clear()
    desk.look(remote_id)
    assert len(desk.exchanges) == 1


@pytest.mark.parametrize("place", ["none", "options.webhookUrl", "webhookUrl", "input.webhookUrl"])
def test_an_address_to_call_is_taken_in_every_place(sandbox: Sandbox, place: str) -> None:
    hook = "https://hooks.example.com/done"
    desk = Desk(sandbox, webhook_field=place, callback_url=hook)
    desk.submit(wish(prompt="fail: x"))
    (record,) = records(sandbox)
    assert record["notes"].get("webhook") == (None if place == "none" else hook)


@pytest.mark.parametrize("api", APIS)
def test_the_same_wish_sent_again_is_not_charged_again(sandbox: Sandbox, api: str) -> None:
    desk = Desk(sandbox, api=api)
    assert desk.submit(wish(prompt="fail: x")) == desk.submit(wish(prompt="fail: x"))
    assert len(records(sandbox)) == 1


@pytest.mark.parametrize("root", ["", "/doitong-200"])
@pytest.mark.parametrize(
    ("word", "error", "outcome", "made"),
    [
        ("credits", InsufficientCreditsError, "refused", 0),
        ("limit", RateLimitError, "refused", 0),
        ("drop", NoAnswerError, "unknown", 1),
        ("html", UnexpectedReplyError, "unknown", 0),
        ("error", ProviderError, "unknown", 1),
    ],
)
def test_a_fault_is_told_with_whether_it_may_have_cost_money(
    sandbox: Sandbox, root: str, word: str, error: type[ProviderError], outcome: str, made: int
) -> None:
    desk = Desk(sandbox, root)
    with pytest.raises(error) as caught:
        desk.submit(wish(prompt=f"{word}: x"))
    assert caught.value.outcome == outcome
    assert len(records(sandbox)) == made
    assert KEY not in str(caught.value)


def test_a_lost_answer_is_found_again_by_the_same_wish(sandbox: Sandbox) -> None:
    desk = Desk(sandbox)
    with pytest.raises(NoAnswerError):
        desk.submit(wish(prompt="drop: x"))
    assert [desk.submit(wish(prompt="drop: x"))] == [record["id"] for record in records(sandbox)]


def test_a_partial_success_is_a_task_with_a_warning(sandbox: Sandbox) -> None:
    request = wish(prompt="partial: x")
    submitted = Desk(sandbox).use(lambda client: client.submit(request, token=TOKEN))
    assert "log entry" in submitted.warning


def test_a_probe_is_free_and_says_yes(sandbox: Sandbox) -> None:
    probe = Desk(sandbox).use(lambda client: client.probe())
    assert probe.ok
    assert records(sandbox) == []


class Home:
    """A home with one connection to the sandbox's Doitong and the engine at work."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        folder.mkdir()
        hosts = frozenset({("127.0.0.1", port_of(sandbox))})
        self.studio: Studio = open_studio(Settings(home=folder, private_hosts=hosts))
        self.connection = self.studio.connections.add(
            "doitong",
            profile="doitong",
            base_url=sandbox.url,
            key=KEY,
            options={"plan": "enterprise"},  # which counts no looks
        )
        self.engine = LocalEngine(self.studio)
        self.engine.start()

    def until(self, task: Task, wanted: Callable[[Task], bool]) -> Task:
        """Wait for the store to show it; the next look happens at once, whatever the floor."""

        def found() -> Task | None:
            now = self.studio.tasks.get(task.id)
            if wanted(now):
                return now
            if now.status in (TaskStatus.PENDING, TaskStatus.RUNNING):
                self.studio.store.tasks.move(
                    task.id, (now.status,), now=now.updated_at, next_at=datetime.now(UTC)
                )
            return None

        shown: Task = wait_until(found, seconds=40)
        return shown

    def close(self) -> None:
        self.engine.stop(drain=5)
        self.studio.close()


@pytest.fixture
def home_at_doitong(tmp_path: Path, sandbox: Sandbox) -> Iterator[Home]:
    made = Home(tmp_path / "home", sandbox)
    yield made
    made.close()


def test_a_video_from_doitong_is_followed_kept_and_booked(
    home_at_doitong: Home, sandbox: Sandbox
) -> None:
    task = home_at_doitong.studio.tasks.submit(
        wish(), connection=home_at_doitong.connection, token="draft"
    )
    kept = home_at_doitong.until(task, lambda t: t.artifact_state is ArtifactState.KEPT)
    assert kept.status is TaskStatus.SUCCEEDED
    assert kept.charge == Decimal(100)
    assert kept.estimate.low is not None
    assert kept.estimate.high is not None
    assert kept.estimate.low <= kept.charge <= kept.estimate.high
    (record,) = records(sandbox)
    assert kept.remote_id == record["id"]
    (artifact,) = kept.artifacts
    made = (sandbox.folder / "outputs" / f"{record['id']}.mp4").read_bytes()
    assert artifact.sha256 == hashlib.sha256(made).hexdigest()
    assert (artifact.width, artifact.height) == (1280, 720)


def test_a_wish_without_credits_fails_and_costs_nothing(
    home_at_doitong: Home, sandbox: Sandbox
) -> None:
    task = home_at_doitong.studio.tasks.submit(
        wish(prompt="credits: x"), connection=home_at_doitong.connection, token="draft"
    )
    failed = home_at_doitong.until(task, lambda t: not t.is_open)
    assert failed.status is TaskStatus.FAILED
    assert not failed.charge
    saved = home_at_doitong.studio.connections.get(home_at_doitong.connection.id)
    assert saved.balance == Decimal(50)
    assert records(sandbox) == []


def test_a_dropped_answer_is_never_paid_for_twice(home_at_doitong: Home, sandbox: Sandbox) -> None:
    task = home_at_doitong.studio.tasks.submit(
        wish(prompt="drop: x"), connection=home_at_doitong.connection, token="draft"
    )
    home_at_doitong.until(
        task, lambda t: t.status is TaskStatus.UNCERTAIN or t.remote_id is not None
    )
    assert len(records(sandbox)) == 1
