"""What runs once in the app's process: whatever is reloaded, from the server's start to its end."""

from __future__ import annotations

import importlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from runway_core.domain import TaskStatus
from runway_core.engine.processes import this_worker
from runway_core.errors import StorageError
from runway_core.settings import Settings
from runway_core.store import Store, open_store
from runway_core.store.workers import Worker
from runway_core.web import runtime as module
from runway_core.web.runtime import Runtime, reset, runtime
from tests.builders import connection, new_task, store_with_relay
from tests.postgres import postgres
from tests.web.conftest import serving, until


def _workers(home: Path) -> list[Worker]:
    store = open_store(home / "desk.db")
    try:
        return store.workers.all()
    finally:
        store.close()


def _has_failed(store: Store, task_id: str) -> bool:
    task = store.tasks.get(task_id)
    return task is not None and task.status is TaskStatus.FAILED


def _engine_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name in ("runway-engine", "runway-start")]


def test_there_is_one_runtime_however_many_ask_at_once() -> None:
    barrier = threading.Barrier(8)

    def ask(_: int) -> Runtime:
        barrier.wait(20)
        return runtime()

    with ThreadPoolExecutor(8) as pool:
        assert len({id(found) for found in pool.map(ask, range(8))}) == 1


def test_a_hot_reload_keeps_the_running_runtime() -> None:
    before = runtime()
    reloaded = importlib.reload(module)
    assert reloaded.runtime() is before
    assert runtime() is before


def test_code_from_before_and_after_a_reload_opens_one_runtime_between_them() -> None:
    old = module.runtime
    new = importlib.reload(module).runtime
    barrier = threading.Barrier(8)

    def ask(which: int) -> Runtime:
        barrier.wait(20)
        return (old, new)[which % 2]()

    with ThreadPoolExecutor(8) as pool:
        assert len({id(found) for found in pool.map(ask, range(8))}) == 1


def test_after_a_reset_the_home_is_opened_afresh(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = runtime()
    assert before.studio.settings.home == home
    before.start()
    reset()
    assert not before.engine_running and not _engine_threads()
    monkeypatch.setenv("RUNWAY_HOME", str(tmp_path / "other"))
    assert runtime() is not before
    assert runtime().studio.settings.home == tmp_path / "other"


def test_a_home_that_could_not_be_opened_is_tried_again(home: Path) -> None:
    (home / "desk.db").write_text("My diary. " * 500)
    for _ in range(2):
        with pytest.raises(StorageError, match="is not a Runway Desk database"):
            runtime()
    (home / "desk.db").unlink()
    assert runtime().studio.tasks.count_open() == 0


def test_a_sandbox_that_cannot_start_does_not_stop_the_engine(home: Path) -> None:
    (home / "sandbox").write_text("in the way")
    runtime().start()
    assert runtime().engine_running
    until(lambda: _workers(home))


# --- the server's life -------------------------------------------------------------------------


def test_the_engine_runs_without_any_request_and_ends_with_the_server(home: Path) -> None:
    with serving(engine=True):
        (worker,) = until(lambda: (home / "desk.db").exists() and _workers(home))
        address = until(lambda: Settings(home=home).sandbox_address())
        assert address.url.startswith("http://127.0.0.1:")
        assert "runway-engine" in _engine_threads()
    assert _workers(home) == [] and worker.process_started
    assert Settings(home=home).sandbox_address() is None
    assert _engine_threads() == []


def test_a_server_started_again_in_the_same_process_runs_the_engine_again(home: Path) -> None:
    for _ in range(2):
        with serving(engine=True):
            until(lambda: (home / "desk.db").exists() and _workers(home))
            store = store_with_relay(home)
            new = new_task(created_at=datetime.now(UTC))
            store.tasks.add(new)
            # The connection has no key, so the engine ends the task without a request.
            until(partial(_has_failed, store, new.id))
            store.close()
        assert _workers(home) == []


def test_a_home_that_cannot_be_opened_does_not_stop_the_server(home: Path) -> None:
    (home / "desk.db").write_text("My diary. " * 500)
    with serving(engine=True) as client:
        assert client.get("/").text == "a page"
        answer = client.get("/app/static/desk/any/0/video.mp4")
        assert (answer.status_code, answer.headers["content-type"][:10]) == (503, "text/plain")
    assert (home / "desk.db").read_text() == "My diary. " * 500
    assert _engine_threads() == []


def test_in_a_cluster_the_app_reminds_the_workers_and_follows_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RUNWAY_DATABASE_URL", postgres().fresh())
    found = runtime()
    store = found.studio.store
    store.workers.beat(this_worker(datetime.now(UTC)))  # one lives before the app starts
    found.start()
    assert found.engine_running
    assert "runway-engine" not in _engine_threads()
    store.connections.add_once(connection())
    store.tasks.add(new_task("a draft"))
    with store.database.read() as sql:
        query = "SELECT count(*) FROM procrastinate_jobs"
        assert sql.exec_driver_sql(query).scalar() == 1
