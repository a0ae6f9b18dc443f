"""The tables. Changing one means a new migration beside it; a test holds both together."""

from __future__ import annotations

from runway_core.store.schema.base import Exact, UtcTime, metadata
from runway_core.store.schema.money import (
    balance_asks,
    budgets,
    ledger,
    tallies,
    usage,
    usage_reads,
)
from runway_core.store.schema.people import (
    audit,
    own_preferences,
    people,
    preferences,
    sessions,
    sign_in_codes,
    sign_in_delays,
)
from runway_core.store.schema.review import (
    batch_rows,
    batches,
    labels,
    reviews,
    shelf,
    tags,
)
from runway_core.store.schema.tasks import (
    artifacts,
    asset_people,
    assets,
    connections,
    drafts,
    events,
    exchanges,
    request_times,
    task_assets,
    tasks,
    workers,
)

__all__ = [
    "HEAD",
    "Exact",
    "UtcTime",
    "artifacts",
    "asset_people",
    "assets",
    "audit",
    "balance_asks",
    "batch_rows",
    "batches",
    "budgets",
    "connections",
    "drafts",
    "events",
    "exchanges",
    "labels",
    "ledger",
    "metadata",
    "own_preferences",
    "people",
    "preferences",
    "request_times",
    "reviews",
    "sessions",
    "shelf",
    "sign_in_codes",
    "sign_in_delays",
    "tags",
    "tallies",
    "task_assets",
    "tasks",
    "usage",
    "usage_reads",
    "workers",
]

HEAD = "0012"
"""The newest migration; spelled here so that a start need not load Alembic."""
