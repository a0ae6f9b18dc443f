"""Commands that run until they are stopped: the sandbox and the worker."""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from runway_core import logs
from runway_core.cli.output import opened, speaking
from runway_core.cli.work import working
from runway_core.settings import log_choice

log = logging.getLogger(__name__)
_STOPS = (signal.SIGINT, signal.SIGTERM)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(sandbox)
    app.command()(worker)


def sandbox(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this computer.")] = 8787,
    speed: Annotated[float, typer.Option(min=0.1, help="Divides every waiting time.")] = 1.0,
    folder: Annotated[
        Path | None,
        typer.Option(help="Keeps its tasks over restarts; a temporary one if not given."),
    ] = None,
    webhook_secret: Annotated[
        str | None, typer.Option(help="What the webhooks of its Doitong are signed with.")
    ] = None,
) -> None:
    """Run a practice provider on this computer. Real videos over real HTTP, and nothing is charged."""
    from runway_core.sandbox import SECRET, serve

    _log_more()
    with speaking(as_json=False):
        serve(port=port, speed=speed, folder=folder, webhook_secret=webhook_secret or SECRET)


def worker() -> None:
    """Send and follow tasks without the app. Ctrl+C or SIGTERM lets creates on the wire finish, then ends."""
    _log_more()
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        for number in _STOPS:  # a second one ends at once, whatever is under way
            signal.signal(number, signal.SIG_DFL)

    for number in _STOPS:
        signal.signal(number, end)
    with opened(as_json=False, for_work=True) as studio, working(studio):
        log.info("Following the tasks in %s.", studio.settings.home)
        stop.wait()
        log.info("Stopping: nothing new is sent, and what is on the wire may finish.")


def _log_more() -> None:
    """What runs until it is stopped tells more than a command that answers."""
    chosen = log_choice()
    logs.configure(chosen.form, chosen.level or "INFO")
