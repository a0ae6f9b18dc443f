"""Sums as the tasks themselves give them, to hold the running ones against."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from runway_core.domain import Estimate
from runway_core.pricing import Counted, Tally, tally
from runway_core.store import Cell, CellQuery, Store
from runway_core.store.schema import ledger, tasks

Counts = dict[tuple[Any, ...], list[Tally]]


def of_tasks(store: Store) -> list[Cell]:
    """Every sum there should be, made from nothing but the rows of the tasks."""
    found: Counts = defaultdict(list)
    with store.database.read() as sql:
        rows = sql.execute(sa.select(tasks)).mappings().all()
    for row in rows:
        one = tally(_counted(row))
        day = row["created_at"].astimezone(UTC).date()
        place = (row["connection_id"], day, row["owner_id"], row["model"])
        found[*place, one.unit, one.outcome, one.part].append(one)
    return [
        Cell(key[0], key[1], key[2], key[3], _together(tallies))
        for key, tallies in sorted(found.items(), key=repr)
    ]


def of_store(store: Store) -> list[Cell]:
    """Every sum that the store keeps."""
    cells = store.tallies.cells(CellQuery())
    return sorted(cells, key=lambda c: repr((*c[:4], c.tally.unit, c.tally.outcome, c.tally.part)))


def of_ledger(store: Store) -> dict[str, tuple[Decimal, ...]]:
    """What the ledger says that each task has confirmed, assumed and reserved."""
    sums: dict[str, dict[str, Decimal]] = defaultdict(
        lambda: dict.fromkeys(("confirmed", "assumed", "reserved"), Decimal(0))
    )
    with store.database.read() as sql:
        rows = sql.execute(sa.select(ledger).order_by(ledger.c.id)).all()
    for row in rows:
        held = row.kind in ("reservation", "release")
        part = "reserved" if held else "assumed"
        part = "confirmed" if row.certainty == "confirmed" else part
        sign = -1 if row.kind in ("release", "refund") else 1
        moved = Decimal(0) if row.kind == "estimate" else row.amount or Decimal(0)
        sums[row.task_id][part] += sign * moved  # a task that costs nothing may have no other line
    return {task_id: tuple(parts.values()) for task_id, parts in sums.items()}


def by_task(store: Store) -> dict[str, tuple[Decimal, ...]]:
    """The same, from the rows of the tasks."""
    with store.database.read() as sql:
        rows = sql.execute(sa.select(tasks)).mappings().all()
    found = {}
    for row in rows:
        one = tally(_counted(row))
        parts = dict.fromkeys(("confirmed", "assumed", "reserved"), Decimal(0))
        found[row["id"]] = tuple((parts | {one.part: one.amount}).values())
    return found


def _counted(row: Any) -> Counted:
    told = Estimate.model_validate(row["estimate"])
    return Counted(
        status=row["status"],
        low=told.low,
        high=told.high,
        quoted=row["quoted"],
        charge=row["charge"],
        failure_code=row["failure_code"],
        taken=row["submitted_at"] is not None,
        unit=told.unit,
        seconds=row["request"]["duration"],
    )


def _together(tallies: list[Tally]) -> Tally:
    total = Tally(part=tallies[0].part, unit=tallies[0].unit, outcome=tallies[0].outcome)
    for one in tallies:
        total = total.plus(one)
    return total
