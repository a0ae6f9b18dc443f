"""What an operator's monitor is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from runway_core.domain import TaskStatus
from runway_core.web.runtime import reset, runtime
from tests.builders import connection, new_task


def _overdue_by(span: timedelta) -> None:
    store = runtime().studio.store
    store.connections.add(connection(), key_sealed=None)
    new = new_task(prompt="a secret project")
    store.tasks.add(new)
    due = datetime.now(UTC) - span
    store.tasks.move(new.id, [TaskStatus.QUEUED], now=due, status="PENDING", next_at=due)


def test_a_quiet_home_is_well(client: httpx.Client) -> None:
    found = client.get("/healthz")
    assert found.status_code == 200
    assert found.json() == {"alive": True, "database": "ok", "oldest_overdue_seconds": 0.0}
    assert found.headers["cache-control"] == "no-store"


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


def test_a_database_that_cannot_be_opened_is_told_without_its_place(
    client: httpx.Client, home: Path
) -> None:
    reset()
    (home / "desk.db").write_bytes(b"no database at all" * 100)
    found = client.get("/healthz")
    assert found.status_code == 503
    assert found.json()["database"] == "unreachable"
    assert str(home) not in found.text


def test_only_this_computer_is_told(client: httpx.Client) -> None:
    assert client.get("/healthz", headers={"Host": "desk.example.com"}).status_code == 403
