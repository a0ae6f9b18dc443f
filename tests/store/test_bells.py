"""Bells between processes: rung by whoever makes a task due, heard by whoever listens, and no others."""

from __future__ import annotations

import os
import select
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runway_core.domain import TaskStatus
from runway_core.store.bells import Bells
from tests.builders import NOW, new_task, store_with_relay
from tests.children import PATIENCE, add_task, listen_and_die, start


def rung(bell: int, *, within: float = 0.0) -> bool:
    """Whether it was rung since it was last asked."""
    ready, _, _ = select.select([bell], [], [], within)
    return bool(ready) and bool(os.read(bell, 4096))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "bells"


def test_every_other_listener_hears_a_ring_and_the_ringer_does_not(folder: Path) -> None:
    ours, one, two = Bells(folder), Bells(folder), Bells(folder)
    bells = [b for b in (each.listen() for each in (ours, one, two)) if b is not None]
    ours.ring()
    assert [rung(bell) for bell in bells] == [False, True, True]
    assert not any(rung(bell) for bell in bells)
    for each, bell in zip((ours, one, two), bells, strict=True):
        each.silence(bell)
    assert list(folder.iterdir()) == []
    ours.ring()  # nobody is there


def test_a_bell_that_is_rung_without_end_keeps_nobody_waiting(folder: Path) -> None:
    deaf, ringer = Bells(folder), Bells(folder)
    bell = deaf.listen()
    assert bell is not None
    for _ in range(70_000):  # more than a pipe holds
        ringer.ring()
    assert rung(bell)
    deaf.silence(bell)


def test_the_bell_of_a_dead_process_is_removed_and_others_still_hear(folder: Path) -> None:
    child = start(listen_and_die, folder)
    child.join(PATIENCE)
    assert len(list(folder.iterdir())) == 1
    living = Bells(folder)
    bell = living.listen()
    assert bell is not None
    Bells(folder).ring()
    assert rung(bell)
    assert len(list(folder.iterdir())) == 1
    living.silence(bell)


def test_where_no_pipe_can_be_made_that_is_said_and_ringing_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "bells").write_text("a file in the place of the folder")
    bells = Bells(tmp_path / "bells")
    assert bells.listen() is None
    bells.ring()


def test_a_task_recorded_by_another_process_rings(tmp_path: Path) -> None:
    store_with_relay(tmp_path).close()
    listener = Bells(tmp_path / "bells")
    bell = listener.listen()
    assert bell is not None
    child = start(add_task, tmp_path, "a draft")
    assert rung(bell, within=PATIENCE)
    child.join(PATIENCE)
    listener.silence(bell)


def test_only_what_may_be_anothers_is_rung_for(tmp_path: Path) -> None:
    store = store_with_relay(tmp_path)
    listener = Bells(tmp_path / "bells")
    bell = listener.listen()
    assert bell is not None
    new = new_task(created_at=NOW)
    store.tasks.add(new)
    assert rung(bell)  # a new one is anybody's
    later = datetime.now(UTC) + timedelta(minutes=1)
    store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, next_at=later)
    assert not rung(bell)  # its follower looks again later: nobody else's business
    store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, cancel_requested=True, next_at=NOW)
    assert rung(bell)  # somebody asked: its follower may be another process
    listener.silence(bell)
    store.close()
