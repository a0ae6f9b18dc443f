"""What videos would cost and how long they would take, before anything is sent: for one wish or a whole list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from runway_core.catalog import ModelSpec, Profile, catalog
from runway_core.catalog.billing import split_billing_id
from runway_core.domain import Capability, Connection, Noun
from runway_core.errors import InvalidInputError, Problem
from runway_core.people import Right
from runway_core.pricing import (
    Batch,
    Load,
    Offer,
    Pace,
    Seller,
    Timetable,
    Wish,
    as_told,
    offers,
    pace_of,
    schedule,
    timetable,
)
from runway_core.store import Store
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now
from runway_core.studio.connections import Connections
from runway_core.studio.currencies import Currencies
from runway_core.studio.limits import limits_of, who_limits
from runway_core.studio.prompt_lists import Line, place, read_list

COUNT_MOST = 10_000


class Priced(Noun):
    """One video of a list and what it should cost."""

    line: Line
    offer: Offer


class PricedList(Noun):
    """A whole list."""

    rows: tuple[Priced, ...]
    unit: str
    low: Decimal | None
    """All of them in `unit`; None when the price of one is not known."""
    high: Decimal | None
    currency: str
    told_low: Decimal | None
    told_high: Decimal | None
    schedule: Timetable | None
    """None when it is not known how long one of the models takes."""


class Pricing(Service):
    """Answers what it costs and how long it takes. Nothing is sent and nothing reserved."""

    def __init__(self, store: Store, *, connections: Connections) -> None:
        super().__init__(store)
        self._connections = connections
        self._currencies = Currencies(store)

    @may(Right.LOOK)
    def offers(self, wish: Wish) -> list[Offer]:
        """A row for each connection and model that might make it, the cheapest and fastest marked.

        Raises:
            InvalidInputError: it is too many; names ``count``.
        """
        _check_count(wish.count)
        found = self._connections.all()
        sellers = [Seller.of(each, self._connections.profile(each)) for each in found]
        return self.offers_of(wish, sellers)

    @may(Right.LOOK)
    def offers_of(self, wish: Wish, sellers: Sequence[Seller]) -> list[Offer]:
        """The same of these sellers only."""
        return offers(
            wish,
            sellers,
            reporting=self._currencies.reporting(),
            typical=self._typical(wish, sellers),
        )

    @may(Right.LOOK)
    def schedule(
        self,
        connection: Connection,
        wanted: Mapping[str, int],
        *,
        takes: timedelta | None = None,
        alone: bool = False,
    ) -> Timetable | None:
        """How long videos take with a connection, after what it is doing now.

        Args:
            connection: Whose plan counts.
            wanted: Model, and how many videos; in line in this order.
            takes: How long one takes; from own history when None.
            alone: As if the connection did nothing else.

        Returns:
            None when own history does not tell yet how long one takes.

        Raises:
            InvalidInputError: it is too many; names ``count``.
        """
        _check_count(sum(wanted.values()))
        profile = self._connections.profile(connection)
        batches = []
        for model, number in wanted.items():
            pace = self.pace(connection, model, takes=takes)
            if pace is None:
                return None
            limits = limits_of(connection, profile, model)
            batches.append(Batch(model=model, count=number, pace=pace, limits=limits))
        if not batches:
            return None
        loads = [] if alone else self._loads(connection, batches)
        limits = batches[0].limits
        return timetable(schedule(batches, loads), limits, who=who_limits(connection, profile))

    @may(Right.LOOK)
    def pace(
        self, connection: Connection, model: str, *, takes: timedelta | None = None
    ) -> Pace | None:
        """How long one takes, from own history or as it is said; None when it is not known."""
        profile = self._connections.profile(connection)
        floor = timedelta(seconds=profile.poll_floor)
        if takes is not None:
            return as_told(takes, floor=floor)
        per_minute = limits_of(connection, profile, model).per_minute
        return pace_of(
            self._store.plans.past(profile.id, model), floor=floor, per_minute=per_minute
        )

    @may(Right.LOOK)
    def price_list(
        self,
        data: bytes | str,
        connection: Connection,
        usual: Wish,
        *,
        takes: timedelta | None = None,
    ) -> PricedList:
        """Price a list of prompts, each as it would be made with a connection.

        Args:
            data: A table with the columns prompt, model, ratio, duration and seed, or a prompt a line.
            connection: Who makes them.
            usual: What holds where a row says nothing; its first model, if it names any.
            takes: How long one takes; from own history when None.

        Raises:
            InvalidInputError: names every place that is wrong, as ``row 3, duration``.
        """
        lines = read_list(data)
        profile = self._connections.profile(connection)
        rows, problems = [], []
        for line in lines:
            try:
                offer = self._priced(line, connection, profile, usual)
            except InvalidInputError as error:
                problems += [Problem(place(line.row, p.field), p.message) for p in error.problems]
            else:
                rows.append(Priced(line=line, offer=offer))
                problems += [Problem(place(line.row, p.field), p.message) for p in offer.problems]
        if problems:
            hint = "Mend these places and try again. Nothing was sent and nothing was charged."
            raise InvalidInputError(*problems, hint=hint)
        return self._summed(rows, connection, takes)

    def _priced(self, line: Line, connection: Connection, profile: Profile, usual: Wish) -> Offer:
        named = line.model or next(iter(usual.models), "")
        if not named:
            raise InvalidInputError(Problem("model", "is not said, here or for all of them."))
        model, seconds = split_billing_id(named, line.duration)
        spec = _spec(profile, model, usual.capability)
        if line.seed is not None and not 0 <= line.seed <= spec.seed_max:
            most = (
                f"must be from 0 to {spec.seed_max}." if spec.seed_max else f"{model} takes none."
            )
            raise InvalidInputError(Problem("seed", most))
        changes = {"capability": spec.capability, "models": (model,), "count": 1}
        changes |= {"ratio": line.ratio or usual.ratio}
        changes |= {"duration": usual.duration if seconds is None else seconds}
        wish = usual.model_copy(update=changes)
        (offer,) = offers(
            wish, [Seller.of(connection, profile)], reporting=self._currencies.reporting()
        )
        return offer

    def _summed(
        self, rows: Sequence[Priced], connection: Connection, takes: timedelta | None
    ) -> PricedList:
        found = [row.offer for row in rows]
        wanted: dict[str, int] = {}
        for offer in found:
            wanted[offer.model] = wanted.get(offer.model, 0) + 1
        return PricedList(
            rows=tuple(rows),
            unit=found[0].total.unit,
            low=_sum(offer.total.low for offer in found),
            high=_sum(offer.total.high for offer in found),
            currency=found[0].currency,
            told_low=_sum(offer.told_low for offer in found),
            told_high=_sum(offer.told_high for offer in found),
            schedule=self.schedule(connection, wanted, takes=takes),
        )

    def _loads(self, connection: Connection, batches: Sequence[Batch]) -> list[Load]:
        models = dict.fromkeys(batch.limits.model for batch in batches)
        return [self._store.plans.load(connection.id, model, now=now()) for model in models]

    def _typical(self, wish: Wish, sellers: Sequence[Seller]) -> dict[tuple[str, str], timedelta]:
        """How long one takes, of each profile and model that may be offered."""
        kinds = {
            (seller.profile.id, spec.id): timedelta(seconds=seller.profile.poll_floor)
            for seller in sellers
            for spec in seller.profile.specs
            if wish.capability in (None, spec.capability)
        }
        found = {
            kind: pace_of(self._store.plans.past(*kind), floor=floor, per_minute=None)
            for kind, floor in kinds.items()
        }
        return {kind: pace.typical for kind, pace in found.items() if pace is not None}


def _spec(profile: Profile, model: str, capability: Capability | None) -> ModelSpec:
    """What a profile offers of a model: with that capability if it has it, else the first."""
    rows = [spec for spec in profile.specs if spec.id == model]
    fitting = [spec for spec in rows if spec.capability == capability]
    return next(iter(fitting or rows), None) or catalog().spec(profile.id, model, capability)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Of all of them; None when one is not known."""
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _check_count(count: int) -> None:
    if not 1 <= count <= COUNT_MOST:
        raise InvalidInputError(Problem("count", f"must be from 1 to {COUNT_MOST:,}."))
