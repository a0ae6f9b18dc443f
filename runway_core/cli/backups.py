"""``backup`` and ``restore``: a whole home in one file, and back into an empty one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runway_core.cli.output import Json, print_json, speaking
from runway_core.settings import load
from runway_core.studio.backups import Backup, back_up
from runway_core.studio.backups import restore as bring_back

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


def restore(file: File, as_json: Json = False) -> None:
    """Bring a backup into an empty home; nothing that was waiting is sent by itself."""
    with speaking(as_json=as_json):
        found = bring_back(load(), file)
        _tell(found, as_json=as_json)
        if not as_json and found.uncertain:
            typer.echo(f"{found.uncertain} tasks were waiting then: open each and choose.")


def _tell(found: Backup, *, as_json: bool) -> None:
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        typer.echo(f"{found.files} files, {found.size:,} bytes.")
