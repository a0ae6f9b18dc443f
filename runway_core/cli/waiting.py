"""Waiting for one task on the command line: what is said meanwhile, and the exit code."""

from __future__ import annotations

from typing import Annotated

import typer

from runway_core.cli.output import show_task
from runway_core.cli.work import follow
from runway_core.domain import Task, TaskStatus
from runway_core.studio import Studio

Seconds = Annotated[
    float | None, typer.Option(min=0, help="Stop waiting after so many seconds; the task goes on.")
]


def wait_and_exit(studio: Studio, task_id: str, *, seconds: float | None, as_json: bool) -> None:
    """Wait until nothing is left to do for a task and show it.

    Raises:
        typer.Exit: always; 0 when its file is kept, else 1.
    """
    found = _wait_for(studio, task_id, seconds=seconds, as_json=as_json)
    show_task(found, studio, as_json=as_json)
    raise typer.Exit(0 if found.status is TaskStatus.SUCCEEDED and found.artifacts else 1)


def _wait_for(studio: Studio, task_id: str, *, seconds: float | None, as_json: bool) -> Task:
    """Wait, telling each change on standard error."""
    last = ""

    def tell(found: Task) -> None:
        nonlocal last
        percent = "" if found.progress is None else f" {found.progress:.0%}"
        line = f"{found.status}{percent} {found.note}".rstrip()
        if line != last and not as_json:
            typer.echo(line, err=True)
        last = line

    return follow(studio, task_id, until=lambda t: not t.is_open, seconds=seconds, tell=tell)
