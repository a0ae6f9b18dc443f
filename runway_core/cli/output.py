"""How the command line speaks: one JSON value or plain lines on standard output, errors by exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from runway_core.domain import Task, TaskStatus
from runway_core.errors import DeskError
from runway_core.failures import advice_of, advice_on, hint_of
from runway_core.settings import load
from runway_core.studio import Studio, open_studio

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
def opened(*, as_json: bool) -> Iterator[Studio]:
    """The studio of the home named by the environment."""
    with speaking(as_json=as_json):
        studio = open_studio(load())
        try:
            yield studio
        finally:
            studio.close()


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
        },
    )  # fmt: skip
    files = [
        artifact.model_dump(mode="json") | {"path": str(studio.archive.path(artifact.path))}
        for artifact in task.artifacts
    ]
    if task.status is TaskStatus.FAILED:
        whole |= {"hint": hint_of(task), "advice": advice_of(task).as_dict()}
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
    for file in fields["artifacts"]:
        typer.echo(f"  {file['path']}")


def _said(error: DeskError) -> str:
    said = getattr(error, "said", "")
    return f"The provider said: {said}" if said else ""
