"""The command line: the same nouns as the pages, ``--json`` everywhere, exit 0 / 1 (refused or failed) / 2 (usage)."""

from __future__ import annotations

import typer

from runway_core import logs
from runway_core.cli import (
    backups,
    batch,
    bringing,
    budget,
    connections,
    doctor,
    estimating,
    hosts,
    keys,
    making,
    people,
    recount,
    servers,
    settling,
    tasks,
)
from runway_core.settings import log_choice

app = typer.Typer(
    name="runway_core",
    help="Make AI videos through Runway-compatible endpoints: paid once, never lost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(connections.app, name="connection")
app.add_typer(hosts.app, name="host")
app.add_typer(keys.app, name="key")
app.add_typer(people.app, name="person")
doctor.add_to(app)
making.add_to(app)
batch.add_to(app)
estimating.add_to(app)
tasks.add_to(app)
settling.add_to(app)
bringing.add_to(app)
budget.add_to(app)
recount.add_to(app)
backups.add_to(app)
servers.add_to(app)


def main() -> None:
    """Run the command line."""
    chosen = log_choice()
    logs.configure(chosen.form, chosen.level or "WARNING")
    app(prog_name="python -m runway_core")
