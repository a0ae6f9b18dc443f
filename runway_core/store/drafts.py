"""The create form as a person left it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runway_core.store.database import Database
from runway_core.store.schema import drafts as table


class DraftRows:
    """Reads and writes drafts, one a person."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, owner: str) -> dict[str, Any] | None:
        with self._db.read() as sql:
            form = sql.execute(sa.select(table.c.form).where(table.c.owner == owner)).scalar()
        return form if isinstance(form, dict) else None

    def save(self, owner: str, form: dict[str, Any], now: datetime) -> None:
        row = {"owner": owner, "form": form, "updated_at": now}
        statement = self._db.insert(table).values(row)
        with self._db.write() as sql:
            sql.execute(statement.on_conflict_do_update(index_elements=["owner"], set_=row))
