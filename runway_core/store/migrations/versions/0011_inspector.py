"""When an exchange was, so that old ones go; what each person has chosen for themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("exchanges", sa.Column("at", sa.DateTime(timezone=True)))
    quiet: sa.Column[bool] = sa.Column(
        "quiet", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("exchanges", quiet)
    # To the day is good enough for what only tells how old it is.
    op.execute(
        "UPDATE exchanges SET at = (SELECT created_at FROM tasks WHERE tasks.id = exchanges.task_id)"
    )
    op.create_index("ix_exchanges_at", "exchanges", ["at"])
    op.create_table(
        "own_preferences",
        sa.Column("person_id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
