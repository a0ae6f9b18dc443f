"""Tasks as they are read: their rows, and the files that are kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from runway_core.domain import Artifact, ArtifactState, Task
from runway_core.people import Actor
from runway_core.store.query import TaskPage, TaskQuery, listed
from runway_core.store.rows import seen_by
from runway_core.store.schema import artifacts, tasks

_HIDDEN = ("search_text", "worker_id", "deleted_at", "place", "sent_at", "model", "number")
_SHOWN = [c for c in tasks.c if c.name not in _HIDDEN]
# Made once: the engine reads a task before each look, and making the query took longer than running it.
_THERE = sa.select(*_SHOWN).where(tasks.c.deleted_at.is_(None))
BY_ID = _THERE.where(tasks.c.id == sa.bindparam("value"))
"""The task of an id."""
BY_TOKEN = _THERE.where(tasks.c.draft_token == sa.bindparam("value"))
"""The task that a draft became."""


def one_of(sql: sa.Connection, query: sa.Select[Any], value: str, actor: Actor) -> Task | None:
    """The task that `BY_ID` or `BY_TOKEN` finds, if somebody may see it."""
    if not actor.sees_all:
        query = query.where(seen_by(actor))
    found = _tasks(sql, sql.execute(query, {"value": value}).mappings().all())
    return found[0] if found else None


def page_of(sql: sa.Connection, query: TaskQuery, actor: Actor) -> TaskPage:
    """One page of what somebody may see."""
    found = listed(sql, query, actor)
    wanted = _THERE.add_columns(tasks.c.number).where(tasks.c.number.in_(found.numbers))
    rows = {row["number"]: row for row in sql.execute(wanted).mappings()} if found.numbers else {}
    plain = [{k: v for k, v in rows[n].items() if k != "number"} for n in found.numbers]
    return TaskPage(tasks=tuple(_tasks(sql, plain)), total=found.total, more=found.more)


def _tasks(sql: sa.Connection, rows: Sequence[Any]) -> list[Task]:
    ids = [row["id"] for row in rows if row["artifact_state"] != ArtifactState.NONE.value]
    kept: dict[str, list[Artifact]] = {}
    if ids:
        query = sa.select(artifacts).where(artifacts.c.task_id.in_(ids))
        for row in sql.execute(query.order_by(artifacts.c.position)).mappings():
            fields = {k: v for k, v in row.items() if k not in ("task_id", "position")}
            kept.setdefault(row["task_id"], []).append(Artifact(**fields))
    return [Task.model_validate({**row, "artifacts": kept.get(row["id"], ())}) for row in rows]
