"""Pictures, videos and sounds that people brought in."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from runway_core.domain import Asset, MediaKind
from runway_core.people import Right, needs
from runway_core.store.rows import Rows, seen_by
from runway_core.store.schema import asset_people, task_assets, tasks
from runway_core.store.schema import assets as table


class AssetRows(Rows):
    """Reads and writes assets. One file may be several people's: it is kept under its hash."""

    @needs(Right.MAKE)
    def add(self, asset: Asset) -> None:
        """Add it as the acting person's; the same file may be there already."""
        mine = {"sha256": asset.sha256, "person_id": self.actor.id}
        with self._db.write() as sql:
            sql.execute(self._db.insert(table).values(asset.model_dump()).on_conflict_do_nothing())
            sql.execute(self._db.insert(asset_people).values(mine).on_conflict_do_nothing())

    @needs(Right.LOOK)
    def get(self, sha256: str) -> Asset | None:
        """A file that the acting person brought in, or that a task they may see was made of."""
        query = sa.select(table).where(table.c.sha256 == sha256)
        if not self.actor.sees_all:
            brought = sa.exists().where(
                asset_people.c.sha256 == sha256, asset_people.c.person_id == self.actor.id
            )
            used = sa.exists().where(
                task_assets.c.sha256 == sha256,
                task_assets.c.task_id == tasks.c.id,
                tasks.c.deleted_at.is_(None),
                seen_by(self.actor),
            )
            query = query.where(brought | used)
        with self._db.read() as sql:
            row = sql.execute(query).mappings().first()
        return None if row is None else Asset(**row)

    @needs(Right.LOOK)
    def newest(self, kinds: Collection[MediaKind], *, offset: int, limit: int) -> list[Asset]:
        """Files of these kinds that the acting person brought in, the last one first."""
        mine = asset_people.c.person_id == self.actor.id
        query = sa.select(table).join(asset_people, asset_people.c.sha256 == table.c.sha256)
        query = query.where(mine, table.c.kind.in_([kind.value for kind in kinds]))
        query = query.order_by(table.c.created_at.desc(), table.c.sha256)
        with self._db.read() as sql:
            rows = sql.execute(query.offset(offset).limit(limit)).mappings().all()
        return [Asset(**row) for row in rows]
