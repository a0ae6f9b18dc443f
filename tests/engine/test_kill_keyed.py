"""kill -9 between the click and the kept file, at a provider that honours idempotency keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.kill_runs import Place, kill_and_judge
from tests.killing import Harm, KillRelay


@pytest.fixture
def relay() -> Iterator[KillRelay]:
    server = KillRelay(keyed=True)
    yield server
    server.close()


@pytest.mark.timeout(400)
def test_240_kills_double_nothing_lose_nothing_and_tear_nothing(
    tmp_path: Path, relay: KillRelay, record_property: Callable[[str, object], None]
) -> None:
    found, figures = kill_and_judge(Place(tmp_path / "home", relay.port, keyed=True), relay)
    record_property("kills, a provider with keys", figures)
    assert found == Harm(doubled=[], lost=[], torn=[])
