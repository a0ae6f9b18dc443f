"""What every reader and writer of rows holds: the database, and the person it acts for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from runway_core.people import Actor
from runway_core.store.database import Database
from runway_core.store.schema import tasks


class Rows:
    """Rows of one kind, as one person may see and change them."""

    def __init__(self, database: Database, actor: Actor) -> None:
        self._db = database
        self.actor = actor


def seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Tasks that somebody may see: their own, and those that are shared."""
    if actor.sees_all:
        return sa.true()
    return (tasks.c.owner_id == actor.id) | tasks.c.shared


def owned_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Tasks that somebody may change."""
    return sa.true() if actor.sees_all else tasks.c.owner_id == actor.id


def task_seen_by(actor: Actor, task_id: str) -> sa.ColumnElement[bool]:
    """Whether somebody may see one task; for rows that belong to it."""
    if actor.sees_all:
        return sa.true()
    return sa.exists().where(tasks.c.id == task_id, seen_by(actor))


def by_index(query: sa.Select[Any], index: str) -> sa.Select[Any]:
    """Read tasks by one index: SQLite keeps no figures by which it could tell the best, and takes whose they are
    for rarer than what they are waiting for. PostgreSQL does, and chooses by itself."""
    return query.with_hint(tasks, f"INDEXED BY {index}", "sqlite")
