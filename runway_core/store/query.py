"""Which tasks to show: filters, and one page of the answer."""

from __future__ import annotations

import sqlalchemy as sa

from runway_core.domain import Noun, Task, TaskStatus
from runway_core.store.schema import tasks as table


class TaskQuery(Noun):
    """Filters of the history page; each is off when empty."""

    text: str = ""
    """Words in the prompt, the model or the task's ids; case does not matter."""
    statuses: frozenset[TaskStatus] = frozenset()
    connection_id: str = ""
    offset: int = 0
    limit: int = 12


class TaskPage(Noun):
    """One page of tasks, newest first."""

    tasks: tuple[Task, ...]
    total: int
    """How many match in all."""


def conditions(query: TaskQuery) -> list[sa.ColumnElement[bool]]:
    """The WHERE of a query; deleted tasks never match."""
    found: list[sa.ColumnElement[bool]] = [table.c.deleted_at.is_(None)]
    words = query.text.casefold().split()
    found += [table.c.search_text.contains(word, autoescape=True) for word in words]
    if query.statuses:
        found.append(table.c.status.in_([status.value for status in query.statuses]))
    if query.connection_id:
        found.append(table.c.connection_id == query.connection_id)
    return found
