"""``budget``: what a connection, or all of them, may cost in a day or a month; ``currency``: in what that is told."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from runway_core.cli.output import Json, opened, print_json
from runway_core.domain import Connection, Period
from runway_core.errors import InvalidInputError, Problem
from runway_core.pricing import Outlook, Reporting, anew, in_its_unit, named
from runway_core.studio import Studio
from runway_core.studio.currencies import Valued

_TEAM = "All connections together"
Name = Annotated[
    str, typer.Argument(metavar="[CONNECTION]", help="The connection's name; none with --team.")
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(budget)
    app.command()(currency)


def budget(
    connection: Name = "",
    team: Annotated[
        bool,
        typer.Option("--team", help="Of all connections together, in the reporting currency."),
    ] = False,
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
    if team == bool(connection):
        raise typer.BadParameter("name a connection, or say --team for all of them together.")
    with opened(as_json=as_json) as studio:
        found = studio.connections.by_name(connection) if connection else None
        whose = studio.people.by_name(person).id if person else ""
        wanted = {Period.DAY: day, Period.MONTH: month}
        amounts = {period: _amount(text, period) for period, text in wanted.items() if text}
        if clear:
            for period in Period:
                studio.budgets.remove(found, period, whose)
        elif soft is not None and not amounts:
            amounts = {old.period: old.amount for old in studio.budgets.all(found, whose)}
        studio.budgets.set(found, amounts, hard=not soft, person_id=whose)
        _show(studio, found, studio.budgets.outlooks_of(found, whose), as_json=as_json)


def currency(
    code: Annotated[
        str, typer.Argument(metavar="[CURRENCY]", help="Three letters, such as EUR.")
    ] = "",
    rate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OTHER=RATE",
            help="What one of another currency is worth in it, such as USD=0.92; may be repeated. "
            "OTHER= forgets one.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show or choose the currency in which totals and the team's budgets are told. No rate is looked up."""
    with opened(as_json=as_json) as studio:
        if code or rate:
            chosen = code or studio.currencies.reporting().currency
            studio.currencies.choose(chosen, _rates(rate or []))
        found, units = studio.currencies.reporting(), studio.currencies.valued()
        if as_json:
            rates = {other: f"{value:f}" for other, value in found.rates.items()}
            units_told = [_unit_fields(one) for one in units]
            print_json({"currency": found.currency, "rates": rates, "units": units_told})
            return
        typer.echo(f"Totals are told in {found.currency}.")
        for other, value in found.rates.items():
            typer.echo(f"  1 {other} = {value:f} {found.currency}")
        for one in units:
            typer.echo(f"  {one.connection.name}: {_unit_words(one, found)}")


def _rates(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        other, equals, text = pair.partition("=")
        if not equals:
            wrong = Problem("rate", f"“{pair}” must be written as USD=0.92.")
            raise InvalidInputError(wrong, hint="Nothing was changed.")
        found[other.strip()] = text.strip()
    return found


def _unit_fields(one: Valued) -> dict[str, Any]:
    rate = one.measure.rate
    return {
        "connection": one.connection.name,
        "unit": one.measure.unit,
        "worth": None if one.worth is None else f"{one.worth.amount:f}",
        "worth_currency": None if one.worth is None else one.worth.currency,
        "source": "" if one.worth is None else "own" if one.own else "published",
        "rate": None if rate is None else f"{rate:f}",
        "missing": "" if rate is not None else one.measure.lacks or "worth",
    }


def _unit_words(one: Valued, found: Reporting) -> str:
    unit, rate = one.measure.unit, one.measure.rate
    if one.worth is None:
        return f"what one {unit} is worth is not known"
    worth = f"1 {unit} = {one.worth.amount:f} {one.worth.currency}"
    if rate is None:
        return (
            f"{worth}, but what one {one.worth.currency} is worth in {found.currency} is not known"
        )
    return worth


def _amount(text: str, period: Period) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidInputError(
            Problem(f"budget.{period.value}", "must be a number above 0."),
            hint="Nothing was changed.",
        ) from None


def _show(
    studio: Studio, connection: Connection | None, outlooks: list[Outlook], *, as_json: bool
) -> None:
    if as_json:
        name = connection.name if connection else None
        budgets = [_fields(outlook) for outlook in outlooks]
        unit = studio.budgets.unit(connection)
        print_json({"connection": name, "unit": unit, "budgets": budgets})
        return
    if not outlooks:
        typer.echo(f"{connection.name if connection else _TEAM} has no budget.")
    for outlook in outlooks:
        typer.echo(_line(outlook))


def _fields(outlook: Outlook) -> dict[str, Any]:
    told = outlook.model_dump(
        mode="json", exclude={"budget", "cost", "after", "verdict", "measure"}
    )
    own = outlook.budget.model_dump(mode="json", include={"period", "amount", "unit", "hard"})
    return own | told


def _line(outlook: Outlook) -> str:
    own = outlook.budget
    kind = "hard" if own.hard else "soft"
    parts = [
        f"{own.period} ({kind}): {in_its_unit(outlook, own.amount)}",
        f"{in_its_unit(outlook, outlook.spent, bare=True)} spent",
        f"{in_its_unit(outlook, outlook.reserved, bare=True)} reserved",
        f"{in_its_unit(outlook, outlook.left, bare=True)} left for {named(outlook)}",
    ]
    if outlook.unpriced:
        parts.append(f"{outlook.unpriced} of unknown cost not counted")
    return f"{', '.join(parts)}; starts anew on {anew(outlook.resets_at)}"
