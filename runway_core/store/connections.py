"""Connections, each with its sealed key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from runway_core.domain import Connection, ModelLimit, TaskStatus
from runway_core.people import Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import connections as table
from runway_core.store.schema import tasks

_HIDDEN = (
    "name_key",
    "key_sealed",
    "learnt",
    "deleted_at",
    "hook_secrets_sealed",
)
_SHOWN = [c for c in table.c if c.name not in _HIDDEN]


def pause(sql: sa.Connection, connection_id: str, why: str) -> bool:
    """`ConnectionRows.pause` within a transaction."""
    works = (table.c.id == connection_id) & (table.c.paused == "")
    return sql.execute(sa.update(table).where(works).values(paused=why)).rowcount > 0


def all_ever(sql: sa.Connection) -> list[Connection]:
    """Every connection, deleted ones too: what was made with them still counts."""
    return [Connection(**row) for row in sql.execute(sa.select(*_SHOWN)).mappings()]


def name_key(name: str) -> str:
    """Two names are the same when this is."""
    return " ".join(name.split()).casefold()


class ConnectionRows(Rows):
    """Reads and writes connections."""

    @needs(Right.MANAGE)
    def add(self, connection: Connection, *, key_sealed: bytes | None) -> bool:
        """Add it; False when the name is taken."""
        row = connection.model_dump() | {
            "name_key": name_key(connection.name),
            "key_sealed": key_sealed,
        }
        with self._db.write(alone=True) as sql:
            if self._taken(sql, row["name_key"], connection.id):
                return False
            sql.execute(sa.insert(table).values(row))
        return True

    @needs(Right.RUN)
    def add_once(self, connection: Connection) -> None:
        """Add it unless its id was ever here, deleted since or not, or its name is taken."""
        row = connection.model_dump() | {"name_key": name_key(connection.name)}
        known = sa.select(table.c.id).where(
            (table.c.id == connection.id) | (table.c.name_key == row["name_key"])
        )
        with self._db.read() as sql:
            if sql.execute(known).first() is not None:
                return
        with self._db.write(alone=True) as sql:
            if sql.execute(known).first() is None:
                sql.execute(sa.insert(table).values(row))

    @needs(Right.MANAGE)
    def change(self, connection_id: str, **changes: Any) -> bool:
        """Change columns of a connection; False when the new name is taken."""
        with self._db.write(alone=True) as sql:
            if "name" in changes:
                changes["name_key"] = name_key(changes["name"])
                if self._taken(sql, changes["name_key"], connection_id):
                    return False
            sql.execute(sa.update(table).where(table.c.id == connection_id).values(changes))
        return True

    @needs(Right.LOOK)
    def learnt(self, connection_id: str) -> dict[str, str]:
        """What its provider has remembered about it."""
        query = sa.select(table.c.learnt).where(table.c.id == connection_id)
        with self._db.read() as sql:
            return dict(sql.execute(query).scalar() or {})

    @needs(Right.MAKE)
    def learn(self, connection_id: str, name: str, value: str) -> None:
        """Remember one more thing about it."""
        query = sa.select(table.c.learnt).where(table.c.id == connection_id)
        with self._db.write(alone=True) as sql:
            known = dict(sql.execute(query).scalar() or {}) | {name: value}
            update = sa.update(table).where(table.c.id == connection_id)
            sql.execute(update.values(learnt=known))

    @needs(Right.MANAGE)
    def set_balance(self, connection_id: str, balance: Decimal, unit: str, now: datetime) -> None:
        """Note what is left at the provider, as it says itself, in the unit in which it says it."""
        update = sa.update(table).where(table.c.id == connection_id)
        with self._db.write() as sql:
            sql.execute(update.values(balance=balance, balance_unit=unit, balance_at=now))

    @needs(Right.MANAGE)
    def set_limits(
        self, connection_id: str, limits: Sequence[ModelLimit] | None, now: datetime
    ) -> None:
        """Note what its provider says that the plan allows; None when it was asked and did not say."""
        values: dict[str, Any] = {"limits_at": now}
        if limits is not None:
            values["model_limits"] = [limit.model_dump() for limit in limits]
        with self._db.write() as sql:
            sql.execute(sa.update(table).where(table.c.id == connection_id).values(values))

    @needs(Right.RUN)
    def spend(self, connection_id: str, amount: Decimal, unit: str) -> None:
        """Take a charge off what is left, where that is known in its unit; a negative one was given back."""
        known = (table.c.id == connection_id) & (table.c.balance_unit == unit)
        with self._db.write(alone=True) as sql:
            left = sql.execute(sa.select(table.c.balance).where(known)).scalar()
            if left is not None:
                values = {"balance": max(left - amount, Decimal(0))}
                sql.execute(sa.update(table).where(known).values(values))

    @needs(Right.MANAGE)
    def pause(self, connection_id: str, why: str) -> bool:
        """Note why nothing is sent with it; False when it was paused before, whose reason stays."""
        with self._db.write() as sql:
            return pause(sql, connection_id, why)

    @needs(Right.MANAGE)
    def resume(self, connection_id: str, now: datetime) -> bool:
        """Let it be sent with again and have its QUEUED tasks looked at now; False when it was not paused."""
        paused = (table.c.id == connection_id) & (table.c.paused != "")
        queued = (tasks.c.connection_id == connection_id) & tasks.c.deleted_at.is_(None)
        queued &= tasks.c.status == TaskStatus.QUEUED.value
        with self._db.write() as sql:
            if sql.execute(sa.update(table).where(paused).values(paused="")).rowcount == 0:
                return False
            wake = sa.update(tasks).where(queued).values(next_at=now)
            for task_id in sql.execute(wake.returning(tasks.c.id)).scalars().all():
                self._db.made_due(sql, task_id, now)
        return True

    @needs(Right.MANAGE)
    def remove(self, connection_id: str, now: datetime) -> None:
        """Hide it and forget its key; its tasks stay."""
        gone = {"deleted_at": now, "name_key": None, "key_sealed": None, "key_hint": ""}
        gone |= {"hook_secrets_sealed": None}
        with self._db.write() as sql:
            sql.execute(sa.update(table).where(table.c.id == connection_id).values(gone))

    @needs(Right.LOOK)
    def all(self) -> list[Connection]:
        """Connections in the order they were made, without deleted ones."""
        query = sa.select(*_SHOWN).where(table.c.deleted_at.is_(None)).order_by(table.c.created_at)
        with self._db.read() as sql:
            return [Connection(**row) for row in sql.execute(query).mappings()]

    @needs(Right.LOOK)
    def get(self, connection_id: str) -> Connection | None:
        """One connection by its id, deleted or not."""
        query = sa.select(*_SHOWN).where(table.c.id == connection_id)
        with self._db.read() as sql:
            row = sql.execute(query).mappings().first()
        return None if row is None else Connection(**row)

    @needs(Right.LOOK)
    def by_name(self, name: str) -> Connection | None:
        """One connection by its name, in any case."""
        query = sa.select(*_SHOWN).where(table.c.name_key == name_key(name))
        with self._db.read() as sql:
            row = sql.execute(query).mappings().first()
        return None if row is None else Connection(**row)

    @needs(Right.MANAGE)
    def key_sealed(self, connection_id: str) -> bytes | None:
        """The sealed key as it is stored."""
        query = sa.select(table.c.key_sealed).where(table.c.id == connection_id)
        with self._db.read() as sql:
            value = sql.execute(query).scalar()
        return None if value is None else bytes(value)

    @needs(Right.MANAGE)
    def hook_secrets_sealed(self, connection_id: str) -> bytes | None:
        """The sealed secrets of its calls as they are stored."""
        query = sa.select(table.c.hook_secrets_sealed).where(table.c.id == connection_id)
        with self._db.read() as sql:
            value = sql.execute(query).scalar()
        return None if value is None else bytes(value)

    @staticmethod
    def _taken(sql: sa.Connection, key: str, connection_id: str) -> bool:
        query = sa.select(table.c.id).where(table.c.name_key == key, table.c.id != connection_id)
        return sql.execute(query).first() is not None
