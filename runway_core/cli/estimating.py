"""``estimate``: what videos would cost and how long they would take. Nothing is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import typer

from runway_core.catalog import ModelSpec, Profile, catalog
from runway_core.catalog.billing import split_billing_id
from runway_core.cli.choices import choose, parse_options
from runway_core.cli.making import Duration, Kind, Model, Options, Ratio
from runway_core.cli.output import Json, opened, print_json
from runway_core.domain import Capability, Connection, Role
from runway_core.errors import InvalidInputError, Problem
from runway_core.pricing import STEP, Offer, Seller, Timetable, Wish, amount, cents, lasting
from runway_core.studio import Studio

_SECOND = timedelta(seconds=1)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(estimate)


def estimate(
    model: Model,
    profile: Annotated[str, typer.Option(help="Price by a profile.")] = "",
    connection: Annotated[str, typer.Option(help="Price by a connection.")] = "",
    capability: Kind = None,
    duration: Duration = None,
    ratio: Ratio = "",
    option: Options = None,
    video_seconds: Annotated[float | None, typer.Option(min=0, help="Of the video sent.")] = None,
    references: Annotated[int, typer.Option(min=0, help="Pictures sent to go by.")] = 0,
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 1,
    plan: Annotated[
        str, typer.Option(help="Of the profile: whose limits the schedule keeps.")
    ] = "",
    takes: Annotated[
        int | None,
        typer.Option(min=1, help="Seconds that one takes; own history tells, if not said."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what it should cost and how long it takes. Nothing is sent."""
    with opened(as_json=as_json) as studio:
        chosen = _chosen(studio, connection, profile, plan)
        row = studio.connections.profile(chosen)
        own_model, seconds = split_billing_id(model, duration)
        length = None if video_seconds is None else Decimal(str(video_seconds))
        wish = Wish(duration=seconds or 0, count=count, ratio=ratio, references=references)
        wish = wish.model_copy(update={"video_seconds": length})
        spec, wish = _of_model(wish, row, own_model, capability, option or [])
        (offer,) = studio.pricing.offers_of(wish, [Seller.of(chosen, row)])
        if offer.problems:
            raise InvalidInputError(*offer.problems)
        span = None if takes is None else takes * _SECOND
        wanted = {spec.id: count}
        told = studio.pricing.schedule(chosen, wanted, takes=span, alone=not connection)
        _show(offer, told, as_json=as_json)


def _of_model(
    wish: Wish, profile: Profile, model: str, capability: Capability | None, option: list[str]
) -> tuple[ModelSpec, Wish]:
    """The model that was named, and the wish with what its row makes of the words."""
    sent = {str(Role.VIDEO)} if wish.video_seconds is not None else set()
    sent |= {str(Role.REFERENCE)} if wish.references else set()
    spec = choose(profile, model, capability, sent)
    said = {"capability": spec.capability, "models": (spec.id,)}
    return spec, wish.model_copy(update={**said, "options": parse_options(option, spec.option)})


def _chosen(studio: Studio, connection: str, profile: str, plan: str) -> Connection:
    """The connection, or one that the profile alone would make."""
    if connection:
        if plan:
            raise InvalidInputError(
                Problem("plan", "goes with --profile; a connection has its own.")
            )
        return studio.connections.by_name(connection)
    if not profile:
        raise InvalidInputError(Problem("profile", "Give --profile or --connection."))
    row = catalog().profile(profile)
    setting = row.setting("plan")
    if plan and setting is None:
        raise InvalidInputError(Problem("plan", f"{row.title} has no plans that are known."))
    if plan and setting is not None and (wrong := setting.problem(plan)):
        raise InvalidInputError(Problem("plan", wrong))
    return Connection(
        id="",
        name=row.title,
        profile=row.id,
        base_url="",
        options={"plan": plan} if plan else {},
        created_at=datetime.now(UTC),
    )


def _show(offer: Offer, schedule: Timetable | None, *, as_json: bool) -> None:
    if as_json:
        print_json(_fields(offer, schedule))
        return
    typer.echo(_line(offer))
    if offer.steps > 1:
        typer.echo(f"  Each is charged as {offer.steps} × {STEP} s.")
    for note in offer.notes:
        typer.echo(f"  {note}")
    if schedule is None:
        typer.echo("  How long it takes is not known yet: say it with --takes SECONDS.")
        return
    typer.echo(f"  {schedule.says}")
    for moment in schedule.moments:
        typer.echo(
            f"  After {lasting(moment.at)}: {moment.says}" if moment.at else f"  {moment.says}"
        )


def _fields(offer: Offer, schedule: Timetable | None) -> dict[str, Any]:
    told = {
        "model",
        "capability",
        "duration",
        "count",
        "steps",
        "currency",
        "told_low",
        "told_high",
        "notes",
    }
    fields = offer.total.model_dump(mode="json") | offer.model_dump(mode="json", include=told)
    fields["each"] = offer.each.model_dump(mode="json", include={"low", "high"})
    fields["rate"] = offer.rated.model_dump(mode="json")
    fields["schedule"] = None if schedule is None else _schedule_fields(schedule)
    return fields


def _schedule_fields(schedule: Timetable) -> dict[str, Any]:
    """All times in whole seconds from now."""
    return {
        "seconds": schedule.ends // _SECOND,
        "says": schedule.says,
        "waves": [
            wave.model_dump() | {"starts": wave.starts // _SECOND, "ends": wave.ends // _SECOND}
            for wave in schedule.waves
        ],
        "moments": [
            moment.model_dump() | {"at": moment.at // _SECOND} for moment in schedule.moments
        ],
        "videos": [
            run.model_dump() | {"starts": run.starts // _SECOND, "ends": run.ends // _SECOND}
            for run in schedule.runs
        ],
    }


def _line(offer: Offer) -> str:
    found = offer.total
    if found.low is None or found.high is None:
        return f"Unknown: {found.source}"
    text = amount(found.high, found.unit)
    if found.low != found.high:
        text = f"{amount(found.low, '')} to {text}"
    if offer.told_low is not None and offer.told_high is not None:
        low, high = cents(offer.told_low), cents(offer.told_high)
        text += (
            f" = {high} {offer.currency}" if low == high else f" = {low} to {high} {offer.currency}"
        )
    return f"{text} ({', '.join(filter(None, (found.source, found.as_of)))})"
