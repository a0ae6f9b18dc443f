"""Lists of videos before anything is asked for: every row checked and priced, and kept while it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from runway_core.catalog import Profile
from runway_core.domain import Connection, Estimate, MediaKind
from runway_core.errors import InvalidInputError, Problem
from runway_core.people import Right
from runway_core.pricing import Lot, Seller
from runway_core.store import Store
from runway_core.studio.acting import Service, may
from runway_core.studio.balances import Balances
from runway_core.studio.batch_rows import Checked, CheckedRow, Usual, request_of
from runway_core.studio.clock import now
from runway_core.studio.connections import Connections
from runway_core.studio.currencies import Currencies
from runway_core.studio.pricing import Pricing
from runway_core.studio.prompt_lists import Line
from runway_core.studio.tasks import Tasks

_DRAFT = "batch"
"""Kind of what is kept of a list that is being written."""
_EARLIER = 500
"""Pictures of earlier days among which a name is looked for."""


class Lists(Service):
    """What can be known of a list. Nothing is sent and nothing reserved."""

    def __init__(
        self, store: Store, *, connections: Connections, tasks: Tasks, pricing: Pricing
    ) -> None:
        super().__init__(store)
        self._connections = connections
        self._tasks = tasks
        self._pricing = pricing

    @may(Right.LOOK)
    def check(
        self,
        lines: Sequence[Line],
        connection: Connection,
        usual: Usual,
        pictures: Mapping[str, str] | None = None,
    ) -> Checked:
        """Hold every row of a list against its model and price it.

        Args:
            lines: The rows.
            connection: Who makes them.
            usual: What holds where a row says nothing.
            pictures: Where pictures are kept (``asset:…``), by name without case; other names are looked
                for among what the acting person has brought in before.
        """
        profile = self._connections.profile(connection)
        known = self._kept(lines, pictures or {})
        rows = tuple(self._checked(line, connection, profile, usual, known) for line in lines)
        return self._summed(rows, connection, profile)

    @may(Right.LOOK)
    def admission(self, connection: Connection, wishes: Sequence[Estimate]) -> Lot:
        """Which of these would be asked for at once, and what the others wait for."""
        return Balances(self._store).admit(connection, wishes)

    @may(Right.LOOK)
    def draft(self) -> dict[str, object]:
        """The list that the acting person is still writing; empty when there is none."""
        found = next(iter(self._store.shelf.all(_DRAFT)), None)
        return found.content if found and isinstance(found.content, dict) else {}

    @may(Right.MAKE)
    def save_draft(self, form: dict[str, object]) -> None:
        """Keep it, so that it survives a reload and a restart: plain JSON values only."""
        self._store.shelf.put(_DRAFT, "", form, now())

    def _kept(self, lines: Sequence[Line], given: Mapping[str, str]) -> Mapping[str, str]:
        """Pictures by their names: those that were given, else the newest of that name of earlier ones."""
        named = {line.image.casefold() for line in lines if line.image and "://" not in line.image}
        if not named - given.keys():
            return given
        earlier = self._store.assets.newest([MediaKind.IMAGE], offset=0, limit=_EARLIER)
        found = {each.filename.casefold(): each.uri for each in reversed(earlier)}
        return {name: uri for name, uri in found.items() if name in named} | dict(given)

    def _checked(
        self,
        line: Line,
        connection: Connection,
        profile: Profile,
        usual: Usual,
        pictures: Mapping[str, str],
    ) -> CheckedRow:
        wrong = tuple(Problem(p.field.rpartition(", ")[2], p.message) for p in line.problems)
        try:
            request = request_of(line, usual, profile, pictures)
            notices = self._tasks.check(request, connection)
        except InvalidInputError as error:
            return CheckedRow(line=line, problems=(*wrong, *error.problems))
        if wrong:
            return CheckedRow(line=line, problems=wrong)
        spec = self._tasks.spec(connection, request.model, request.capability)
        cost = self._tasks.estimate(connection, spec, self._tasks.asked(request))
        told = tuple(notice.message for notice in notices)
        return CheckedRow(line=line, request=request, estimate=cost, notices=told)

    def _summed(
        self, rows: tuple[CheckedRow, ...], connection: Connection, profile: Profile
    ) -> Checked:
        costs = [row.estimate for row in rows if row.estimate is not None]
        wanted = Counter(row.request.model for row in rows if row.request is not None)
        low, high = _sum([c.low for c in costs]), _sum([c.high for c in costs])
        reporting, worth = Currencies(self._store).reporting(), Seller.of(connection, profile).worth
        return Checked(
            rows=rows,
            unit=costs[0].unit if costs else "",
            low=low,
            high=high,
            currency=reporting.currency,
            told_low=reporting.told(low, worth),
            told_high=reporting.told(high, worth),
            schedule=self._pricing.schedule(connection, wanted) if wanted else None,
        )


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
