"""A task's life with its files in a bucket: kept by one machine, seen by another, never paid for again."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runway_core.domain import ArtifactState, Capability, Frame, FramePosition, Task
from runway_core.engine import LocalEngine
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from tests.buckets import Buckets
from tests.builders import request
from tests.engine.conftest import DEADLINE
from tests.pictures import encoded, photo
from tests.postgres import postgres
from tests.relay import Relay, small_video


@pytest.fixture
def machines(tmp_path: Path, relay: Relay, buckets: Buckets) -> Iterator[tuple[Studio, Studio]]:
    """Two homes with one database and one bucket."""
    database, media = postgres().fresh(), buckets.fresh()
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        hosts = frozenset({("127.0.0.1", relay.port)})
        settings = Settings(
            home=tmp_path / name, private_hosts=hosts, database_url=database, media_url=media
        )
        made.append(open_studio(settings))
    yield made[0], made[1]
    for studio in made:
        studio.close()


def submit(studio: Studio, relay: Relay) -> Task:
    connection = studio.connections.add(
        "relay", profile="sandbox", base_url=relay.url, key="hk-canary-key-0001"
    )
    asset = studio.assets.add(encoded(photo(1280, 720), "PNG"), filename="photo.png")
    shutil.rmtree(studio.settings.media / "cache", ignore_errors=True)
    wish = request(
        capability=Capability.IMAGE_TO_VIDEO,
        model="gen4_turbo",
        frames=(Frame(position=FramePosition.FIRST, uri=asset.uri),),
    )
    return studio.tasks.submit(wish, connection=connection, token="once")


def until(studio: Studio, task: Task, wanted: Callable[[Task], bool]) -> Task:
    ends = time.monotonic() + DEADLINE
    while not wanted(found := studio.tasks.get(task.id)):
        assert time.monotonic() < ends, f"still {found.status} {found.artifact_state} {found.note}"
        time.sleep(0.02)
    return found


def kept(task: Task) -> bool:
    return task.artifact_state is ArtifactState.KEPT


def test_what_one_machine_keeps_another_shows(
    machines: tuple[Studio, Studio], relay: Relay
) -> None:
    here, there = machines
    engine = LocalEngine(here)
    engine.start()
    task = until(here, submit(here, relay), kept)
    engine.stop(drain=5)
    (sent,) = relay.created.values()
    assert "data:image/jpeg;base64," in json.dumps(sent)
    (artifact,) = there.tasks.get(task.id).artifacts
    data = there.archive.path(artifact.path).read_bytes()
    assert data == small_video() and hashlib.sha256(data).hexdigest() == artifact.sha256
    assert there.archive.path(artifact.poster).read_bytes()[:2] == b"\xff\xd8"
    assert there.archive.address(artifact.path).startswith("s3://desk/")
    sidecar = artifact.path.replace(".mp4", f".{task.id}.json")
    assert json.loads(there.archive.path(sidecar).read_text())["task"]["id"] == task.id
    there.tasks.delete(task.id)
    assert [name for name in here.archive.names() if name.startswith("videos/")] == []


def test_a_bucket_that_is_away_for_a_while_costs_nothing(
    machines: tuple[Studio, Studio], relay: Relay, buckets: Buckets
) -> None:
    here, there = machines
    task = submit(here, relay)
    engine = LocalEngine(here)

    def shut() -> None:
        buckets.gate.shut = True
        buckets.gate.break_off()

    relay.hold = shut
    engine.start()
    waiting = until(here, task, lambda found: found.looks >= 2)
    assert waiting.artifact_state is ArtifactState.DOWNLOADING
    assert "RUNWAY_MEDIA_URL" in waiting.note
    buckets.gate.shut = False
    task = until(here, task, kept)
    engine.stop(drain=5)
    assert (relay.posts, relay.downloads) == (1, 1)
    assert there.archive.path(task.artifacts[0].path).read_bytes() == small_video()
