"""What people think of videos: marks, notes and tags; and deleting many at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from runway_core.domain import Artifact, Noun, TaskStatus
from runway_core.people import Right, needs
from runway_core.store.database import Database
from runway_core.store.query import label_of
from runway_core.store.rows import Rows, by_index, owned_by, seen_by
from runway_core.store.schema import artifacts, labels, reviews, tags, tasks
from runway_core.store.search import folded, index_again

TAGS_SHOWN = 200
"""Tags that somebody is offered, the last one used first."""


class Mark(StrEnum):
    """What becomes of a video."""

    KEEP = "keep"
    MAYBE = "maybe"
    REJECT = "reject"


class Review(Noun):
    """What people think of one video."""

    mark: Mark | None = None
    note: str = ""
    tags: tuple[str, ...] = ()
    """As they were first written; compared as in a search."""


class Change(Noun):
    """What is to be changed of reviews; None and empty leave as it is."""

    mark: Mark | None = None
    unmark: bool = False
    note: str | None = None
    add: tuple[str, ...] = ()
    """Tags."""
    drop: tuple[str, ...] = ()

    def made_to(self, old: Review) -> Review:
        """A review with the change."""
        gone = {folded(tag) for tag in self.drop}
        found = {folded(tag): tag for tag in (*self.add, *old.tags) if folded(tag) not in gone}
        kept = [found.pop(folded(tag)) for tag in old.tags if folded(tag) in found]
        mark = None if self.unmark else self.mark or old.mark
        note = old.note if self.note is None else self.note
        return Review(mark=mark, note=note, tags=(*kept, *found.values()))


class ReviewRows(Rows):
    """Reads and writes reviews."""

    @needs(Right.LOOK)
    def of(self, task_ids: Collection[str]) -> dict[str, Review]:
        """By id those of the tasks that are there to be seen."""
        query = _THERE.where(tasks.c.id.in_(task_ids), seen_by(self.actor))
        with self._db.read() as sql:
            return {row.id: _review(row) for row in sql.execute(query)} if task_ids else {}

    @needs(Right.MAKE)
    def change(self, task_ids: Collection[str], change: Change, now: datetime) -> int:
        """Change the reviews of those of these tasks that the acting person may change; how many those are."""
        mine = _THERE.where(tasks.c.id.in_(task_ids), owned_by(self.actor))
        with self._db.write() as sql:
            rows = sql.execute(mine).all()
            for row in rows:
                old = _review(row)
                _write(self._db, sql, row, old, change.made_to(old), now)
            self._remember(sql, change.add, now)
            for tag in change.drop:
                self._forget_unused(sql, tag)
        return len(rows)

    @needs(Right.LOOK)
    def tags(self) -> list[str]:
        """The tags that the acting person has used, the last one first."""
        mine = sa.select(tags.c.tag).where(tags.c.person_id == self.actor.id)
        with self._db.read() as sql:
            query = mine.order_by(tags.c.used_at.desc(), tags.c.label).limit(TAGS_SHOWN)
            return list(sql.execute(query).scalars())

    @needs(Right.MAKE)
    def hide(self, task_ids: Collection[str], now: datetime) -> dict[str, list[Artifact]]:
        """Delete from view those of these tasks that the acting person may change and that have ended.

        Gives the files that were kept of each, by id.
        """
        ended = [status.value for status in TaskStatus if status.is_terminal]
        hide = (
            sa.update(tasks)
            .where(
                tasks.c.id.in_(task_ids),
                tasks.c.deleted_at.is_(None),
                tasks.c.status.in_(ended),
                tasks.c.next_at.is_(None),  # its file is not being fetched
                owned_by(self.actor),
            )
            .values(deleted_at=now)
            .returning(tasks.c.id)
        )
        with self._db.write() as sql:
            found: dict[str, list[Artifact]] = {i: [] for i in sql.execute(hide).scalars()}
            kept = sa.select(artifacts).where(artifacts.c.task_id.in_(found))
            for row in sql.execute(kept.order_by(artifacts.c.position)).mappings():
                fields = {k: v for k, v in row.items() if k not in ("task_id", "position")}
                found[row["task_id"]].append(Artifact(**fields))
            sql.execute(sa.delete(artifacts).where(artifacts.c.task_id.in_(found)))
        return found

    def _remember(self, sql: sa.Connection, used: Sequence[str], now: datetime) -> None:
        for tag in used:
            key = {"person_id": self.actor.id, "label": label_of("tag", tag)}
            statement = self._db.insert(tags).values(**key, tag=tag, used_at=now)
            again = statement.on_conflict_do_update(index_elements=list(key), set_={"used_at": now})
            sql.execute(again)

    def _forget_unused(self, sql: sa.Connection, tag: str) -> None:
        """Offer a tag no more that no video has."""
        label = label_of("tag", tag)
        used = sa.select(labels.c.number).where(labels.c.label == label).limit(1)
        if sql.execute(used).first() is None:
            sql.execute(sa.delete(tags).where(tags.c.label == label))


_THERE = by_index(
    sa.select(tasks.c.id, tasks.c.number, reviews.c.mark, reviews.c.note, reviews.c.tags)
    .select_from(tasks.outerjoin(reviews, reviews.c.task_id == tasks.c.id))
    .where(tasks.c.deleted_at.is_(None)),
    "sqlite_autoindex_tasks_1",  # SQLite's own, of the primary key
)


def _review(row: Any) -> Review:
    mark = Mark(row.mark) if row.mark else None
    return Review(mark=mark, note=row.note or "", tags=tuple(row.tags or ()))


def _write(
    db: Database, sql: sa.Connection, row: Any, old: Review, new: Review, now: datetime
) -> None:
    if new == old:
        return
    fields = {"mark": new.mark or "", "note": new.note, "tags": list(new.tags), "updated_at": now}
    statement = db.insert(reviews).values(task_id=row.id, **fields)
    sql.execute(statement.on_conflict_do_update(index_elements=["task_id"], set_=fields))
    before, after = _labels(old), _labels(new)
    for label in before - after:
        gone = (labels.c.label == label) & (labels.c.number == row.number)
        sql.execute(sa.delete(labels).where(gone))
    for label in after - before:
        sql.execute(sa.insert(labels).values(label=label, number=row.number))
    index_again(sql, row.id)


def _labels(review: Review) -> set[str]:
    found = {label_of("tag", tag) for tag in review.tags}
    return found | ({label_of("mark", review.mark)} if review.mark else set())
