"""Commands about tasks that are recorded: tasks, task, wait, move, cancel."""

from __future__ import annotations

from typing import Annotated

import typer

from runway_core.cli.output import Json, opened, print_json, show_task, task_fields
from runway_core.cli.waiting import Seconds, wait_and_exit
from runway_core.cli.work import follow
from runway_core.domain import Exchange, Task, TaskStatus
from runway_core.store import TaskQuery

TaskId = Annotated[str, typer.Argument(metavar="ID", help="The task's id here.")]
Wire = Annotated[bool, typer.Option("--wire", help="Also what went over the wire, without keys.")]
CANCEL_SECONDS = 30.0
"""How long ``cancel`` waits for the provider's word."""


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(tasks)
    app.command()(task)
    app.command()(wait)
    app.command()(move)
    app.command()(cancel)


def tasks(
    text: Annotated[str, typer.Option(help="Words in the prompt.")] = "",
    status: Annotated[TaskStatus | None, typer.Option(help="Only these.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List tasks, newest first."""
    with opened(as_json=as_json) as studio:
        statuses = frozenset() if status is None else frozenset({status})
        page = studio.tasks.page(TaskQuery(text=text, statuses=statuses, limit=limit))
        if as_json:
            print_json([task_fields(found, studio) for found in page.tasks])
            return
        for found in page.tasks:
            show_task(found, studio, as_json=False)


def task(task_id: TaskId, wire: Wire = False, as_json: Json = False) -> None:
    """Show one task; with --wire also each request to its provider, without keys."""
    with opened(as_json=as_json) as studio:
        found = studio.tasks.get(task_id)
        if wire and as_json:
            archive = studio.exchanges.document(task_id)
            print_json(task_fields(found, studio) | {"wire": archive})
            return
        show_task(found, studio, as_json=as_json)
        for exchange in studio.exchanges.of(task_id) if wire else ():
            typer.echo(_line(exchange))


def _line(exchange: Exchange) -> str:
    at = f"{exchange.started_at:%Y-%m-%d %H:%M:%S}Z"
    answer = str(exchange.status_code or exchange.error or "no answer")
    asked = f"{exchange.method} {exchange.url}"
    known = f"  request id {exchange.request_id}" if exchange.request_id else ""
    return (
        f"  {at}  {exchange.doing or 'ask':7}  {asked}  {answer}  {exchange.elapsed_ms} ms{known}"
    )


def wait(task_id: TaskId, timeout: Seconds = None, as_json: Json = False) -> None:
    """Wait until a task's file is kept."""
    with opened(as_json=as_json) as studio:
        wait_and_exit(studio, task_id, seconds=timeout, as_json=as_json)


def move(
    task_id: TaskId,
    by: Annotated[
        int | None, typer.Option(help="Places, forwards when negative; to the front, if not said.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Move a task that waits to be sent to another place in its line; free."""
    with opened(as_json=as_json) as studio:
        place = studio.line.place(studio.tasks.get(task_id))
        studio.line.move(task_id, -place.last if place and by is None else by or 0)
        show_task(studio.tasks.get(task_id), studio, as_json=as_json)


def cancel(task_id: TaskId, as_json: Json = False) -> None:
    """Cancel a task. Free while it is queued here, else as the provider charges."""
    with opened(as_json=as_json) as studio:
        studio.tasks.cancel(task_id)
        found = follow(
            studio,
            task_id,
            until=lambda t: t.status.is_terminal or t.status is TaskStatus.UNCERTAIN,
            seconds=CANCEL_SECONDS,
            tell=_say_nothing,
        )
        show_task(found, studio, as_json=as_json)


def _say_nothing(_task: Task) -> None:
    return None
