"""The ledger and the running sums, with what is known of the tasks so far; below which balance to say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from runway_core.domain import TaskStatus
from runway_core.pricing import Counted, Line, Tally, lines, tally

revision = "0006"
down_revision = "0005"

_AT_ONCE = 2000
"""Tasks that are read together."""
_MOMENT = sa.DateTime(timezone=True)
_TASKS = sa.table(
    "tasks",
    *[sa.column(name, sa.Text) for name in ("id", "connection_id", "owner_id", "model", "status")],
    *[sa.column(name, sa.Text) for name in ("quoted", "charge", "failure_code")],
    *[sa.column(f"{name}_at", _MOMENT) for name in ("created", "submitted", "finished", "updated")],
    *[sa.column(name, sa.JSON) for name in ("estimate", "request")],
)
Key = tuple[str, date, str, str]
Sums = dict[tuple[Key, str, str, str], Tally]


def upgrade() -> None:
    op.add_column("connections", sa.Column("alert_below", sa.Text()))
    ledger = op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        *_texts("task_id", "connection_id", "person_id", "model", "kind"),
        sa.Column("amount", sa.Text()),
        *_texts("unit", "certainty", "why"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"]),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    key = ("person_id", "model", "unit", "outcome", "part")
    tallies = op.create_table(
        "tallies",
        *_texts("connection_id"),
        sa.Column("day", sa.Date(), nullable=False),
        *_texts(*key),
        *[
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("tasks", "priced", "unpriced")
        ],
        *_texts("amount", "compared", "low", "high"),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"]),
        sa.PrimaryKeyConstraint("connection_id", "day", *key),
    )
    _fill(op.get_bind(), ledger, tallies)
    op.create_index("ix_ledger_at", "ledger", ["at"])
    op.create_index("ix_ledger_task_id", "ledger", ["task_id"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _fill(sql: sa.Connection, ledger: sa.Table, tallies: sa.Table) -> None:
    """Write for each task what would have been written when it was asked for and when it ended."""
    sums: Sums = {}
    for found in _pieces(sql):
        rows = [line for task in found for line in _history(task, sums)]
        sql.execute(sa.insert(ledger), rows)
    rows = [_sum_row(key, total) for (key, *_), total in sums.items()]
    if rows:
        sql.execute(sa.insert(tallies), rows)


def _pieces(sql: sa.Connection) -> Iterator[Sequence[Any]]:
    estimate, request = _TASKS.c.estimate, _TASKS.c.request
    told = [estimate[name].as_string().label(name) for name in ("low", "high", "unit", "source")]
    plain = [column for column in _TASKS.c if column not in (estimate, request)]
    wanted = sa.select(*plain, *told, request["duration"].as_integer().label("seconds"))
    last = ""
    while True:
        after = wanted.where(_TASKS.c.id > last).order_by(_TASKS.c.id).limit(_AT_ONCE)
        found = sql.execute(after).all()
        if not found:
            return
        yield found
        last = found[-1].id


def _history(task: Any, sums: Sums) -> Iterator[dict[str, Any]]:
    now = Counted(
        status=task.status,
        low=task.low,
        high=task.high,
        quoted=task.quoted,
        charge=task.charge,
        failure_code=task.failure_code,
        taken=task.submitted_at is not None,
        unit=task.unit or "",
        seconds=task.seconds or 0,
    )
    asked = Counted(status=TaskStatus.QUEUED, low=now.low, high=now.high, unit=now.unit)
    for line in lines(None, asked, source=task.source or ""):
        yield _row(task, line, task.created_at)
    for line in lines(asked, now):
        yield _row(task, line, task.finished_at or task.updated_at)
    own = tally(now)
    key = (task.connection_id, _day(task.created_at), task.owner_id, task.model)
    cell = (key, own.unit, own.outcome, own.part)
    empty = Tally(part=own.part, unit=own.unit, outcome=own.outcome)
    sums[cell] = sums.get(cell, empty).plus(own)


def _row(task: Any, line: Line, at: datetime) -> dict[str, Any]:
    return line.model_dump() | {
        "amount": None if line.amount is None else str(line.amount),
        "at": at,
        "task_id": task.id,
        "connection_id": task.connection_id,
        "person_id": task.owner_id,
        "model": task.model,
    }


def _day(moment: datetime) -> date:
    """SQLite gives times of UTC without saying so, PostgreSQL those of its own zone."""
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()


def _sum_row(key: Key, total: Tally) -> dict[str, Any]:
    place = dict(zip(("connection_id", "day", "person_id", "model"), key, strict=True))
    amounts = {name: str(getattr(total, name)) for name in ("amount", "compared", "low", "high")}
    return place | total._asdict() | amounts
