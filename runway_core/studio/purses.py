"""Whose unit an amount is in, and what it comes to in the reporting currency."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from runway_core.catalog import catalog
from runway_core.domain import Connection
from runway_core.pricing import Reporting, Told, spent, together, told, worth_in
from runway_core.store import Cell, Store
from runway_core.studio.hosts import host_of


class Purse(NamedTuple):
    """Where the money of one connection's videos comes from."""

    connection: Connection | None
    provider: str
    """Whose units they are: two connections of one provider count in the same."""
    practice: bool


class Purses:
    """The purses of all connections, deleted ones too; each is read once."""

    def __init__(self, store: Store, reporting: Reporting) -> None:
        self._store = store
        self.reporting = reporting
        self._found: dict[str, Purse] = {}

    def of(self, connection_id: str) -> Purse:
        """That of a connection."""
        if connection_id not in self._found:
            self._found[connection_id] = _purse(self._store.connections.get(connection_id))
        return self._found[connection_id]

    def rated(self, amount: Decimal | None, cell: Cell) -> Decimal | None:
        """An amount in the unit and of the connection of a sum, in the reporting currency; None if unknown."""
        rate = self._rate(cell.connection_id, cell.tally.unit)
        return None if amount is None or rate is None else amount * rate

    def told(self, cells: list[Cell], unit: str) -> Told:
        """What sums in one unit come to in the reporting currency: each connection's at its own rate."""
        by_connection: dict[str, list[Cell]] = defaultdict(list)
        for cell in cells:
            by_connection[cell.connection_id].append(cell)
        return together(
            told(
                spent(((cell.model, cell.tally) for cell in own), unit),
                sum(cell.tally.priced for cell in own),
                self._rate(connection_id, unit),
            )
            for connection_id, own in by_connection.items()
        )

    def _rate(self, connection_id: str, unit: str) -> Decimal | None:
        connection = self.of(connection_id).connection
        return None if connection is None else self.reporting.rate(worth_in(connection, unit))


def _purse(connection: Connection | None) -> Purse:
    if connection is None:
        return Purse(None, "", practice=False)
    profile = next((row for row in catalog().profiles if row.id == connection.profile), None)
    if profile is None:
        return Purse(connection, connection.profile, practice=False)
    practice = profile.kind == "sandbox"
    own = not profile.root and not practice  # any relay: its units are its own
    provider = host_of(connection.base_url) if own else profile.title
    return Purse(connection, provider, practice=practice)
