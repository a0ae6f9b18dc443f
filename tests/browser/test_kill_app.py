"""kill -9 of the app itself while it works, and what its next start makes of that."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

import pytest

from runway_core.domain import TaskStatus
from runway_core.store import TaskQuery
from tests.browser.conftest import App
from tests.builders import request
from tests.engine.conftest import Desk
from tests.killing import Harm, KillRelay, figures, half_written, harm, integrity, records_of

KILLS = 8


@pytest.fixture
def relay() -> Iterator[KillRelay]:
    server = KillRelay(slowness=0.3)
    yield server
    server.close()


def test_a_killed_app_doubles_nothing_loses_nothing_and_tears_nothing(
    relay_app: App, relay: KillRelay, record_property: Callable[[str, object], None]
) -> None:
    chance, pause = random.Random(11), threading.Event()  # never set
    studio, asked = relay_app.studio(), []
    connection = studio.connections.by_name("Relay")
    for number in range(KILLS):
        for wish in range(2):
            prompt = f"round {number} wish {wish}"
            studio.tasks.submit(request(prompt=prompt), connection=connection, token=prompt)
            asked.append(prompt)
        pause.wait(chance.uniform(0, 2.5))
        relay_app.kill()
        assert integrity(relay_app.home / "desk.db") == "ok"
        relay_app.start()
    studio.close()
    desk = Desk(relay_app.home, relay)
    tasks = [desk.until_settled(t) for t in desk.studio.tasks.page(TaskQuery(limit=1000)).tasks]
    record_property(f"{KILLS} kills of the app", figures(relay, tasks))
    assert harm(relay, asked, records_of(desk.studio, tasks)) == Harm([], [], [])
    assert {task.status for task in tasks} <= {TaskStatus.SUCCEEDED, TaskStatus.UNCERTAIN}
    assert half_written(desk.studio.settings.media) == []
    desk.close()
