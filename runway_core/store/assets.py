"""Pictures that people brought in."""

from __future__ import annotations

import sqlalchemy as sa

from runway_core.domain import Asset
from runway_core.store.database import Database
from runway_core.store.schema import assets as table


class AssetRows:
    """Reads and writes assets."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, asset: Asset) -> None:
        """Add it, unless the same picture is there already."""
        with self._db.write() as sql:
            sql.execute(self._db.insert(table).values(asset.model_dump()).on_conflict_do_nothing())

    def get(self, sha256: str) -> Asset | None:
        with self._db.read() as sql:
            row = sql.execute(sa.select(table).where(table.c.sha256 == sha256)).mappings().first()
        return None if row is None else Asset(**row)
