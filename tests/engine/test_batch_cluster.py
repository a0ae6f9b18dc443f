"""A batch on PostgreSQL with workers as processes: they ask for its rows, each once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runway_core.studio.batch_rows import Usual
from runway_core.studio.prompt_lists import read_list
from tests.engine.test_cluster import Cluster
from tests.killing import WatchedRelay
from tests.postgres import postgres

ROWS = 12
"""More than are asked for ahead."""


@pytest.fixture
def relay() -> Iterator[WatchedRelay]:
    server = WatchedRelay()
    yield server
    server.close()


def test_two_workers_ask_for_every_row_of_a_batch_once(tmp_path: Path, relay: WatchedRelay) -> None:
    cluster = Cluster(tmp_path / "home", relay, postgres())
    try:
        cluster.work(2)
        lines = read_list("\n".join(f"row {n}" for n in range(ROWS)))
        usual = Usual(model="gen4.5", ratio="16:9", duration=5)
        checked = cluster.studio.lists.check(lines, cluster.relay, usual)
        batches = cluster.studio.batches
        batch = batches.make("t", checked, connection=cluster.relay, name="")
        cluster.until(lambda: batches.progress(batch.id).rows == {"ready": ROWS})
        assert relay.prompts() == {f"row {n}": 1 for n in range(ROWS)}
        assert relay.posts == ROWS
    finally:
        cluster.close()
