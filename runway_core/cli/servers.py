"""Commands that run until they are stopped: the sandbox and the worker."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from runway_core.cli.output import opened, speaking
from runway_core.cli.work import working


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

    with speaking(as_json=False):
        serve(port=port, speed=speed, folder=folder, webhook_secret=webhook_secret or SECRET)


def worker() -> None:
    """Send and follow tasks without the app. Stop it with Ctrl+C or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with opened(as_json=False) as studio, working(studio):
        typer.echo(f"Following the tasks in {studio.settings.home}.", err=True)
        stop.wait()
