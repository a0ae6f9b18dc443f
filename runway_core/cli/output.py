"""How the command line speaks: one JSON value or plain lines on standard output, errors by exit code."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from runway_core.domain import Task, TaskStatus
from runway_core.errors import DeskError
from runway_core.failures import advice_of, advice_on, hint_of
from runway_core.settings import load
from runway_core.studio import Studio, open_studio
from runway_core.studio.startup import open_for_work

log = logging.getLogger(__name__)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]


@contextmanager
def speaking(*, as_json: bool) -> Iterator[None]:
    """Turn our errors into words (or ``{"error": …}``) and exit code 1."""
    try:
        yield
    except DeskError as error:
        if as_json:
            print_json({"error": error_fields(error)})
        else:
            typer.echo(f"{error}", err=True)
            for line in (error.hint, _said(error)):
                if line:
                    typer.echo(f"  {line}", err=True)
        raise typer.Exit(1) from None


@contextmanager
def opened(*, as_json: bool, for_work: bool = False) -> Iterator[Studio]:
    """The studio of the home named by the environment; `for_work` looks first whether work is safe."""
    with speaking(as_json=as_json):
        studio = _checked() if for_work else open_studio(load())
        try:
            yield studio
        finally:
            studio.close()


def _checked() -> Studio:
    studio, troubles = open_for_work(load())
    for trouble in troubles:
        log.warning("%s %s %s", trouble.what, trouble.paid, trouble.do)
    return studio


def error_fields(error: DeskError) -> dict[str, Any]:
    """An error as JSON."""
    fields: dict[str, Any] = {
        "kind": error.kind,
        "message": str(error),
        "hint": error.hint,
        "retryable": error.retryable,
    }
    advice = advice_on(error)
    fields |= {"charged": advice.charged, "why": advice.why, "fix": advice.fix or ""}
    problems = getattr(error, "problems", ())
    if problems:
        fields["problems"] = [{"field": p.field, "message": p.message} for p in problems]
    return fields


def print_json(value: Any) -> None:
    """Print one JSON value."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def task_fields(task: Task, studio: Studio) -> dict[str, Any]:
    """A task as JSON: the stable names that scripts may rely on."""
    whole = task.model_dump(
        mode="json",
        include={
            "id", "remote_id", "connection", "profile", "status", "progress", "failure",
            "failure_code", "hint", "said", "note", "outputs", "estimate", "quoted", "charge", "request",
            "artifact_state", "created_at", "submitted_at", "finished_at",
            "balance_before", "balance_before_at", "balance_after", "balance_after_at",
        },
    )  # fmt: skip
    files = [
        artifact.model_dump(mode="json") | {"path": studio.archive.address(artifact.path)}
        for artifact in task.artifacts
    ]
    if task.status is TaskStatus.FAILED:
        whole |= {"hint": hint_of(task), "advice": advice_of(task).as_dict()}
    if (place := studio.line.place(task)) is not None:
        whole["line"] = place.model_dump(mode="json", exclude={"wait"}) | {
            "wait_seconds": None if place.wait is None else round(place.wait.total_seconds())
        }
    return whole | {"model": task.request.model, "artifacts": files}


def show_task(task: Task, studio: Studio, *, as_json: bool) -> None:
    """Print a task."""
    fields = task_fields(task, studio)
    if as_json:
        print_json(fields)
        return
    model = task.request.model or "made elsewhere"
    typer.echo(f"{task.id}  {task.status}  {model}  {task.connection}")
    for name in ("remote_id", "note", "failure", "hint", "said"):
        if fields[name]:
            typer.echo(f"  {name.replace('_', ' ')}: {fields[name]}")
    if line := fields.get("line"):
        typer.echo(f"  in line: {line['number']} of {line['last']} {line['why']}".rstrip())
    for file in fields["artifacts"]:
        typer.echo(f"  {file['path']}")


def _said(error: DeskError) -> str:
    said = getattr(error, "said", "")
    return f"The provider said: {said}" if said else ""
