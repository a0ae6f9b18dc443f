"""What a provider says was used, held against the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple, TypeVar

from runway_core.domain import Noun
from runway_core.pricing.tallies import Tally

_ZERO = Decimal(0)
Place = TypeVar("Place")


class Own(NamedTuple):
    """What the ledger counts in one place, in one unit."""

    confirmed: Decimal = _ZERO
    assumed: Decimal = _ZERO
    """Charges that the provider has not told."""
    uncounted: int = 0
    """Tasks that cost something which is not known in that unit."""

    @property
    def total(self) -> Decimal:
        return self.confirmed + self.assumed


class Gap(Noun):
    """What a provider says was used on one day, or by one model, beside what the ledger says."""

    key: str
    told: Decimal | None
    """None where the provider has not been asked about it."""
    confirmed: Decimal = _ZERO
    assumed: Decimal = _ZERO
    uncounted: int = 0

    @property
    def own(self) -> Decimal:
        """All that the ledger counts as charged; nothing that is only held."""
        return self.confirmed + self.assumed

    @property
    def gap(self) -> Decimal | None:
        """What the provider counts more than the ledger, negative if less; None if that is not known."""
        return None if self.told is None else self.told - self.own


def own_by(tallies: Iterable[tuple[Place, Tally]], unit: str) -> dict[Place, Own]:
    """Put together what the ledger counts in each place, in one unit."""
    found: dict[Place, Own] = defaultdict(Own)
    for place, tally in tallies:
        old, same = found[place], tally.unit == unit
        found[place] = Own(
            confirmed=old.confirmed + (tally.amount if same and tally.part == "confirmed" else 0),
            assumed=old.assumed + (tally.amount if same and tally.part == "assumed" else 0),
            uncounted=old.uncounted + tally.unpriced + (0 if same else tally.priced),
        )
    return dict(found)


def gap(key: str, told: Decimal | None, own: Own | None) -> Gap:
    """Hold one against the other."""
    own = own or Own()
    return Gap(
        key=key,
        told=told,
        confirmed=own.confirmed,
        assumed=own.assumed,
        uncounted=own.uncounted,
    )


def summed(told: Iterable[tuple[Place, Decimal]]) -> Mapping[Place, Decimal]:
    """What was told of each place."""
    found: dict[Place, Decimal] = defaultdict(Decimal)
    for place, credits in told:
        found[place] += credits
    return found
