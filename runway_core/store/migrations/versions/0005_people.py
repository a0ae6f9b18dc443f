"""People, their sessions and the audit log; whose a task, a file and a budget is."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _mark_tasks()
    _make_people()
    op.add_column("budgets", sa.Column("person_id", sa.Text(), server_default="", nullable=False))
    op.drop_index("budgets_once", "budgets")
    once = ["connection_id", "person_id", "period"]
    op.create_index("budgets_once", "budgets", once, unique=True)


def _mark_tasks() -> None:
    op.add_column("tasks", sa.Column("owner_id", sa.Text(), server_default="", nullable=False))
    shared: sa.Column[bool] = sa.Column(
        "shared", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("tasks", shared)
    op.create_index("tasks_own", "tasks", ["owner_id", "deleted_at", "created_at"])
    op.create_index("tasks_shared", "tasks", ["shared", "deleted_at", "created_at"])
    op.create_table(
        "task_assets",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"]),
        sa.PrimaryKeyConstraint("task_id", "sha256"),
    )
    op.create_index("ix_task_assets_sha256", "task_assets", ["sha256"])
    op.create_table(
        "asset_people",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["assets.sha256"]),
        sa.PrimaryKeyConstraint("sha256", "person_id"),
    )
    _note_assets()


def _note_assets() -> None:
    """Which files each recorded request uses."""
    sql = op.get_bind()
    tasks = sa.table("tasks", sa.column("id", sa.Text), sa.column("request", sa.JSON))
    uses = sa.table("task_assets", sa.column("task_id", sa.Text), sa.column("sha256", sa.Text))
    for row in sql.execute(sa.select(tasks.c.id, tasks.c.request)).all():
        asked = json.loads(row.request) if isinstance(row.request, str) else row.request
        sent = [*asked.get("frames", ()), *asked.get("media", ())]
        kept = {file["uri"][6:] for file in sent if file.get("uri", "").startswith("asset:")}
        for sha256 in sorted(kept):
            sql.execute(sa.insert(uses).values(task_id=row.id, sha256=sha256))


def _make_people() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "people",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("shares", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("disabled_at", moment),
        sa.Column("password_until", moment),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name_key"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_table(
        "sign_in_codes",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("browser_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_table(
        "sign_in_delays",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
