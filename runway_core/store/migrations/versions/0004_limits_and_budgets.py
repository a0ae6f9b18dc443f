"""What a plan allows, budgets, pauses, callbacks, and the balance around an uncertain charge."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("tasks", sa.Column("model", sa.Text(), server_default="", nullable=False))
    for name in ("balance_before", "balance_after"):
        op.add_column("tasks", sa.Column(name, sa.Text()))
        op.add_column("tasks", sa.Column(f"{name}_at", sa.DateTime(timezone=True)))
    sqlite = op.get_bind().dialect.name == "sqlite"
    model = "json_extract(request, '$.model')" if sqlite else "request->>'model'"
    op.execute(f"UPDATE tasks SET model = coalesce({model}, '')")  # noqa: S608 - both are ours
    op.create_index("tasks_asked", "tasks", ["connection_id", "created_at"])
    op.create_index("tasks_spans", "tasks", ["profile", "model", "finished_at"])
    op.add_column("connections", sa.Column("paused", sa.Text(), server_default="", nullable=False))
    limits = sa.Column("model_limits", sa.JSON(), server_default="[]", nullable=False)
    op.add_column("connections", limits)
    op.add_column("connections", sa.Column("limits_at", sa.DateTime(timezone=True)))
    op.add_column("connections", sa.Column("hook_secrets_sealed", sa.LargeBinary()))
    op.create_table(
        "budgets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("budgets_once", "budgets", ["connection_id", "period"], unique=True)
    op.create_table(
        "preferences",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
