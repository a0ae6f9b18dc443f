"""Budgets, the ledger and its running sums, and what providers say was used."""

from __future__ import annotations

import sqlalchemy as sa

from runway_core.store.schema.base import Exact, UtcTime, metadata

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

balance_asks = sa.Table(
    "balance_asks",
    metadata,
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("asked_at", UtcTime),  # when a person last wished to know
    sa.Column("tried_at", UtcTime),
    sa.Column("ended_at", UtcTime),  # when it was told, or not
    sa.Column("problem", sa.Text, nullable=False, server_default=""),  # why it was not told
)
