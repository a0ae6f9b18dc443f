"""A relay, a home and an engine between them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runway_core.domain import Connection, Task
from runway_core.engine import LocalEngine
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from tests.builders import request
from tests.relay import Relay

DEADLINE = 20.0


@pytest.fixture
def relay() -> Iterator[Relay]:
    server = Relay()
    yield server
    server.close()


class Desk:
    """One home connected to one relay; opening the same folder again is a restart.

    Its profile looks every second; everything else is as shipped.
    """

    def __init__(
        self, folder: Path, relay: Relay, *, profile: str = "sandbox", plan: str = ""
    ) -> None:
        hosts = frozenset({("127.0.0.1", relay.port)})
        self.settings = Settings(home=folder, private_hosts=hosts)
        folder.mkdir(exist_ok=True)
        self.studio: Studio = open_studio(self.settings)
        self.connection: Connection = next(
            (c for c in self.studio.connections.all() if c.name.casefold() == "relay"), None
        ) or self.studio.connections.add(
            "relay",
            profile=profile,
            base_url=relay.url,
            key="hk-canary-key-0001",
            options={"plan": plan} if plan else None,
        )
        self.engine = LocalEngine(self.studio)

    def submit(self, prompt: str, *, token: str = "") -> Task:
        wish = request(prompt=prompt, seed=7)
        return self.studio.tasks.submit(
            wish, connection=self.connection, token=token or f"token-{prompt}"
        )

    def until(self, task: Task, wanted: Callable[[Task], bool]) -> Task:
        """Wait for the store to show it."""
        ends = time.monotonic() + DEADLINE
        while True:
            found = self.studio.tasks.get(task.id)
            if wanted(found):
                return found
            assert time.monotonic() < ends, f"still {found.status} {found.note} after {DEADLINE} s"
            time.sleep(0.02)

    def until_settled(self, task: Task) -> Task:
        return self.until(task, lambda found: not found.is_open)

    def kinds(self, task: Task) -> list[str]:
        return [event.kind for event in self.studio.tasks.events(task.id)]

    def close(self) -> None:
        self.engine.stop(drain=5)
        self.studio.close()


@pytest.fixture
def desk(tmp_path: Path, relay: Relay) -> Iterator[Desk]:
    made = Desk(tmp_path / "home", relay)
    yield made
    made.close()


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder that is not on a disk where that can be had, for what shows nothing about disks."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as name:
        yield Path(name)
