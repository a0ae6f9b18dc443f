"""``key``: the master key that the saved API keys are sealed with, and how it is changed."""

from __future__ import annotations

import typer

from runway_core.cli.output import Json, opened, print_json

app = typer.Typer(help="The master key of this home.", no_args_is_help=True, rich_markup_mode=None)
_ROLES = {
    "seal": "seals what is saved now",
    "next": "seals from the next rotation on",
    "old": "only opens what is older",
}


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """Show the master keys by name, and how many saved keys each has sealed. No key is shown."""
    with opened(as_json=as_json) as studio:
        found = studio.keys.all()
        if as_json:
            print_json([one.model_dump(mode="json") for one in found])
            return
        for one in found:
            typer.echo(f"{one.name}  {_ROLES[one.role]}; {one.seals} saved")


@app.command()
def rotate(as_json: Json = False) -> None:
    """Seal everything with a new master key, with the app at work; the old one then only opens copies."""
    with opened(as_json=as_json) as studio:
        done = studio.keys.rotate()
        if as_json:
            print_json(done.model_dump(mode="json"))
            return
        typer.echo(f"A new master key seals now; {done.resealed} saved keys and secrets with it.")
        for name in done.unreadable:
            typer.echo(f"Something of {name} can't be opened, as before: enter it again.")
        typer.echo("Copies of the key file that you keep elsewhere are out of date: copy it again.")


@app.command()
def prepare(as_json: Json = False) -> None:
    """Make the next master key, for homes on several machines: copy the key file to each, then rotate."""
    with opened(as_json=as_json) as studio:
        studio.keys.prepare()
        path = studio.settings.master_key
        if as_json:
            print_json({"prepared": True, "file": str(path)})
        else:
            typer.echo(f"Prepared. Copy {path} to every machine, then run: key rotate")


@app.command()
def forget(as_json: Json = False) -> None:
    """Give up the old master keys: backups and copies from before open no more."""
    with opened(as_json=as_json) as studio:
        studio.keys.forget()
        if as_json:
            print_json({"forgotten": True})
        else:
            typer.echo("Only the master key that seals now is left.")
