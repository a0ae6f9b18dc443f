"""What is kept sealed, in whichever table: to be sealed anew when the master key changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from runway_core.people import Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import metadata

_END = "_sealed"

COLUMNS = {
    f"{table.name}.{column.name}": column
    for table in metadata.sorted_tables
    for column in table.c
    if column.name.endswith(_END)
}
"""Every column that holds sealed values, by ``table.column``."""


@dataclass(frozen=True)
class SealedValue:
    """One sealed value and the row that it is in."""

    place: str
    """A name of `COLUMNS`."""
    value: bytes
    row: dict[str, Any]
    """The row's other columns."""


class SealedRows(Rows):
    """Reads sealed values and puts others in their place."""

    @needs(Right.MANAGE)
    def all(self) -> list[SealedValue]:
        """Every sealed value, of deleted rows too."""
        return list(self._all())

    @needs(Right.MANAGE)
    def replace(self, old: SealedValue, new: bytes) -> bool:
        """Put another value in its place; False when somebody else has changed it meanwhile."""
        column = COLUMNS[old.place]
        table = column.table
        same = (table.c.id == old.row["id"]) & (column == old.value)
        with self._db.write() as sql:
            return bool(sql.execute(sa.update(table).where(same).values({column: new})).rowcount)

    def _all(self) -> Iterator[SealedValue]:
        for place, column in COLUMNS.items():
            with self._db.read() as sql:
                found = sql.execute(sa.select(column.table).where(column.is_not(None)))
                for row in found.mappings():
                    others = {name: row[name] for name in row if not name.endswith(_END)}
                    yield SealedValue(place, bytes(row[column.name]), others)
