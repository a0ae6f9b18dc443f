"""A program that makes a batch of what it is asked for, to be killed."""

from __future__ import annotations

import threading
import time

from runway_core.studio.batch_rows import Usual
from runway_core.studio.prompt_lists import Line
from tests.children import PATIENCE
from tests.engine.kill_runs import Client, Place, take

_USUAL = Usual(model="gen4.5", ratio="1280:720", duration=5)


def batch_desk(place: Place, prompts: list[str]) -> None:
    """One run: confirm a batch of these prompts, and work until nothing is left of any batch."""
    client = Client(place)
    client.engine.start()
    lines = [Line(row=n, prompt=prompt) for n, prompt in enumerate(prompts, start=1)]
    checked = client.studio.lists.check(lines, client.connection, _USUAL)
    token = " ".join(prompts)
    client.studio.batches.make(token, checked, connection=client.connection, name="")
    for prompt in prompts:
        take(place, prompt)
    finish(client)


def finish(client: Client) -> None:
    """Work until no row waits and nothing is open any more."""
    client.engine.start()
    ends, pause = time.monotonic() + PATIENCE, threading.Event()
    while client.hurry() or client.studio.store.feeding.hungry():
        assert time.monotonic() < ends
        pause.wait(0.01)
