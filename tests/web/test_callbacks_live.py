"""The whole way round: a create tells our address, the sandbox calls it, and the video is here at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from runway_core.catalog import catalog
from runway_core.domain import Capability, Frame, GenerationRequest, Task, TaskStatus
from runway_core.sandbox.hooks import SECRET
from runway_core.studio import Studio
from runway_core.web.runtime import runtime
from tests.sandbox.conftest import Sandbox
from tests.web.conftest import serving, until


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox that takes a little while, at an address that the app may call."""
    made = Sandbox(tmp_path / "state", speed=20)
    monkeypatch.setenv("RUNWAY_PRIVATE_HOSTS", made.url.removeprefix("http://"))
    yield made
    made.stop()


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with serving(engine=True) as client:
        until(lambda: runtime().engine_running)
        runtime().studio.callbacks.set_address(str(client.base_url))
        yield client


def submit(studio: Studio, profile: str, url: str, token: str, **options: str) -> Task:
    made = studio.connections.add(
        f"{profile} {token}", profile=profile, base_url=url, key="key-12345678", options=options
    )
    wish: dict[str, Any] = {"capability": Capability.TEXT_TO_VIDEO, "model": "runway"}
    wish |= {"prompt": "a harbour", "ratio": "16:9", "duration": 5}
    if profile != "doitong":
        frame = Frame(uri="https://example.com/harbour.jpg")
        wish |= {"capability": Capability.IMAGE_TO_VIDEO, "model": "gen4_turbo"}
        wish |= {"frames": (frame,), "ratio": "1280:720"}
    return studio.tasks.submit(GenerationRequest(**wish), connection=made, token=token)


def kept(studio: Studio, task: Task) -> Task:
    found = studio.tasks.get
    until(lambda: found(task.id).artifacts or found(task.id).status is TaskStatus.FAILED)
    return found(task.id)


@pytest.mark.parametrize("profile", ["custom", "doitong"])
def test_a_finished_video_is_here_within_a_second_however_rare_the_looks_are(
    app: httpx.Client, sandbox: Sandbox, profile: str, record_property: Any
) -> None:
    studio = runtime().studio
    assert catalog().profile(profile).poll_floor >= 10
    for number in range(
        3
    ):  # other work on this computer may hold one up; it does not hold up three
        lag = finished_to_kept(studio, sandbox, profile, f"{profile} {number}")
        if lag < 1.0:
            break
    record_property(f"called to kept ({profile}), s", round(lag, 2))
    assert lag < 1.0


def finished_to_kept(studio: Studio, sandbox: Sandbox, profile: str, token: str) -> float:
    """Seconds from the provider's call, which it makes when a video has ended, to the kept file."""
    options = {"api": "rest"} if profile == "doitong" else {}
    task = submit(studio, profile, sandbox.url, token, **options)
    if profile == "doitong":
        studio.callbacks.add_secret(task.connection_id, SECRET)
    told = until(lambda: called_at(studio, task))
    found = kept(studio, task)
    assert found.status is TaskStatus.SUCCEEDED and found.artifacts
    assert called_at(studio, task) == told  # once
    return float((found.updated_at - told).total_seconds())


def called_at(studio: Studio, task: Task) -> datetime | None:
    """When its provider called, as soon as it has ended."""
    times = [e.at for e in studio.tasks.events(task.id) if e.kind == "called back"]
    assert len(times) < 2
    return times[0] if times else None
