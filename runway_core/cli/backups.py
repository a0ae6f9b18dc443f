"""``backup`` and ``restore``: a whole home in one file, and back into an empty one."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from runway_core.cli.output import Json, print_json, speaking
from runway_core.engine import someone_follows
from runway_core.engine.receipts import Receipts
from runway_core.errors import DatabaseDamagedError, StorageError
from runway_core.settings import Settings, load
from runway_core.studio import open_studio
from runway_core.studio.backups import Backup, back_up
from runway_core.studio.backups import restore as bring_back
from runway_core.studio.copies import bring_back as bring_copy_back
from runway_core.studio.copies import is_copy

Backups = Annotated[
    Path, typer.Argument(metavar="FILE", help="What backup wrote, or a copy of the database.")
]
File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, a tar file.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    file: File,
    media: Annotated[bool, typer.Option(help="Whether to take pictures and videos along.")] = True,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Take the master key along: keep the file safe then.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the whole home into one new file; the app may go on working."""
    with speaking(as_json=as_json):
        made = back_up(load(), file, media=media, key=with_key)
        _tell(made, as_json=as_json)
        if not as_json:
            if not with_key:
                typer.echo(
                    "Without the master key: API keys must be entered again after a restore."
                )
            typer.echo(f"Saved in {file}.")


def restore(file: Backups, as_json: Json = False) -> None:
    """Bring a backup into an empty home, or a copy of the database back into its place.

    Nothing that was waiting then is sent by itself.
    """
    with speaking(as_json=as_json):
        settings = load()
        if is_copy(file):
            _bring_copy_back(settings, file, as_json=as_json)
            return
        found = bring_back(settings, file)
        _tell(found, as_json=as_json)
        if not as_json and found.uncertain:
            typer.echo(_waiting(found.uncertain))


def _bring_copy_back(settings: Settings, file: Path, *, as_json: bool) -> None:
    _refuse_in_use(settings)
    uncertain, old = bring_copy_back(settings, file)
    missing = _sent_since(settings)
    if as_json:
        fields = {"uncertain": uncertain, "old_database": str(old) if old else None}
        print_json(fields | {"sent_since": missing})
        return
    if old:
        typer.echo(f"The database that was there is now {old}.")
    if uncertain:
        typer.echo(_waiting(uncertain))
    if missing:
        typer.echo(
            f"{len(missing)} were sent after this copy was made. Bring each in with: "
            "python -m runway_core adopt CONNECTION ID"
        )
        for remote_id in missing:
            typer.echo(f"  {remote_id}")


def _refuse_in_use(settings: Settings) -> None:
    """Refuse while somebody works on the database; on one that can't be read nobody does."""
    if not settings.database.exists():
        return
    try:
        with closing(open_studio(settings)) as studio:
            busy = someone_follows(studio.store, datetime.now(UTC))
    except DatabaseDamagedError:
        return
    if busy:
        raise StorageError(
            f"The app or a worker is running on {settings.home}.",
            hint="Stop it, then try again. Nothing was changed.",
        )


def _waiting(count: int) -> str:
    return f"{count} tasks were waiting then: open each and choose."


def _sent_since(settings: Settings) -> list[str]:
    """Remote ids in the receipts of tasks that the database does not know, or knows as not sent."""
    studio = open_studio(settings)
    try:
        return [
            remote_id
            for task_id, remote_id in Receipts(settings.receipts).all()
            if (task := studio.store.tasks.get(task_id)) is None or task.remote_id is None
        ]
    finally:
        studio.close()


def _tell(found: Backup, *, as_json: bool) -> None:
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        typer.echo(f"{found.files} files, {found.size:,} bytes.")
