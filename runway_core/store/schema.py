"""The tables. Changing one means a new migration beside it; a test holds both together."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

HEAD = "0012"
"""The newest migration; spelled here so that a start need not load Alembic."""

metadata = sa.MetaData()


class UtcTime(sa.TypeDecorator[datetime]):
    """Aware UTC in Python; text that sorts as time in SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(sa.TypeDecorator[Decimal]):
    """A Decimal kept as text, because SQLite has no exact numbers."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Any:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


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

budgets = sa.Table(
    "budgets",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("connection_id", sa.Text, nullable=False),  # empty: of all connections together
    sa.Column("period", sa.Text, nullable=False),  # "day" or "month"
    sa.Column("amount", Exact, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("hard", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("person_id", sa.Text, nullable=False, server_default=""),  # empty: of all together
    sa.Index("budgets_once", "connection_id", "person_id", "period", unique=True),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", UtcTime, nullable=False, index=True),
    sa.Column("task_id", sa.Text, sa.ForeignKey("tasks.id"), nullable=False, index=True),
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("person_id", sa.Text, nullable=False),  # whose the task was at that time
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount", Exact),  # null when nobody knows
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("certainty", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)

tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),  # of UTC, in which the tasks were asked for
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("outcome", sa.Text, primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),
    sa.Column("tasks", sa.Integer, nullable=False),
    sa.Column("priced", sa.Integer, nullable=False),
    sa.Column("unpriced", sa.Integer, nullable=False),
    sa.Column("amount", Exact, nullable=False),
    sa.Column("compared", Exact, nullable=False),
    sa.Column("low", Exact, nullable=False),
    sa.Column("high", Exact, nullable=False),
    sa.Column("seconds", sa.Integer, nullable=False),
)

preferences = sa.Table(
    "preferences",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
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

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", sa.Text, nullable=False, unique=True),  # case-folded
    sa.Column("email", sa.Text, nullable=False, server_default=""),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),  # bcrypt; empty lets nobody in
    sa.Column("shares", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("disabled_at", UtcTime),
    sa.Column("password_until", UtcTime),  # of one that an admin has given; null for one's own
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),  # SHA-256; the token is in the cookie alone
    sa.Column("id", sa.Text, nullable=False, unique=True),  # to name one without its token
    sa.Column("person_id", sa.Text, sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("browser", sa.Text, nullable=False),  # such as "Firefox on Linux"
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
)

sign_in_codes = sa.Table(
    "sign_in_codes",
    metadata,
    sa.Column("code_hash", sa.Text, primary_key=True),
    sa.Column("browser_hash", sa.Text, nullable=False),  # of the cookie that the form was shown to
    sa.Column("person_id", sa.Text, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
)

sign_in_delays = sa.Table(
    "sign_in_delays",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),  # hash of a name or an address
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", UtcTime, nullable=False, index=True),
    sa.Column("person_id", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),  # their name at that time
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)

usage = sa.Table(
    "usage",
    metadata,
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),  # of UTC, as the provider counts
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("credits", Exact, nullable=False),  # negative when more was given back than used
    sa.Column("read_at", UtcTime, nullable=False),
)

usage_reads = sa.Table(
    "usage_reads",
    metadata,
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("asked_at", UtcTime),  # when a person last wished for it
    sa.Column("tried_at", UtcTime),
    sa.Column("read_at", UtcTime),  # when the provider last told
    sa.Column("since", sa.Date),  # the first day that it has told of
    sa.Column("problem", sa.Text, nullable=False, server_default=""),  # why it did not tell
)

shelf = sa.Table(
    "shelf",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),  # empty: nobody's who signs in
    sa.Column("kind", sa.Text, primary_key=True),  # what is kept: a draft, a prompt
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
)

own_preferences = sa.Table(
    "own_preferences",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),  # empty: whoever uses an app without people
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
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

balance_asks = sa.Table(
    "balance_asks",
    metadata,
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("asked_at", UtcTime),  # when a person last wished to know
    sa.Column("tried_at", UtcTime),
    sa.Column("ended_at", UtcTime),  # when it was told, or not
    sa.Column("problem", sa.Text, nullable=False, server_default=""),  # why it was not told
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
