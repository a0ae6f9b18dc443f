"""kill -9 while rows of a batch become tasks: no row is made twice, and none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runway_core.store import TaskQuery
from tests.engine.batch_runs import batch_desk, finish
from tests.engine.kill_runs import Client, Place, Runs
from tests.engine.points import Point
from tests.killing import Harm, KillRelay, harm, integrity, records_of

MOMENTS = (
    Point("row before QUEUED"),
    Point("row after QUEUED"),
    Point("row before QUEUED", 2),
    Point("row after SUBMITTING"),
    Point("wire create made"),
    Point("row after accepted"),
)


@pytest.fixture
def relay() -> Iterator[KillRelay]:
    server = KillRelay()
    yield server
    server.close()


def test_a_row_is_one_task_whenever_the_program_is_killed(
    tmp_path: Path, relay: KillRelay, record_property: Callable[[str, object], None]
) -> None:
    place = Place(tmp_path / "home", relay.port, keyed=False)
    place.home.mkdir()
    Client(place).close()
    runs = Runs(batch_desk, place, relay)
    for moment in MOMENTS:
        runs.kill_at(moment)
    client = Client(place)
    try:
        finish(client)
        tasks = list(client.studio.tasks.page(TaskQuery(limit=1000)).tasks)
        batches, total = client.studio.batches.page(limit=100)
        found = harm(relay, runs.taken(), records_of(client.studio, tasks))
    finally:
        client.close()
    record_property(
        "kills of a batch", f"{runs.kills}, {total} batches, {len(tasks)} tasks, {found}"
    )
    assert found == Harm(doubled=[], lost=[], torn=[])
    assert [batch.waits for batch in batches] == [0] * len(MOMENTS)
    assert len(tasks) == sum(batch.batch.size for batch in batches) == 2 * len(MOMENTS)
    assert integrity(place.database) == "ok"
