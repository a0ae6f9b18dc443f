"""Connections, tasks and what belongs to them: files, events, what went over the wire, who works on them."""

from __future__ import annotations

import sqlalchemy as sa

from runway_core.store.schema.base import Exact, UtcTime, metadata

connections = sa.Table(
    "connections",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", sa.Text, unique=True),  # case-folded; null once deleted
    sa.Column("profile", sa.Text, nullable=False),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("key_sealed", sa.LargeBinary),
    sa.Column("key_hint", sa.Text, nullable=False, server_default=""),
    sa.Column("unit_price", Exact),
    sa.Column("unit", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("deleted_at", UtcTime),
    sa.Column("options", sa.JSON, nullable=False, server_default="{}"),
    sa.Column(
        "learnt", sa.JSON, nullable=False, server_default="{}"
    ),  # what its provider remembers
    sa.Column("balance", Exact),
    sa.Column("balance_at", UtcTime),
    sa.Column("balance_unit", sa.Text, nullable=False, server_default=""),
    sa.Column("paused", sa.Text, nullable=False, server_default=""),  # why nothing is sent
    sa.Column("model_limits", sa.JSON, nullable=False, server_default="[]"),  # as its provider says
    sa.Column("limits_at", UtcTime),
    sa.Column("hook_secrets_sealed", sa.LargeBinary),  # what its provider signs its calls with
    sa.Column("alert_below", Exact),  # in the unit of the balance
)

assets = sa.Table(
    "assets",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("mime", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, server_default="image"),
    sa.Column("seconds", sa.Float),
    sa.Column("fps", sa.Float),
    sa.Index("assets_newest", "created_at"),
)

_LISTED = ("status", "connection_id", "model", "artifact_state")

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("draft_token", sa.Text, nullable=False, unique=True),
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("connection", sa.Text, nullable=False),
    sa.Column("profile", sa.Text, nullable=False),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("search_text", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("progress", sa.Float),
    sa.Column("remote_id", sa.Text),
    sa.Column("failure", sa.Text, nullable=False, server_default=""),
    sa.Column("failure_code", sa.Text, nullable=False, server_default=""),
    sa.Column("hint", sa.Text, nullable=False, server_default=""),
    sa.Column("said", sa.Text, nullable=False, server_default=""),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("estimate", sa.JSON, nullable=False),
    sa.Column("charge", Exact),
    sa.Column("outputs", sa.JSON, nullable=False),
    sa.Column("artifact_state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("looks", sa.Integer, nullable=False, server_default="0"),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    sa.Column("next_at", UtcTime),  # null when nothing is left to do
    sa.Column("worker_id", sa.Text),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("submitted_at", UtcTime),
    sa.Column("finished_at", UtcTime),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Column("deleted_at", UtcTime),
    sa.Column("quoted", Exact),
    sa.Column("place", sa.Integer, nullable=False, server_default="0"),  # in the line; least first
    sa.Column("sent_at", UtcTime),  # when the create was put on the wire
    sa.Column("model", sa.Text, nullable=False, server_default=""),  # the request's, to count by
    sa.Column("balance_before", Exact),
    sa.Column("balance_before_at", UtcTime),
    sa.Column("balance_after", Exact),
    sa.Column("balance_after_at", UtcTime),
    sa.Column(
        "owner_id", sa.Text, nullable=False, server_default=""
    ),  # empty: nobody's, admins see it
    sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("number", sa.BigInteger),  # when it was asked for, in milliseconds; each its own
    sa.Index("tasks_number", "number", unique=True),
    # Lists and counts are read from these alone, whatever they are narrowed by.
    sa.Index("tasks_listed", "deleted_at", "number", *_LISTED, "owner_id", "shared"),
    sa.Index("tasks_own", "owner_id", "deleted_at", "number", *_LISTED, "shared"),
    sa.Index("tasks_shared", "shared", "deleted_at", "number", *_LISTED, "owner_id"),
    sa.Index("tasks_sharers", "shared", "owner_id", "deleted_at"),
    sa.Index("tasks_status", "status", "deleted_at", "number"),
    sa.Index("tasks_connection", "connection_id", "deleted_at", "number"),
    sa.Index("tasks_model", "model", "deleted_at", "number"),
    sa.Index("tasks_file", "artifact_state", "deleted_at", "number"),
    sa.Index("tasks_due", "next_at"),
    sa.Index("tasks_remote", "connection_id", "remote_id", unique=True),
    sa.Index("tasks_line", "connection_id", "status", "place", "created_at"),
    sa.Index("tasks_sent", "connection_id", "sent_at"),
    sa.Index("tasks_asked", "connection_id", "created_at"),
    sa.Index("tasks_spans", "profile", "model", "finished_at"),
)

task_assets = sa.Table(
    "task_assets",
    metadata,
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.id"), primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True, index=True),
)

asset_people = sa.Table(
    "asset_people",
    metadata,
    sa.Column("sha256", sa.Text, sa.ForeignKey("assets.sha256"), primary_key=True),
    sa.Column("person_id", sa.Text, primary_key=True),  # who brought it in
)

request_times = sa.Table(
    "request_times",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("request_times_window", "connection_id", "at"),
)

artifacts = sa.Table(
    "artifacts",
    metadata,
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("poster", sa.Text, nullable=False),
    sa.Column("mime", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("seconds", sa.Float),
    sa.Column("created_at", UtcTime, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.id"), nullable=False, index=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)

exchanges = sa.Table(
    "exchanges",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.id"), nullable=False, index=True),
    sa.Column("exchange", sa.JSON, nullable=False),
    sa.Column("at", UtcTime, index=True),
    sa.Column(
        "quiet", sa.Boolean, nullable=False, server_default=sa.false()
    ),  # a look that taught nothing new: only the last one is kept
)

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("form", sa.JSON, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("process_started", sa.Text, nullable=False),
    sa.Column("heartbeat_at", UtcTime, nullable=False),
)
