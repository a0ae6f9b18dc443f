"""Runway's own client, which nobody here wrote, against the sandbox."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import runwayml
from PIL import Image
from runwayml import RunwayML, TaskFailedError
from runwayml.lib.polling import NewTaskCreatedResponse as Task

from tests.sandbox.conftest import Sandbox, StartSandbox, data_uri
from tests.sandbox.films import Seen, film


@pytest.fixture
def fast(start_sandbox: StartSandbox) -> Sandbox:
    """Fast enough that the client's first look, after some 6 s, finds the end."""
    return start_sandbox(speed=500, key="key_test")


@pytest.fixture
def client(fast: Sandbox) -> Iterator[RunwayML]:
    with RunwayML(api_key="key_test", base_url=fast.url, max_retries=0) as client:
        yield client


def test_the_client_waits_for_videos_and_hears_of_a_failure(client: RunwayML) -> None:
    def ask(text: str) -> Task:
        return client.text_to_video.create(
            model="gen4.5", prompt_text=text, ratio="720:1280", duration=2
        )

    from_picture = client.image_to_video.create(
        model="gen4_turbo",
        prompt_image=[{"uri": data_uri(), "position": "first"}],
        prompt_text="wave",
        ratio="960:960",
        duration=2,
        seed=1,
    )
    tasks: list[Task] = [from_picture, ask("a cat"), ask("fail: x")]
    # At once, because the client waits some 6 s before each look.
    with ThreadPoolExecutor() as pool:
        waits = [pool.submit(task.wait_for_task_output, timeout=40) for task in tasks]
    for wait, credits in zip(waits, (10, 24), strict=False):
        done = wait.result()
        assert done.status == "SUCCEEDED"
        assert done.cost.credits == credits
        assert httpx.get(done.output[0]).content[4:8] == b"ftyp"
    failure = waits[2].exception()
    assert isinstance(failure, TaskFailedError)
    assert failure.task_details.status == "FAILED"
    assert failure.task_details.failure_code == "INTERNAL.BAD_OUTPUT.CODE01"


def test_the_client_uploads_a_video_and_has_it_changed_enlarged_and_acted_after(
    client: RunwayML, tmp_path: Path
) -> None:
    path = tmp_path / "acting.mp4"
    path.write_bytes(film(3, size=(160, 90), fps=10))
    uri = client.uploads.create_ephemeral(file=path).uri
    assert uri.startswith("runway://")
    tasks: list[Task] = [
        client.video_to_video.create(
            model="aleph2",
            video_uri=uri,
            prompt_text="at night",
            keyframes=[{"uri": data_uri(), "seconds": 1}],
            content_moderation={"public_figure_threshold": "low"},
        ),
        client.video_upscale.create(
            model="magnific_video_upscaler_creative", video_uri=uri, resolution="720p"
        ),
        client.character_performance.create(
            model="act_two",
            character={"type": "image", "uri": data_uri()},
            reference={"type": "video", "uri": uri},
            ratio="960:960",
        ),
        client.text_to_image.create(
            model="gen4_image",
            prompt_text="@harbour at dawn",
            ratio="1280:720",
            reference_images=[{"uri": data_uri(), "tag": "harbour"}],
        ),
    ]
    with ThreadPoolExecutor() as pool:
        waits = [pool.submit(task.wait_for_task_output, timeout=40) for task in tasks]
    files = []
    costs = []
    for wait in waits:
        done = wait.result()
        assert done.status == "SUCCEEDED"
        costs.append(done.cost.credits)
        files.append(httpx.get(done.output[0]).content)
    assert costs == [84, 21, 15, 5]
    films = [Seen(data) for data in files[:3]]
    assert [seen.size for seen in films] == [(160, 90), (1280, 720), (960, 960)]
    assert [seen.seconds for seen in films] == [3, 3, 3]
    assert Image.open(io.BytesIO(files[3])).size == (1280, 720)
    told = client.organization.retrieve_usage()
    assert [result.date for result in told.results] == [datetime.now(UTC).date()]
    amounts = {used.model: used.amount for used in told.results[0].used_credits}
    assert sum(amounts.values()) == sum(costs)
    assert set(told.models) == set(amounts) >= {"aleph2", "act_two", "gen4_image"}
    for task in tasks:
        client.tasks.delete(task.id)
    organization = client.organization.retrieve()
    assert organization.credit_balance == 1_000_000 - sum(costs)
    assert "aleph2" in organization.tier.models


def test_refusals_arrive_as_the_clients_own_errors(client: RunwayML, fast: Sandbox) -> None:
    task = client.image_to_video.create(
        model="gen4_turbo", prompt_image="https://example.com/a.jpg", ratio="1280:720"
    )
    client.tasks.delete(task.id)
    with pytest.raises(runwayml.NotFoundError):
        client.tasks.retrieve(task.id)
    with pytest.raises(runwayml.BadRequestError) as caught:
        client.image_to_video.create(
            model="gen4_turbo",
            prompt_image="https://example.com/a.jpg",
            ratio="1280:720",
            duration=99,
        )
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["issues"][0]["path"] == ["duration"]
    with (
        RunwayML(api_key="key_wrong", base_url=fast.url, max_retries=0) as stranger,
        pytest.raises(runwayml.AuthenticationError),
    ):
        stranger.tasks.retrieve(task.id)
    assert client.organization.retrieve().credit_balance > 0
