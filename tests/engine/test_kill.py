"""kill -9 between the click and the kept file, at a provider that does not know idempotency keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine import naive
from tests.engine.kill_runs import Place, Program, Runs, kill_and_judge
from tests.engine.points import Point
from tests.killing import Harm, KillRelay, harm, integrity


@pytest.fixture
def relay() -> Iterator[KillRelay]:
    server = KillRelay()
    yield server
    server.close()


@pytest.mark.timeout(400)
def test_240_kills_double_nothing_lose_nothing_and_tear_nothing(
    tmp_path: Path, relay: KillRelay, record_property: Callable[[str, object], None]
) -> None:
    found, figures = kill_and_judge(Place(tmp_path / "home", relay.port, keyed=False), relay)
    record_property("kills, a provider without keys", figures)
    assert found == Harm(doubled=[], lost=[], torn=[])


def _harm_of(program: Program, relay: KillRelay, folder: Path) -> Harm:
    """What a naive program does under the same kills."""
    place = Place(folder / "home", relay.port, keyed=False)
    runs = Runs(program, place, relay)
    runs.undisturbed()
    undisturbed = harm(relay, runs.taken(), naive.records_of(place))
    assert undisturbed == Harm(doubled=[], lost=[], torn=[])
    for _ in range(8):
        for moment in ("create made", "create answered", "file piece"):
            runs.kill_at(Point(f"wire {moment}"))
        runs.kill_at_random()
    runs.undisturbed()
    return harm(relay, runs.taken(), naive.records_of(place))


def test_the_same_kills_show_what_a_program_loses_that_notes_an_id_after_paying(
    tmp_path: Path, relay: KillRelay, record_property: Callable[[str, object], None]
) -> None:
    found = _harm_of(naive.post_then_note, relay, tmp_path)
    words = f"{len(found.lost)} lost, {len(found.doubled)} doubled, {len(found.torn)} torn"
    record_property("32 kills of a naive program", words)
    assert len(found.lost) >= 8
    assert len(found.torn) >= 5
    assert not found.doubled


def test_the_same_kills_show_what_a_program_doubles_that_posts_again(
    tmp_path: Path, relay: KillRelay, record_property: Callable[[str, object], None]
) -> None:
    found = _harm_of(naive.post_until_noted, relay, tmp_path)
    words = f"{len(found.lost)} lost, {len(found.doubled)} doubled, {len(found.torn)} torn"
    record_property("32 kills of a naive program that posts again", words)
    assert len(found.doubled) >= 8


def test_a_database_that_is_not_whole_would_be_seen(tmp_path: Path, relay: KillRelay) -> None:
    place = Place(tmp_path / "home", relay.port, keyed=False)
    runs = Runs(naive.post_then_note, place, relay)
    runs.undisturbed()
    assert integrity(place.database) == "ok"
    with place.database.open("r+b") as file:
        file.seek(-512, 2)
        file.write(bytes(512))
    assert integrity(place.database) != "ok"
