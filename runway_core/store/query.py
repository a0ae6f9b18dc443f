"""Which tasks to show: filters, and one page of the answer.

However many tasks there are, one page reads only the part of an index that it shows, and so much beside: it counts
up to `COUNTED`, and looks through at most `READ` where no index has the order or the words that are asked for. What is
then not looked at is said. Each filter by itself is an index; several are read from one that has them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from runway_core.domain import ArtifactState, Noun, Task, TaskStatus
from runway_core.people import Actor
from runway_core.store.numbers import milliseconds
from runway_core.store.rows import by_index, seen_by
from runway_core.store.schema import labels
from runway_core.store.schema import tasks as table
from runway_core.store.search import folded, has_words, hits, words_of

__all__ = ["COUNTED", "READ", "Sort", "TaskPage", "TaskQuery", "conditions", "folded", "listed"]

COUNTED = 10_000
"""How far matching tasks are counted."""
READ = 1000
"""Tasks that are looked through for words that many have, and for an order that no index has."""

Sort = Literal["newest", "oldest", "dearest", "longest"]


class TaskQuery(Noun):
    """Filters of the history page; each is off when empty."""

    text: str = ""
    """Words in the prompt, the note, the tags, the model, the connection's name or the task's ids; case does not
    matter."""
    statuses: frozenset[TaskStatus] = frozenset()
    connection_id: str = ""
    model: str = ""
    owner_id: str | None = None
    """Whose; that of what nobody in particular has made is empty, so None is for everybody's."""
    not_owner_id: str | None = None
    """Whose to leave out."""
    since: datetime | None = None
    """Asked for at this moment or later."""
    until: datetime | None = None
    """Asked for before this moment."""
    tag: str = ""
    mark: str = ""
    file: ArtifactState | None = None
    sort: Sort = "newest"
    offset: int = 0
    limit: int = 12


class TaskPage(Noun):
    """One page of tasks."""

    tasks: tuple[Task, ...]
    total: int
    """How many match in all."""
    more: bool = False
    """Whether there are more than that: they were not counted, or older ones not looked through."""


class Listed(NamedTuple):
    """The numbers of one page's tasks, in order."""

    numbers: list[int]
    total: int
    more: bool


class _Part(NamedTuple):
    """Tasks that one index gives in the order of their numbers."""

    where: list[sa.ColumnElement[bool]]
    by: str
    """The name of its index."""
    label: str = ""
    """That they are listed under, when it is the label's index that gives them."""


def label_of(kind: Literal["mark", "tag"], value: str) -> str:
    """What tasks of one mark, or with one tag, are listed under."""
    return f"{kind}:{folded(value)}"


def conditions(query: TaskQuery) -> list[sa.ColumnElement[bool]]:
    """The WHERE of a query, without what the acting person may see; deleted tasks never match."""
    found: list[sa.ColumnElement[bool]] = [table.c.deleted_at.is_(None)]
    found += has_words(words_of(query.text))
    if query.statuses:
        found.append(table.c.status.in_(sorted(status.value for status in query.statuses)))
    if query.connection_id:
        found.append(table.c.connection_id == query.connection_id)
    if query.model:
        found.append(table.c.model == query.model)
    if query.file:
        found.append(table.c.artifact_state == query.file.value)
    if query.owner_id is not None:
        found.append(table.c.owner_id == query.owner_id)
    if query.not_owner_id is not None:
        found.append(table.c.owner_id != query.not_owner_id)
    first, last = _between(query)
    if first is not None:
        found.append(table.c.number >= first)
    if last is not None:
        found.append(table.c.number < last)
    return found + [_has(label) for label in _labels(query)]


def listed(sql: sa.Connection, query: TaskQuery, actor: Actor) -> Listed:
    """One page of what matches and the acting person may see."""
    end = query.offset + query.limit
    if query.sort in _KEYS:
        newest = query.model_copy(update={"sort": "newest"})
        found = _found(sql, newest, actor, READ + 1, far=READ)
        numbers, more = found.numbers[:READ], found.more or len(found.numbers) > READ
        numbers = _sorted(sql, numbers, _KEYS[query.sort])
        return Listed(numbers[query.offset : end], len(numbers), more)
    found = _found(sql, query, actor, end + 1)
    return Listed(found.numbers[query.offset : end], found.total, found.more)


def _found(
    sql: sa.Connection, query: TaskQuery, actor: Actor, most: int, *, far: int = COUNTED
) -> Listed:
    """At least the first `most` of all that match; they are counted up to `far`."""
    words = words_of(query.text)
    if not words:
        return _read(sql, list(_parts(query, actor)), query, most, far=far)
    oldest = query.sort == "oldest"
    known = hits(sql, words, between=_between(query), oldest_first=oldest, limit=READ + 1)
    if len(known) > READ:
        # Many have the words. Where the rest of the query leaves few, those are looked through instead.
        others = list(_parts(query.model_copy(update={"text": ""}), actor))
        if sum(_count(sql, part, READ + 1) for part in others) <= READ:
            return _read(sql, list(_parts(query, actor)), query, max(most, READ), far=READ)
    numbers = _those(sql, known[:READ], query, actor)
    return Listed(numbers, len(numbers), len(known) > READ)


def _those(sql: sa.Connection, known: list[int], query: TaskQuery, actor: Actor) -> list[int]:
    """Of these numbers those whose tasks match."""
    if not known:
        return []
    where = [*conditions(query), seen_by(actor), table.c.number.in_(known)]
    wanted = by_index(sa.select(table.c.number), "tasks_number").where(*where)
    return sorted(sql.execute(wanted).scalars(), reverse=query.sort != "oldest")


def _read(
    sql: sa.Connection, parts: list[_Part], query: TaskQuery, most: int, *, far: int
) -> Listed:
    ascending = query.sort == "oldest"
    numbers: list[int] = []
    for part in parts:
        wanted = _of(part).order_by(_number(part).asc() if ascending else _number(part).desc())
        numbers += sql.execute(wanted.limit(most)).scalars()
    numbers.sort(reverse=not ascending)
    if len(numbers) < most:
        return Listed(numbers, len(numbers), False)
    # What a label has is read from the table itself, so less far.
    far = max(min(far, READ) if any(part.label for part in parts) else far, most - 1)
    counted = far + 1 if far < most else sum(_count(sql, part, far + 1) for part in parts)
    return Listed(numbers[:most], min(counted, far), counted > far)


def _count(sql: sa.Connection, part: _Part, most: int) -> int:
    some = _of(part).limit(most).subquery()
    return int(sql.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def _of(part: _Part) -> sa.Select[Any]:
    query = sa.select(_number(part))
    if part.label:
        both = labels.join(table, table.c.number == labels.c.number)
        query = query.select_from(both).where(labels.c.label == part.label)
    return by_index(query, part.by).where(*part.where)


def _number(part: _Part) -> sa.Column[Any]:
    return labels.c.number if part.label else table.c.number


def _parts(query: TaskQuery, actor: Actor) -> Iterator[_Part]:
    """What the query finds among what the acting person may see, in parts that have no task in common."""
    first = _labels(query)[:1]
    if first:
        rest = query.model_copy(update={"tag" if folded(query.tag) else "mark": ""})
        yield _Part([*conditions(rest), seen_by(actor)], "tasks_number", *first)
        return
    where = conditions(query)
    if actor.sees_all:
        yield _Part(where, _index(query, "tasks_own" if query.owner_id is not None else ""))
        return
    mine, shown = table.c.owner_id == actor.id, table.c.shared == sa.true()
    if query.owner_id not in (None, actor.id):
        yield _Part([*where, shown], _index(query, "tasks_own"))
        return
    if query.not_owner_id != actor.id:
        yield _Part([*where, mine], _index(query, "tasks_own"))
    if query.owner_id is None:
        yield _Part([*where, shown, ~mine], _index(query, "tasks_shared"))


def _index(query: TaskQuery, whose: str) -> str:
    """Which index has the tasks of a query in their order with the fewest others between them."""
    if query.statuses and not any(status in _MANY for status in query.statuses):
        return "tasks_status"
    if whose:
        return whose
    given = {
        "tasks_status": bool(query.statuses),
        "tasks_connection": bool(query.connection_id),
        "tasks_model": bool(query.model),
        "tasks_file": query.file is not None,
        "tasks_listed": len(query.statuses) > 1,
    }
    names = [name for name, is_given in given.items() if is_given]
    return names[0] if len(names) == 1 else "tasks_listed"


def _labels(query: TaskQuery) -> list[str]:
    """The label that fewer tasks have comes first."""
    found = [label_of("tag", query.tag)] if folded(query.tag) else []
    return found + ([label_of("mark", query.mark)] if query.mark else [])


def _has(label: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(labels.c.label == label, labels.c.number == table.c.number)


def _between(query: TaskQuery) -> tuple[int | None, int | None]:
    since, until = (None if at is None else milliseconds(at) for at in (query.since, query.until))
    return since, until


def _sorted(sql: sa.Connection, numbers: list[int], key: Callable[[sa.Row[Any]], Any]) -> list[int]:
    """Numbers with the greatest first; those of which nothing is known last, each in the order they came in."""
    columns = (table.c.number, table.c.charge, table.c.quoted, table.c.estimate)
    times = (table.c.created_at, table.c.finished_at)
    wanted = by_index(sa.select(*columns, *times), "tasks_number").where(
        table.c.number.in_(numbers)
    )
    keys = {row.number: key(row) for row in sql.execute(wanted)} if numbers else {}
    known = [number for number in numbers if keys[number] is not None]
    known.sort(key=lambda number: keys[number], reverse=True)
    return known + [number for number in numbers if keys[number] is None]


def _cost(row: Any) -> Decimal | None:
    """In US dollars where the price was known in them, as units of different providers can't be compared."""
    high, dollars = (_decimal(row.estimate.get(name)) for name in ("high", "usd_high"))
    spent = row.charge if row.charge is not None else row.quoted
    spent = high if spent is None else spent
    if spent is None or not high or dollars is None:
        return None
    return Decimal(spent) * dollars / high


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _wait(row: Any) -> Any:
    return None if row.finished_at is None else row.finished_at - row.created_at


_KEYS: dict[str, Callable[[sa.Row[Any]], Any]] = {"dearest": _cost, "longest": _wait}
_MANY = frozenset({TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED})
"""States in which tasks stay: the others have few at any time."""
