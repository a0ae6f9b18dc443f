"""``budget``: what a connection may cost in a day or a month, and where it stands."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from runway_core.cli.output import Json, opened, print_json
from runway_core.domain import Connection, Period
from runway_core.errors import InvalidInputError, Problem
from runway_core.pricing import Outlook, amount, anew, named
from runway_core.studio.budgets import unit_of

Name = Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection's name.")]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(budget)


def budget(
    connection: Name,
    day: Annotated[str, typer.Option(help="The most that a day may cost.")] = "",
    month: Annotated[str, typer.Option(help="The most that a calendar month may cost.")] = "",
    soft: Annotated[
        bool | None,
        typer.Option(
            "--soft/--hard", help="Only warn, or refuse what would pass it (the default)."
        ),
    ] = None,
    person: Annotated[
        str, typer.Option(help="Whose spending it is about; without it, that of all together.")
    ] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Remove the budgets.")] = False,
    as_json: Json = False,
) -> None:
    """Show or set budgets, in the connection's own unit. Days and months are those of UTC."""
    with opened(as_json=as_json) as studio:
        found = studio.connections.by_name(connection)
        whose = studio.people.by_name(person).id if person else ""
        wanted = {Period.DAY: day, Period.MONTH: month}
        amounts = {period: _amount(text, period) for period, text in wanted.items() if text}
        if clear:
            for period in Period:
                studio.budgets.remove(found, period, whose)
        elif soft is not None and not amounts:
            amounts = {old.period: old.amount for old in studio.budgets.all(found, whose)}
        studio.budgets.set(found, amounts, hard=not soft, person_id=whose)
        _show(found, studio.budgets.outlooks_of(found, whose), as_json=as_json)


def _amount(text: str, period: Period) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidInputError(
            Problem(f"budget.{period.value}", "must be a number above 0."),
            hint="Nothing was changed.",
        ) from None


def _show(connection: Connection, outlooks: list[Outlook], *, as_json: bool) -> None:
    if as_json:
        unit = unit_of(connection)
        budgets = [_fields(outlook) for outlook in outlooks]
        print_json({"connection": connection.name, "unit": unit, "budgets": budgets})
        return
    if not outlooks:
        typer.echo(f"{connection.name} has no budget.")
    for outlook in outlooks:
        typer.echo(_line(outlook))


def _fields(outlook: Outlook) -> dict[str, Any]:
    told = outlook.model_dump(mode="json", exclude={"budget", "cost", "after", "verdict"})
    own = outlook.budget.model_dump(mode="json", include={"period", "amount", "unit", "hard"})
    return own | told


def _line(outlook: Outlook) -> str:
    own = outlook.budget
    kind = "hard" if own.hard else "soft"
    parts = [
        f"{own.period} ({kind}): {amount(own.amount, own.unit)}",
        f"{amount(outlook.spent, '')} spent",
        f"{amount(outlook.reserved, '')} reserved",
        f"{amount(outlook.left, '')} left for {named(outlook)}",
    ]
    if outlook.unpriced:
        parts.append(f"{outlook.unpriced} of unknown cost not counted")
    return f"{', '.join(parts)}; starts anew on {anew(outlook.resets_at)}"
