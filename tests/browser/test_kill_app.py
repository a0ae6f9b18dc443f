"""kill -9 of the app itself while it works, and what its next start makes of that."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from tests.browser.conftest import App
from tests.builders import request
from tests.engine.conftest import Desk
from tests.engine.test_kill import all_tasks, check_files, check_money, figures, integrity
from tests.relay import Relay

KILLS = 12


def test_a_killed_app_doubles_nothing_loses_nothing_and_tears_nothing(
    relay_app: App, relay: Relay, record_property: Callable[[str, object], None]
) -> None:
    random.seed(11)
    pause = threading.Event()  # never set
    relay.hold = lambda: _wait(pause)
    studio = relay_app.studio()
    connection = studio.connections.by_name("Relay")
    for number in range(KILLS):
        for wish in range(2):
            prompt = f"round {number} wish {wish}"
            studio.tasks.submit(request(prompt=prompt), connection=connection, token=prompt)
        pause.wait(random.uniform(0, 2.5))
        relay_app.kill()
        assert integrity(relay_app.home / "desk.db") == "ok"
        relay_app.start()
    studio.close()
    desk = Desk(relay_app.home, relay)
    for task in all_tasks(desk):
        desk.until_settled(task)
    record_property("12 kills of the app", figures(relay, all_tasks(desk)))
    check_money(relay, all_tasks(desk))
    check_files(desk, all_tasks(desk))
    desk.close()


def _wait(pause: threading.Event) -> None:
    pause.wait(random.uniform(0, 0.3))
