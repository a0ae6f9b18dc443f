"""``recount``: whether the sums that budgets and Spend are read from are what the ledger says; counts them anew."""

from __future__ import annotations

from typing import Annotated

import typer

from runway_core.cli.output import Json, opened, print_json
from runway_core.store import Difference

Mend = Annotated[bool, typer.Option("--mend", help="Count all sums anew from the videos.")]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(recount)


def recount(mend: Mend = False, as_json: Json = False) -> None:
    """Hold the sums that budgets and Spend are read from against the ledger. Nothing is sent or deleted."""
    with opened(as_json=as_json) as studio:
        found = studio.recount.mend() if mend else studio.recount.differences()
    if as_json:
        differences = [one.model_dump(mode="json") for one in found]
        print_json({"ok": not found, "mended": mend, "differences": differences})
    else:
        _tell(found, mended=mend)
    if found:
        raise typer.Exit(1)


def _tell(found: list[Difference], *, mended: bool) -> None:
    if not found:
        typer.echo("All sums are what the ledger says.")
        return
    for one in found:
        typer.echo(
            f"{one.day}  {one.connection_id}  {one.model}  {one.what}: "
            f"{one.summed:f} summed, {one.ledger:f} in the ledger"
        )
    if mended:
        typer.echo("The sums are now those of the videos. Lines of the ledger differ from them.")
    else:
        typer.echo("Count them anew: python -m runway_core recount --mend")
