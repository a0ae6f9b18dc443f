"""A store with one connection, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runway_core.store import Store
from tests.builders import store_with_relay


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = store_with_relay(tmp_path)
    yield made
    made.close()
