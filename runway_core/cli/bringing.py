"""``adopt`` and ``import``: tasks that were made elsewhere, or whose id was lost. Nothing is ever sent to be made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runway_core.cli.output import Json, opened, print_json, show_task
from runway_core.cli.work import practice_for
from runway_core.domain import Connection, Task
from runway_core.errors import InvalidInputError, Problem
from runway_core.studio import Studio
from runway_core.studio.importing import Imported


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(adopt)
    app.command("import")(import_history)


def adopt(
    connection: Annotated[str, typer.Argument(help="Name of the connection.")],
    remote_id: Annotated[str, typer.Argument(help="The task's id at the provider.")],
    task: Annotated[
        str, typer.Option(metavar="ID", help="The uncertain task here whose id it is.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Take in a task by its provider's id. Looks at once, for free, and says what the provider says.

    With --task, an uncertain task here is settled by the id. The app or a worker follows it from then
    on and keeps its file; nothing is ever made or paid for.
    """
    with opened(as_json=as_json) as studio:
        chosen = studio.connections.by_name(connection)
        with practice_for(studio, chosen):
            found = _settled(studio, chosen, task, remote_id) if task else None
            found = found or studio.adopting.adopt(chosen, remote_id)
        show_task(found, studio, as_json=as_json)


def _settled(studio: Studio, chosen: Connection, task_id: str, remote_id: str) -> Task:
    task = studio.tasks.get(task_id)
    if task.connection_id != chosen.id:
        raise InvalidInputError(Problem("task", f"is not one of {chosen.name}."))
    return studio.adopting.settle(task, studio.tasks.check_id(task, remote_id))


def import_history(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the tester's browser keeps.")],
    connection: Annotated[str, typer.Option(help="Name of the one to follow and fetch with.")],
    as_json: Json = False,
) -> None:
    """Take in the history of the relays' tester. FILE is a copy of what its page keeps in the browser.

    It reads “runwayml-store” and “runway-store”, alone or among other things. Doing it twice adds
    nothing, and nothing is ever paid for. To get a copy, open the tester's page, then the browser's
    developer tools and their console, enter copy(JSON.stringify(localStorage)), and save what was
    copied as a file.
    """
    with opened(as_json=as_json) as studio:
        chosen = studio.connections.by_name(connection)
        try:
            data = file.expanduser().read_bytes()
        except OSError as error:
            says = f"{file} can't be read: {error.strerror}."
            raise InvalidInputError(Problem("file", says)) from None
        found = studio.importing.load(data, connection=chosen)
        if as_json:
            print_json(_fields(found))
        else:
            _say(found)
        if found.unread and not (found.added or found.known):
            raise typer.Exit(1)


def _fields(found: Imported) -> dict[str, object]:
    unread = [one.model_dump() for one in found.unread]
    added = {"added": len(found.added), "ids": list(found.added)}
    return added | {"known": found.known, "unreadable": len(unread), "unread": unread}


def _say(found: Imported) -> None:
    typer.echo(
        f"{len(found.added)} came in, {found.known} were known, "
        f"{len(found.unread)} could not be read. Nothing was paid for."
    )
    for one in found.unread:
        typer.echo(f"  {one.where}: {one.why}", err=True)
    if found.added:
        typer.echo("The app or a worker looks at them and fetches what can still be had.")
