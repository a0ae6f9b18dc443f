"""What people keep beside tasks: marks, tags, notes, drafts and views; and batches."""

from __future__ import annotations

import sqlalchemy as sa

from runway_core.store.schema.base import Exact, UtcTime, metadata

shelf = sa.Table(
    "shelf",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),  # empty: nobody's who signs in
    sa.Column("kind", sa.Text, primary_key=True),  # what is kept: a draft, a prompt
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("token", sa.Text, nullable=False, unique=True),  # of the list that was confirmed
    sa.Column("owner_id", sa.Text, nullable=False, server_default=""),
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("connection", sa.Text, nullable=False),  # its name at that time
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Index("batches_state", "state"),
    sa.Index("batches_own", "owner_id", "created_at"),
    sa.Index("batches_newest", "created_at"),
)

batch_rows = sa.Table(
    "batch_rows",
    metadata,
    sa.Column("batch_id", sa.Text, sa.ForeignKey("batches.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("row", sa.Integer, nullable=False),  # as the list counts
    sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.id")),  # that it has become
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("estimate", sa.JSON, nullable=False),  # as it was confirmed
    sa.Column("most", Exact),  # that it may cost; null when nobody knows
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False, server_default=""),  # it can't be made as it is
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Index("batch_rows_state", "batch_id", "state", "position"),
    sa.Index("batch_rows_task", "task_id"),
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.id"), primary_key=True),
    sa.Column("mark", sa.Text, nullable=False, server_default=""),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("tags", sa.JSON, nullable=False, server_default="[]"),  # as they were written
    sa.Column("updated_at", UtcTime, nullable=False),
)

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("label", sa.Text, primary_key=True),  # "mark:" and "tag:", and which one
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),  # the task's
)

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),  # who has used it
    sa.Column("label", sa.Text, primary_key=True),
    sa.Column("tag", sa.Text, nullable=False),  # as they write it
    sa.Column("used_at", UtcTime, nullable=False),
)
