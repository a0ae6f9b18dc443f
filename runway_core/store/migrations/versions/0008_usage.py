"""What providers say was used; and a ledger that the database itself lets nobody change.

A later migration that has to change lines of the ledger drops the triggers first, and makes them again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_MOMENT = sa.DateTime(timezone=True)
_SAYS = "the ledger is only ever added to"
_SQLITE = (
    "CREATE TRIGGER ledger_{act}_refused BEFORE {act} ON ledger "
    f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
)
_POSTGRES = (
    "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$",
    "CREATE TRIGGER ledger_refused BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
)


def upgrade() -> None:
    op.create_table(
        "usage",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("credits", sa.Text(), nullable=False),
        sa.Column("read_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"]),
        sa.PrimaryKeyConstraint("connection_id", "day", "model"),
    )
    op.create_table(
        "usage_reads",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("asked_at", _MOMENT),
        sa.Column("tried_at", _MOMENT),
        sa.Column("read_at", _MOMENT),
        sa.Column("since", sa.Date()),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"]),
        sa.PrimaryKeyConstraint("connection_id"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(act=act))
    else:
        for statement in _POSTGRES:
            op.execute(statement)
