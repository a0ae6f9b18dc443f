"""Asks for the rows of batches, one task each, as far as money and plans reach. Called by the engines.

How often that is does not matter, nor in how many processes at once: a row becomes its task in one
transaction, which reserves its budget and lets nobody else take it.
"""

from __future__ import annotations

import logging

from runway_core.domain import Estimate
from runway_core.errors import BudgetExceededError, DeskError, InvalidInputError
from runway_core.people import Right
from runway_core.pricing import admit, amount
from runway_core.store import Batch, BatchRow, Store, Waiting
from runway_core.studio.acting import Service, may
from runway_core.studio.balances import Balances
from runway_core.studio.batches import Batches, store_of_owner
from runway_core.studio.clock import now
from runway_core.studio.connections import Connections
from runway_core.studio.limits import limits_of
from runway_core.studio.tasks import Tasks

log = logging.getLogger(__name__)
AHEAD = 8
"""Tasks of one batch that wait to be sent: so many that the wire is never idle, and so few that a pause holds
and nobody else's video stands behind a whole batch."""
AHEAD_LEAST = 2
"""The same where a plan runs only a few at a time."""


class Feeding(Service):
    """Turns rows that wait into tasks."""

    def __init__(
        self, store: Store, *, connections: Connections, tasks: Tasks, batches: Batches
    ) -> None:
        super().__init__(store)
        self._connections = connections
        self._tasks = tasks
        self._batches = batches

    @may(Right.RUN)
    def feed(self) -> bool:
        """Ask for what can be asked for now, of every batch; whether there was any with rows that wait.

        Raises:
            StorageError: the database can't be read.
        """
        hungry = self._store.feeding.hungry()
        for batch in hungry:
            try:
                self._feed(batch)
            except DeskError as error:
                log.warning("A batch could not go on: %s", error)
        return bool(hungry)

    def _feed(self, batch: Batch) -> None:
        owner = store_of_owner(self._store, batch)
        if owner is None or self._batches.held(batch):
            return
        room = self._room(batch)
        if room <= 0:
            return
        connection = self._connections.get(batch.connection_id)
        rows = owner.feeding.next(batch.id, self._fitting(owner, batch), room)
        lot = Balances(owner).admit(connection, [row.estimate for row in rows])
        for row, verdict in zip(rows, lot.verdicts, strict=True):
            if verdict.fits and not self._ask(owner, row, batch):
                break

    def _room(self, batch: Batch) -> int:
        """How many more may be asked for now."""
        connection = self._connections.get(batch.connection_id)
        profile = self._connections.profile(connection)
        running = limits_of(connection, profile, "").running
        ahead = AHEAD if running is None else min(max(running, AHEAD_LEAST), AHEAD)
        return ahead - self._store.feeding.unsent(batch.id)

    def _fitting(self, owner: Store, batch: Batch) -> list[Waiting]:
        """Those costs of rows that wait of which one more fits now."""
        connection = self._connections.get(batch.connection_id)
        outlooks = owner.budgets.outlooks(connection.id, now())
        available = Balances(owner).available(connection)
        return [
            cost
            for cost in owner.feeding.costs(batch.id)
            if admit([_wish(cost)], outlooks, available).fit
        ]

    def _ask(self, owner: Store, row: BatchRow, batch: Batch) -> bool:
        """Make one row a task; False when no other will fit either."""
        connection, time = self._connections.get(batch.connection_id), now()
        try:
            new = self._tasks.prepare(row.request, connection=connection, token=row.token)
            if dearer := _dearer(row.estimate, new.estimate):
                owner.feeding.refuse(row, dearer, time)
            else:
                owner.feeding.ask(row, new, time)
        except BudgetExceededError:  # somebody else was quicker
            return False
        except InvalidInputError as error:
            owner.feeding.refuse(row, str(error), time)
        return True


def _wish(cost: Waiting) -> Estimate:
    return Estimate(low=cost.most, high=cost.most, unit=cost.unit)


def _dearer(confirmed: Estimate, told: Estimate) -> str:
    """Why a row is not asked for at the price of now; empty where it is within what was confirmed."""
    if confirmed.high is None:
        return ""
    alike = told.unit == confirmed.unit or told.high == 0
    if alike and told.high is not None and told.high <= confirmed.high:
        return ""
    price = "an amount that nobody knows"
    says = (
        "It may cost {price} by now, and you have confirmed at most {most}. Nothing was sent. "
        "Try it again to see the new price and confirm it."
    )
    return says.format(
        price=price if told.high is None else amount(told.high, told.unit),
        most=amount(confirmed.high, confirmed.unit),
    )
