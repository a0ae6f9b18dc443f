"""What providers themselves say was used, held against the ledger, day by day and model by model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from decimal import Decimal

from runway_core.catalog import Profile, catalog
from runway_core.domain import Connection, Noun
from runway_core.errors import InvalidInputError, Problem
from runway_core.people import Right
from runway_core.pricing import Gap, Own, gap, own_by, summed
from runway_core.providers import PROVIDERS
from runway_core.store import CellQuery, UsageRead
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now


class Comparison(Noun):
    """What one provider says beside what the ledger says, in the provider's unit."""

    unit: str
    read: UsageRead
    days: tuple[Gap, ...]
    """The newest first; days on which neither counts anything are left out."""
    models: tuple[Gap, ...]
    """The same days by model, without those of which the provider has not told; the largest gap first."""
    whole: Gap
    """All these days together, without those of which the provider has not told."""


class Usage(Service):
    """Compares, and asks for it; all of an account is in it, so this is for admins."""

    @may(Right.MANAGE)
    def tellers(self) -> list[Connection]:
        """Connections whose provider tells what was used, real ones before practice."""
        found = [c for c in self._store.connections.all() if tells_usage(_profile(c))]
        return sorted(found, key=lambda c: _profile(c).kind == "sandbox")

    @may(Right.MANAGE, "usage asked for")
    def ask(self, connection: Connection) -> None:
        """Have the engine ask the provider soon; free. What it tells is seen by `compare`.

        Raises:
            InvalidInputError: this provider does not tell.
        """
        if not tells_usage(_profile(connection)):
            raise InvalidInputError(
                Problem("connection", "has a provider that does not tell what was used."),
                hint="Nothing was asked.",
            )
        self._store.usage.ask(connection.id, now())

    @may(Right.MANAGE)
    def compare(self, connection: Connection, since: date, until: date) -> Comparison:
        """What was told of the days from `since` to `until` (UTC, both included) beside the ledger.

        A video counts in the ledger on the day on which it was asked for.
        """
        unit = _profile(connection).unit
        read = self._store.usage.reads().get(connection.id)
        read = read or UsageRead(connection_id=connection.id)
        query = CellQuery(since=since, until=until, connection_id=connection.id)
        cells = self._store.tallies.cells(query)
        used = self._store.usage.of(connection.id, since, until)
        told = summed((one.day, one.credits) for one in used)
        by_day = own_by(((cell.day, cell.tally) for cell in cells), unit)
        days = sorted({*told, *by_day}, reverse=True)
        known = [cell for cell in cells if _is_told(read, cell.day)]
        return Comparison(
            unit=unit,
            read=read,
            days=tuple(
                gap(
                    day.isoformat(),
                    told.get(day, Decimal(0)) if _is_told(read, day) else None,
                    by_day.get(day),
                )
                for day in days
            ),
            models=_by_model(
                summed((one.model, one.credits) for one in used),
                own_by(((cell.model, cell.tally) for cell in known), unit),
            ),
            whole=gap(
                "",
                sum(told.values(), Decimal(0)) if read.since else None,
                own_by((("", cell.tally) for cell in known), unit).get(""),
            ),
        )


def tells_usage(profile: Profile) -> bool:
    """Whether the provider behind a profile has a call that tells what was used each day."""
    return PROVIDERS[profile.protocol].tells_usage(profile)


def _is_told(read: UsageRead, day: date) -> bool:
    """Whether the provider has told of a day, be it that nothing was used."""
    if read.since is None or read.read_at is None:
        return False
    return read.since <= day <= read.read_at.astimezone(UTC).date()


def _by_model(told: Mapping[str, Decimal], own: Mapping[str, Own]) -> tuple[Gap, ...]:
    found = [gap(m, told.get(m, Decimal(0)), own.get(m)) for m in sorted({*told, *own})]
    return tuple(sorted(found, key=lambda one: -abs(one.gap or Decimal(0))))


def _profile(connection: Connection) -> Profile:
    return catalog().profile(connection.profile)
