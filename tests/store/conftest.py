"""A store with one connection, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runway_core.store import Store
from tests.builders import store_with_relay
from tests.postgres import postgres


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """On SQLite, then on PostgreSQL."""
    url = postgres().fresh() if request.param == "postgres" else ""
    made = store_with_relay(tmp_path, url=url)
    yield made
    made.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """On SQLite, for what only a file can do."""
    made = store_with_relay(tmp_path)
    yield made
    made.close()
