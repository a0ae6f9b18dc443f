"""Budgets over all connections together, and how asking for balances stands."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_MOMENT = sa.DateTime(timezone=True)
_BUDGETS: tuple[tuple[str, Any], ...] = (
    *[(name, sa.Text()) for name in ("id", "connection_id", "period", "amount", "unit")],
    ("hard", sa.Boolean()),
    ("created_at", _MOMENT),
)


def upgrade() -> None:
    _free_budgets()
    op.create_table(
        "balance_asks",
        sa.Column("connection_id", sa.Text(), nullable=False),
        *[sa.Column(name, _MOMENT) for name in ("asked_at", "tried_at", "ended_at")],
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"]),
        sa.PrimaryKeyConstraint("connection_id"),
    )


def _free_budgets() -> None:
    """Make the table anew, as SQLite can't take away that a budget has to be of a connection that there is."""
    columns = [*_BUDGETS, ("person_id", sa.Text())]
    old = sa.table("budgets", *[sa.column(name, kind) for name, kind in columns])
    kept = [dict(row) for row in op.get_bind().execute(sa.select(old)).mappings()]
    op.drop_table("budgets")
    made = op.create_table(
        "budgets",
        *[sa.Column(name, kind, nullable=False) for name, kind in _BUDGETS],
        sa.Column("person_id", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    once = ["connection_id", "person_id", "period"]
    op.create_index("budgets_once", "budgets", once, unique=True)
    if kept:
        op.bulk_insert(made, kept)
