"""Which tasks to show: filters, and one page of the answer."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa

from runway_core.domain import Noun, Task, TaskStatus
from runway_core.store.schema import tasks as table


class TaskQuery(Noun):
    """Filters of the history page; each is off when empty."""

    text: str = ""
    """Words in the prompt, the model, the connection's name or the task's ids; case does not matter."""
    statuses: frozenset[TaskStatus] = frozenset()
    connection_id: str = ""
    owner_id: str | None = None
    """Whose; that of what nobody in particular has made is empty, so None is for everybody's."""
    not_owner_id: str | None = None
    """Whose to leave out."""
    offset: int = 0
    limit: int = 12


class TaskPage(Noun):
    """One page of tasks, newest first."""

    tasks: tuple[Task, ...]
    total: int
    """How many match in all."""


_TEXT_MAX = 1000
"""Characters of a search that count: SQLite refuses a condition of thousands of words."""


def folded(text: str) -> str:
    """Text as it is compared: one case, one spelling of each character, the Turkish i without its dot."""
    clean = text.encode("utf-8", "replace").decode().replace("\0", " ")  # PostgreSQL has no NUL
    one = unicodedata.normalize("NFKD", clean).casefold()
    one = one.replace("i\u0307", "i").replace("\u0131", "i")
    return " ".join(unicodedata.normalize("NFKC", one).split())


def conditions(query: TaskQuery) -> list[sa.ColumnElement[bool]]:
    """The WHERE of a query; deleted tasks never match."""
    found: list[sa.ColumnElement[bool]] = [table.c.deleted_at.is_(None)]
    # The remote id is looked at apart: search_text is written before the provider gives one.
    found += [
        table.c.search_text.contains(word, autoescape=True)
        | sa.func.lower(table.c.remote_id).contains(word, autoescape=True)
        for word in folded(query.text)[:_TEXT_MAX].split()
    ]
    if query.statuses:
        found.append(table.c.status.in_([status.value for status in query.statuses]))
    if query.connection_id:
        found.append(table.c.connection_id == query.connection_id)
    if query.owner_id is not None:
        found.append(table.c.owner_id == query.owner_id)
    if query.not_owner_id is not None:
        found.append(table.c.owner_id != query.not_owner_id)
    return found
