"""Whether another worker is still alive."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from runway_core.engine.processes import is_dead, someone_follows, this_worker
from runway_core.store import Store
from runway_core.store.workers import STALE, Worker
from tests.builders import NOW, store_with_relay
from tests.children import PATIENCE, follow_nothing, start

MUCH_LATER = NOW + timedelta(days=1)


def _until(happened: Callable[[], bool]) -> None:
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while not happened():
        assert time.monotonic() < deadline
        pause.wait(0.01)


def _of(pid: int) -> Worker:
    """The worker that a process would be."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    started = stat.rpartition(")")[2].split()[19]
    return this_worker(NOW).model_copy(update={"pid": pid, "process_started": started})


def test_this_process_is_alive_however_long_it_was_silent() -> None:
    assert not is_dead(this_worker(NOW), MUCH_LATER)


def test_two_engines_of_one_process_are_two_workers() -> None:
    one, two = this_worker(NOW), this_worker(NOW)
    assert one.id != two.id and one.pid == two.pid == os.getpid()
    assert one.process_started == two.process_started != ""


def test_a_process_that_was_killed_is_dead_at_once_even_before_it_is_buried() -> None:
    with subprocess.Popen(["sleep", "600"]) as child:
        worker = _of(child.pid)
        assert not is_dead(worker, NOW)
        child.send_signal(signal.SIGKILL)
        _until(lambda: is_dead(worker, NOW))
        child.wait()
        assert is_dead(worker, NOW)


def test_a_process_that_is_only_halted_is_alive() -> None:
    with subprocess.Popen(["sleep", "600"]) as child:
        worker = _of(child.pid)
        child.send_signal(signal.SIGSTOP)
        assert not is_dead(worker, MUCH_LATER)
        child.kill()


def test_a_number_that_was_given_to_another_process_does_not_make_a_worker_alive() -> None:
    worker = this_worker(NOW).model_copy(update={"process_started": "12345"})
    assert is_dead(worker, NOW)


def test_a_worker_of_another_machine_is_dead_once_it_is_silent_for_too_long() -> None:
    worker = this_worker(NOW).model_copy(update={"host": "another.example", "pid": 1})
    assert not is_dead(worker, NOW + STALE)
    assert is_dead(worker, NOW + STALE + timedelta(seconds=1))


def _workers(store: Store) -> list[Worker]:
    return store.workers.all()


def test_a_home_is_followed_as_long_as_its_worker_lives(tmp_path: Path) -> None:
    store = store_with_relay(tmp_path)
    assert not someone_follows(store, NOW)
    child = start(follow_nothing, tmp_path)
    _until(lambda: len(_workers(store)) == 1)
    assert someone_follows(store, MUCH_LATER)
    child.kill()
    child.join(PATIENCE)
    assert len(_workers(store)) == 1 and not someone_follows(store, NOW)
    store.close()
