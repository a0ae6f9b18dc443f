"""``send-again`` and ``write-off``: a person's decision about a task that may have been charged."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from runway_core.cli.output import Json, opened, show_task
from runway_core.cli.tasks import TaskId

Sure = Annotated[bool, typer.Option("--yes", help="Don't ask once more.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("send-again")(send_again)
    app.command("write-off")(write_off)


def send_again(task_id: TaskId, yes: Sure = False, as_json: Json = False) -> None:
    """Send an uncertain task again, because nothing was made. If it was made after all, you pay twice."""
    with opened(as_json=as_json) as studio:
        studio.tasks.get(task_id)
        # A script has decided already; a person is asked once more, as on the page.
        if not (yes or as_json) and sys.stdin.isatty():
            typer.confirm("If it was made after all, you pay twice. Send it again?", abort=True)
        show_task(studio.tasks.send_again(task_id), studio, as_json=as_json)


def write_off(task_id: TaskId, as_json: Json = False) -> None:
    """Close an uncertain task as failed. What it may have cost stays counted in the budgets."""
    with opened(as_json=as_json) as studio:
        show_task(studio.tasks.write_off(task_id), studio, as_json=as_json)
