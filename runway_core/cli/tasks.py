"""Commands about tasks: submit, tasks, task, wait, cancel, estimate."""

from __future__ import annotations

import random
import uuid
from pathlib import Path
from typing import Annotated

import typer

from runway_core.catalog import ModelSpec, catalog, nearest_ratio
from runway_core.cli.output import Json, opened, print_json, show_task, task_fields
from runway_core.cli.work import follow
from runway_core.domain import (
    Capability,
    Connection,
    Frame,
    FramePosition,
    GenerationRequest,
    Task,
    TaskStatus,
)
from runway_core.errors import InvalidInputError, Problem
from runway_core.pricing import Asked
from runway_core.pricing import estimate as price
from runway_core.store import TaskQuery
from runway_core.studio import Studio

TaskId = Annotated[str, typer.Argument(metavar="ID", help="The task's id here.")]
Seconds = Annotated[
    float | None, typer.Option(min=0, help="Stop waiting after so many seconds; the task goes on.")
]
CANCEL_SECONDS = 30.0
"""How long ``cancel`` waits for the provider's word."""


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(submit)
    app.command()(tasks)
    app.command()(task)
    app.command()(wait)
    app.command()(cancel)
    app.command()(estimate)


def submit(
    connection: Annotated[str, typer.Option(help="Name of the connection.")],
    model: Annotated[str, typer.Option(help="Such as gen4_turbo.")],
    prompt: Annotated[str, typer.Option(help="What happens in the video.")] = "",
    image: Annotated[str, typer.Option(help="First frame: a file or an https link.")] = "",
    last_image: Annotated[str, typer.Option(help="Last frame: a file or an https link.")] = "",
    duration: Annotated[int | None, typer.Option(help="Seconds.")] = None,
    ratio: Annotated[str, typer.Option(help="width:height, such as 1280:720.")] = "",
    seed: Annotated[int | None, typer.Option(help="0 to 4294967295; random if not given.")] = None,
    wait_for_it: Annotated[bool, typer.Option("--wait", help="Wait for the video.")] = False,
    timeout: Seconds = None,
    as_json: Json = False,
) -> None:
    """Record a task; the app or a worker sends it, or this command itself with --wait."""
    with opened(as_json=as_json) as studio:
        chosen = studio.connections.by_name(connection)
        pictures = {FramePosition.FIRST: image, FramePosition.LAST: last_image}
        frames = tuple(_frame(studio, uri, place) for place, uri in pictures.items() if uri)
        spec = _spec(studio, chosen, model, frames)
        request = GenerationRequest(
            capability=spec.capability,
            model=model,
            prompt=prompt,
            frames=frames,
            ratio=ratio or nearest_ratio(spec, "1280:720"),
            duration=spec.default_duration if duration is None else duration,
            seed=random.randint(0, spec.seed_max) if seed is None else seed,  # noqa: S311 - not a secret
        )
        made = studio.tasks.submit(request, connection=chosen, token=str(uuid.uuid4()))
        if wait_for_it:
            made = _wait(studio, made.id, seconds=timeout, as_json=as_json)
        show_task(made, studio, as_json=as_json)
        if wait_for_it:
            _exit_by(made)


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


def task(task_id: TaskId, as_json: Json = False) -> None:
    """Show one task."""
    with opened(as_json=as_json) as studio:
        show_task(studio.tasks.get(task_id), studio, as_json=as_json)


def wait(task_id: TaskId, timeout: Seconds = None, as_json: Json = False) -> None:
    """Wait until a task has ended and its file is kept."""
    with opened(as_json=as_json) as studio:
        found = _wait(studio, task_id, seconds=timeout, as_json=as_json)
        show_task(found, studio, as_json=as_json)
        _exit_by(found)


def cancel(task_id: TaskId, as_json: Json = False) -> None:
    """Cancel a task: free while it is queued here, else as the provider charges."""
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


def estimate(
    model: Annotated[str, typer.Option(help="Such as gen4_turbo.")],
    profile: Annotated[str, typer.Option(help="Price by a profile.")] = "",
    connection: Annotated[str, typer.Option(help="Price by a connection.")] = "",
    duration: Annotated[int, typer.Option(min=1, help="Seconds of each video.")] = 5,
    count: Annotated[int, typer.Option(min=1, help="How many videos.")] = 1,
    as_json: Json = False,
) -> None:
    """Price videos before making them."""
    with opened(as_json=as_json) as studio:
        chosen = studio.connections.by_name(connection) if connection else None
        if chosen is None and not profile:
            raise InvalidInputError(Problem("profile", "Give --profile or --connection."))
        row = catalog().profile(chosen.profile if chosen else profile)
        spec = _any_spec(row.id, model)
        found = price(
            spec,
            row,
            Asked(duration=duration),
            count=count,
            unit_price=chosen.unit_price if chosen else None,
            unit=chosen.unit if chosen else "",
        )
        if as_json:
            print_json(found.model_dump(mode="json"))
        elif found.is_known:
            typer.echo(f"{found.low} {found.unit} ({found.source}, {found.as_of})")
        else:
            typer.echo(f"Unknown: {found.source}")


def _frame(studio: Studio, uri: str, position: FramePosition) -> Frame:
    if "://" in uri or uri.startswith("data:"):
        return Frame(position=position, uri=uri)
    field, path = f"frames.{position}", Path(uri).expanduser()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInputError(Problem(field, f"{uri} can't be read: {error.strerror}.")) from None
    asset = studio.pictures.add(data, filename=path.name, field=field)
    return Frame(position=position, uri=asset.uri)


def _spec(
    studio: Studio, connection: Connection, model: str, frames: tuple[Frame, ...]
) -> ModelSpec:
    if frames:
        return studio.tasks.spec(connection, model, Capability.IMAGE_TO_VIDEO)
    try:
        return studio.tasks.spec(connection, model, Capability.TEXT_TO_VIDEO)
    except InvalidInputError:
        # Without a picture the check names the picture as what is missing.
        return studio.tasks.spec(connection, model, Capability.IMAGE_TO_VIDEO)


def _any_spec(profile: str, model: str) -> ModelSpec:
    offered = catalog().profile(profile).specs
    found = next((spec for spec in offered if spec.id == model), None)
    return found or catalog().spec(profile, model, Capability.IMAGE_TO_VIDEO)


def _wait(studio: Studio, task_id: str, *, seconds: float | None, as_json: bool) -> Task:
    last = ""

    def tell(found: Task) -> None:
        nonlocal last
        percent = "" if found.progress is None else f" {found.progress:.0%}"
        line = f"{found.status}{percent} {found.note}".rstrip()
        if line != last and not as_json:
            typer.echo(line, err=True)
        last = line

    return follow(studio, task_id, until=lambda t: not t.is_open, seconds=seconds, tell=tell)


def _exit_by(task: Task) -> None:
    if task.status is not TaskStatus.SUCCEEDED or not task.artifacts:
        raise typer.Exit(1)


def _say_nothing(_task: Task) -> None:
    return None
