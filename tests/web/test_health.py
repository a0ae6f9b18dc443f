"""What an operator's monitor is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from runway_core.domain import TaskStatus
from runway_core.engine.processes import this_worker
from runway_core.web.runtime import reset, runtime
from tests.builders import NOW, RELAY, connection, new_task
from tests.web.conftest import serving, until


def _overdue_by(span: timedelta) -> None:
    """A task that is due since then, of another worker that has hung: nobody takes it over."""
    store = runtime().studio.store
    store.connections.add(connection(), key_sealed=None)
    new = new_task(prompt="a secret project")
    store.tasks.add(new)
    due = datetime.now(UTC) - span
    other = this_worker(datetime.now(UTC))
    store.workers.beat(other)
    changes: dict[str, Any] = {"status": "PENDING", "next_at": due, "worker_id": other.id}
    store.tasks.move(new.id, [TaskStatus.QUEUED], now=due, **changes)


def test_a_quiet_home_is_well() -> None:
    with serving(engine=True) as client:
        found = until(lambda: (a := client.get("/healthz")).status_code == 200 and a)
    assert found.json() == {
        "alive": True,
        "database": "ok",
        "engine": "running",
        "oldest_overdue_seconds": 0.0,
        "open": 0,
        "uncertain": 0,
        "paused_connections": 0,
    }
    assert found.headers["cache-control"] == "no-store"


def test_a_server_whose_engine_does_not_run_is_not_well(client: httpx.Client) -> None:
    found = client.get("/healthz")
    assert (found.status_code, found.json()["engine"]) == (503, "stopped")
    worker = this_worker(datetime.now(UTC))
    runtime().studio.store.workers.beat(worker)
    found = client.get("/healthz")
    assert (found.status_code, found.json()["engine"]) == (200, "running")


@pytest.mark.parametrize(
    ("span", "status"), [(timedelta(seconds=40), 200), (timedelta(hours=1), 503)]
)
def test_a_task_that_nobody_follows_is_told_by_its_age_only(
    client: httpx.Client, span: timedelta, status: int
) -> None:
    _overdue_by(span)
    found = client.get("/healthz")
    assert found.status_code == status
    assert abs(found.json()["oldest_overdue_seconds"] - span.total_seconds()) < 30
    assert "secret" not in found.text and "Our relay" not in found.text


def test_what_waits_for_a_person_is_counted_without_a_name(client: httpx.Client) -> None:
    store = runtime().studio.store
    store.workers.beat(this_worker(datetime.now(UTC)))
    store.connections.add(connection(), key_sealed=None)
    store.connections.change(RELAY, paused="Our relay refused the key of our secret project.")
    new = new_task()
    store.tasks.add(new)
    store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, status="UNCERTAIN", next_at=None)
    found = client.get("/healthz")
    assert (found.json()["uncertain"], found.json()["paused_connections"]) == (1, 1)
    assert "secret" not in found.text and "Our relay" not in found.text


def test_a_database_that_cannot_be_opened_is_told_without_its_place(
    client: httpx.Client, home: Path
) -> None:
    reset()
    (home / "desk.db").write_bytes(b"no database at all" * 100)
    found = client.get("/healthz")
    assert (found.status_code, found.json()) == (503, {"alive": True, "ready": False})


def test_only_this_computer_is_told(client: httpx.Client) -> None:
    assert client.get("/healthz", headers={"Host": "desk.example.com"}).status_code == 403
