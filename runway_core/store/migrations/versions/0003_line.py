"""The waiting line of each connection, the times of its requests, and the unit of its balance."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    unit = sa.Column("balance_unit", sa.Text(), server_default="", nullable=False)
    op.add_column("connections", unit)
    place = sa.Column("place", sa.Integer(), server_default="0", nullable=False)
    op.add_column("tasks", place)
    op.add_column("tasks", sa.Column("sent_at", sa.DateTime(timezone=True)))
    op.create_index("tasks_line", "tasks", ["connection_id", "status", "place", "created_at"])
    op.create_index("tasks_sent", "tasks", ["connection_id", "sent_at"])
    op.create_table(
        "request_times",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("request_times_window", "request_times", ["connection_id", "at"])
