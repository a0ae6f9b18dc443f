"""``batch``: many videos from a list. Checks and prices it; with ``--yes`` it is made, row by row."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from runway_core.cli.making import Duration, Model, Ratio
from runway_core.cli.output import Json, opened, print_json
from runway_core.cli.waiting import Seconds
from runway_core.cli.work import GLANCE, working_until_told
from runway_core.engine import someone_follows
from runway_core.errors import InvalidInputError, Problem
from runway_core.pricing import Lot, amount, cents
from runway_core.store import Batch
from runway_core.studio import Studio
from runway_core.studio.batch_rows import Checked, CheckedRow, Usual
from runway_core.studio.batch_standing import RowView
from runway_core.studio.prompt_lists import Line, read_list

_SHOWN = 60
"""Characters of a prompt in a line for people."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(batch)


def batch(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, XLSX or a prompt a line.")],
    connection: Annotated[str, typer.Option(help="Name of the connection.")],
    model: Model = "",
    ratio: Ratio = "",
    duration: Duration = None,
    token: Annotated[
        str, typer.Option(help="The same token is never made twice, however often this is run.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Make it; else it is only priced.")] = False,
    wait_for_it: Annotated[bool, typer.Option("--wait", help="Wait for the files.")] = False,
    timeout: Seconds = None,
    as_json: Json = False,
) -> None:
    """Price a list of videos and, with --yes, make them. Pictures are links, or files beside the list."""
    with opened(as_json=as_json, for_work=yes and wait_for_it) as studio:
        chosen = studio.connections.by_name(connection)
        lines = read_list(_bytes(file))
        usual = Usual(model=model, ratio=ratio, duration=duration or 0)
        checked = studio.lists.check(lines, chosen, usual, _pictures(studio, file.parent, lines))
        lot = studio.lists.admission(chosen, checked.estimates)
        if not yes or checked.wrong:
            _show_check(checked, lot, as_json=as_json)
            raise typer.Exit(1 if checked.wrong else 0)
        made = studio.batches.make(
            token or str(uuid.uuid4()), checked, connection=chosen, name=file.stem
        )
        if wait_for_it:
            _wait(studio, made, seconds=timeout)
        whole = _show_made(studio, made, as_json=as_json)
        raise typer.Exit(0 if whole or not wait_for_it else 1)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        says = f"{file} can't be read: {error.strerror}."
        raise InvalidInputError(Problem("file", says)) from None


def _pictures(studio: Studio, folder: Path, lines: Sequence[Line]) -> dict[str, str]:
    """The pictures that the list names and that lie beside it, taken in to be checked."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(line.image for line in lines):
        path = folder / name
        if name and "://" not in name and not name.startswith("asset:") and path.is_file():
            with path.open("rb") as source:
                asset = studio.assets.add(source, filename=path.name, field="image")
            found[name.casefold()] = asset.uri
    return found


def _show_check(checked: Checked, lot: Lot, *, as_json: bool) -> None:
    if as_json:
        print_json(_check_fields(checked, lot))
        return
    for row in checked.rows:
        typer.echo(_check_line(row))
    typer.echo(f"{len(checked.good)} of {len(checked.rows)} rows: {_price(checked)}")
    if checked.schedule is not None:
        typer.echo(f"  {checked.schedule.says}")
    for why in dict.fromkeys(verdict.why for verdict in lot.verdicts if verdict.why):
        typer.echo(f"  Waits: {why}")
    if checked.wrong:
        typer.echo("  Mend the rows that are wrong; nothing was asked for.")
    else:
        typer.echo("  Nothing was asked for yet: say --yes to make them.")


def _check_line(row: CheckedRow) -> str:
    prompt = " ".join(row.line.prompt.split())[:_SHOWN]
    if row.request is None or row.estimate is None:
        said = "; ".join(f"{problem.field}: {problem.message}" for problem in row.problems)
        return f"row {row.line.row}  WRONG  {prompt}\n  {said}"
    high = row.estimate.high
    price = "price not known" if high is None else amount(high, row.estimate.unit)
    return f"row {row.line.row}  {price}  {row.request.model} {row.request.duration} s  {prompt}"


def _price(checked: Checked) -> str:
    if checked.low is None or checked.high is None:
        return "what they cost is not known"
    text = amount(checked.high, checked.unit)
    if checked.low != checked.high:
        text = f"{amount(checked.low, '')} to {text}"
    told = checked.told_high
    return text if told is None else f"{text} = {cents(told)} {checked.currency}"


def _check_fields(checked: Checked, lot: Lot) -> dict[str, Any]:
    fields = checked.model_dump(mode="json", exclude={"rows", "schedule"})
    fields["seconds"] = None if checked.schedule is None else checked.schedule.ends.total_seconds()
    fields |= {"count": len(checked.good), "wrong": checked.wrong, "fit": lot.fit}
    verdicts = iter(lot.verdicts)
    fields["rows"] = [
        _row_fields(row, "" if row.estimate is None else next(verdicts).why) for row in checked.rows
    ]
    return fields


def _row_fields(row: CheckedRow, waits: str) -> dict[str, Any]:
    price = row.estimate
    return {
        "row": row.line.row,
        "prompt": row.line.prompt,
        "request": None if row.request is None else row.request.model_dump(mode="json"),
        "estimate": None if price is None else price.model_dump(mode="json"),
        "problems": [{"field": p.field, "message": p.message} for p in row.problems],
        "notices": list(row.notices),
        "waits": waits,
    }


def _wait(studio: Studio, made: Batch, *, seconds: float | None) -> None:
    """Wait until nothing is left to do, or what waits can't go on by itself soon; at most so long."""
    ends = None if seconds is None else time.monotonic() + seconds
    with ExitStack() as stack:
        own = False
        while ends is None or time.monotonic() < ends:
            progress = studio.batches.progress(made.id)
            if not progress.moves and (not progress.waits or _blocked(studio, made)):
                return
            if not own and not someone_follows(studio.store, datetime.now(UTC)):
                stack.enter_context(working_until_told(studio))
                own = True
            time.sleep(GLANCE)


def _blocked(studio: Studio, made: Batch) -> bool:
    """Whether every row that waits does so for more than its turn."""
    rows = studio.batches.rows(made.id, group="waiting")
    return bool(rows) and all(view.why for view in rows)


def _show_made(studio: Studio, made: Batch, *, as_json: bool) -> bool:
    """Print how a batch stands; whether every file of it is kept."""
    progress = studio.batches.progress(made.id)
    rows = studio.batches.rows(made.id)
    if as_json:
        fields = progress.batch.model_dump(mode="json") | {"counts": dict(progress.rows)}
        print_json(fields | {"rows": [_made_fields(studio, view) for view in rows]})
        return progress.count("ready") == made.size
    counts = ", ".join(f"{number} {how}" for how, number in progress.rows.items())
    typer.echo(f"{made.id}  {made.name}  {made.connection}  {counts}")
    for view in rows:
        prompt = " ".join(view.row.request.prompt.split())[:_SHOWN]
        typer.echo(f"row {view.row.row}  {view.how}  {prompt}")
        for line in filter(None, (view.why, *_paths(studio, view))):
            typer.echo(f"  {line}")
    return progress.count("ready") == made.size


def _made_fields(studio: Studio, view: RowView) -> dict[str, Any]:
    task = view.row.task
    return {
        "row": view.row.row,
        "state": view.how,
        "why": view.why or ("" if task is None else task.failure),
        "task": None if task is None else task.id,
        "prompt": view.row.request.prompt,
        "seed": view.row.request.seed,
        "charge": None if task is None or task.charge is None else str(task.charge),
        "files": _paths(studio, view),
    }


def _paths(studio: Studio, view: RowView) -> list[str]:
    kept = () if view.row.task is None else view.row.task.artifacts
    return [str(studio.archive.address(artifact.path)) for artifact in kept]
