"""What videos would cost and how long they would take, before anything is sent: for one wish or a whole list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from runway_core.catalog import ModelSpec, Profile, catalog, check
from runway_core.catalog.billing import split_billing_id
from runway_core.domain import Capability, Connection, GenerationRequest, Noun
from runway_core.errors import InvalidInputError, Problem
from runway_core.people import Right
from runway_core.pricing import (
    Batch,
    Curve,
    Load,
    Offer,
    Pace,
    Reporting,
    Seller,
    Timetable,
    Wish,
    added,
    as_told,
    curves,
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
from runway_core.studio.prompt_lists import Line, place, read_list, write_list

COUNT_MOST = 10_000


class Priced(Noun):
    """One video of a list and what it should cost."""

    line: Line
    offer: Offer | None = None
    """None where it is wrong in a way that leaves nothing to price."""
    problems: tuple[Problem, ...] = ()
    """Why it can't be made, each with its place, as ``row 3, duration``; empty when it can."""

    @property
    def can(self) -> bool:
        return not self.problems


class PricedList(Noun):
    """A whole list. Its sums are those of the videos that can be made."""

    rows: tuple[Priced, ...]
    unit: str
    low: Decimal | None
    """All of them in `unit`; None when the price of one is not known."""
    high: Decimal | None
    currency: str
    told_low: Decimal | None
    told_high: Decimal | None
    schedule: Timetable | None
    """None when it is not known how long one of the models takes, and where nothing can be made."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every place that is wrong."""
        return tuple(problem for row in self.rows for problem in row.problems)

    def filled_in(self) -> str:
        """The list as a table that says of each row what it was priced with; `read_list` reads it."""
        return write_list(row.line if row.offer is None else _said(row) for row in self.rows)


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

        A row that is wrong keeps nobody from learning what the others cost: it says so itself.

        Args:
            data: A table with the columns prompt, model, ratio, duration and seed, or a prompt a line.
            connection: Who makes them.
            usual: What holds where a row says nothing; its first model, if it names any.
            takes: How long one takes; from own history when None.

        Raises:
            InvalidInputError: it is no list, as `read_list` says.
        """
        profile = self._connections.profile(connection)
        seller, told_in = Seller.of(connection, profile), self._currencies.reporting()
        rows = [_priced(line, seller, usual, told_in) for line in read_list(data)]
        return self._summed(rows, connection, takes)

    @may(Right.LOOK)
    def curves(self, wish: Wish, shown: Sequence[Offer], lengths: Sequence[int]) -> list[Curve]:
        """What each of these offers costs by the length of one video, in one unit.

        Args:
            wish: What was offered for.
            shown: Of connections, as `offers` gives them.
            lengths: Seconds that are of interest; each model has those that it makes.
        """
        found = self._connections.all()
        sellers = {each.id: Seller.of(each, self._connections.profile(each)) for each in found}
        told_in = self._currencies.reporting()
        return curves(wish, shown, sellers, lengths, reporting=told_in)

    def _summed(
        self, rows: Sequence[Priced], connection: Connection, takes: timedelta | None
    ) -> PricedList:
        found = [row.offer for row in rows if row.offer is not None and row.can]
        wanted: dict[str, int] = {}
        for offer in found:
            wanted[offer.model] = wanted.get(offer.model, 0) + 1
        return PricedList(
            rows=tuple(rows),
            unit=found[0].total.unit if found else "",
            low=added(offer.total.low for offer in found),
            high=added(offer.total.high for offer in found),
            currency=self._currencies.reporting().currency,
            told_low=added(offer.told_low for offer in found),
            told_high=added(offer.told_high for offer in found),
            schedule=self.schedule(connection, wanted, takes=takes) if found else None,
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


def _priced(line: Line, seller: Seller, usual: Wish, told_in: Reporting) -> Priced:
    if line.problems:
        return Priced(line=line, problems=line.problems)
    try:
        offer = _offered(line, seller, usual, told_in)
    except InvalidInputError as error:
        return Priced(line=line, problems=_placed(line, error.problems))
    problems = (*offer.problems, *_prompt_problems(line, offer, seller.profile))
    return Priced(line=line, offer=offer, problems=_placed(line, problems))


def _placed(line: Line, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(Problem(place(line.row, p.field), p.message) for p in problems)


def _offered(line: Line, seller: Seller, usual: Wish, told_in: Reporting) -> Offer:
    named = line.model or next(iter(usual.models), "")
    if not named:
        raise InvalidInputError(Problem("model", "is not said, here or for all of them."))
    model, seconds = split_billing_id(named, line.duration)
    spec = _spec(seller.profile, model, usual.capability)
    if line.seed is not None and not 0 <= line.seed <= spec.seed_max:
        most = f"must be from 0 to {spec.seed_max}." if spec.seed_max else f"{model} takes none."
        raise InvalidInputError(Problem("seed", most))
    changes = {"capability": spec.capability, "models": (model,), "count": 1}
    changes |= {"ratio": line.ratio or usual.ratio}
    changes |= {"duration": usual.duration if seconds is None else seconds}
    (offer,) = offers(usual.model_copy(update=changes), [seller], reporting=told_in)
    return offer


def _prompt_problems(line: Line, offer: Offer, profile: Profile) -> list[Problem]:
    spec = _spec(profile, offer.model, offer.capability)
    request = GenerationRequest(
        capability=spec.capability,
        model=spec.id,
        prompt=line.prompt,
        ratio=offer.ratio or next(iter(spec.offered_ratios()), ""),
        duration=offer.duration,
    )
    try:
        check(request, spec, profile)
    except InvalidInputError as error:  # of its files nothing is known here
        return [problem for problem in error.problems if problem.field == "prompt"]
    return []


def _said(row: Priced) -> Line:
    """The row with what was open in it as it was priced."""
    line, offer = row.line, row.offer
    assert offer is not None
    said = {"model": offer.model, "ratio": line.ratio or offer.ratio}
    return line.model_copy(update={**said, "duration": offer.duration or line.duration})


def _spec(profile: Profile, model: str, capability: Capability | None) -> ModelSpec:
    """What a profile offers of a model: with that capability if it has it, else the first."""
    rows = [spec for spec in profile.specs if spec.id == model]
    fitting = [spec for spec in rows if spec.capability == capability]
    return next(iter(fitting or rows), None) or catalog().spec(profile.id, model, capability)


def _check_count(count: int) -> None:
    if not 1 <= count <= COUNT_MOST:
        raise InvalidInputError(Problem("count", f"must be from 1 to {COUNT_MOST:,}."))
