"""In which currency totals are told, and what others are worth in it: as a person entered it, never looked up."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from runway_core.catalog import Worth
from runway_core.domain import Connection, Noun
from runway_core.errors import InvalidInputError, Problem
from runway_core.people import Right
from runway_core.pricing import OWN_WORTH, Measure, Reporting, measure, worth_in
from runway_core.studio.acting import Service, may

_LEAST, _MOST = Decimal("0.000000001"), Decimal(1_000_000_000)
_DIGITS = 20


class Valued(Noun):
    """What one unit of a connection is worth."""

    connection: Connection
    worth: Worth | None
    """As its owner says, or as is published; None where nobody said."""
    own: bool
    """Whether its owner said so."""
    measure: Measure
    """What it counts in the reporting currency."""


class Currencies(Service):
    """Keeps one reporting currency for the whole home, and the rates of each that was ever chosen."""

    @may(Right.LOOK)
    def reporting(self) -> Reporting:
        """The currency in which totals are told, and the rates that were entered; US dollars at first."""
        return self._store.preferences.reporting()

    @may(Right.LOOK)
    def in_currency(self, currency: str) -> Reporting:
        """The rates that were entered in a currency, whether totals are told in it or not.

        Raises:
            InvalidInputError: it is none; names ``currency``.
        """
        if not _is_code(currency):
            raise InvalidInputError(_no_code("currency"), hint="Nothing was changed.")
        return self._store.preferences.reporting(currency)

    @may(Right.LOOK)
    def valued(self) -> list[Valued]:
        """What one unit of each connection is worth, as far as anybody said."""
        reporting = self.reporting()
        return [
            Valued(
                connection=one,
                worth=worth_in(one),
                own=bool(one.options.get(OWN_WORTH)),
                measure=measure(reporting, one),
            )
            for one in self._store.connections.all()
        ]

    @may(Right.MANAGE, "currency chosen")
    def choose(self, currency: str, rates: Mapping[str, Decimal | str] | None = None) -> Reporting:
        """Tell totals in a currency from now on.

        Args:
            currency: Three letters, such as ``EUR``.
            rates: What one of another currency is worth in it; those that are not named stay, and an empty
                one is forgotten.

        Raises:
            InvalidInputError: names ``currency`` or ``rates.CNY``; nothing was changed.
        """
        problems = [] if _is_code(currency) else [_no_code("currency")]
        kept = {} if problems else dict(self.in_currency(currency).rates)
        for other, rate in (rates or {}).items():
            kept.pop(other, None)
            if str(rate).strip():
                problems += _problems(other, rate, currency)
                kept |= {} if problems else {other: Decimal(rate)}
        if problems:
            raise InvalidInputError(*problems, hint="Nothing was changed.")
        self._store.preferences.set_reporting(Reporting(currency=currency, rates=kept))
        return self.reporting()


def _problems(other: str, rate: Decimal | str, currency: str) -> list[Problem]:
    field = f"rates.{other}"
    if not _is_code(other):
        return [_no_code(field)]
    if other == currency:
        return [Problem(field, "is the currency itself.")]
    try:
        number = Decimal(rate)
    except InvalidOperation:
        number = Decimal("NaN")
    if not (number.is_finite() and _LEAST <= number <= _MOST):
        return [Problem(field, "must be a number above 0.")]
    if len(number.as_tuple().digits) > _DIGITS:
        return [Problem(field, f"has more than {_DIGITS} digits.")]
    return []


def _is_code(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


def _no_code(field: str) -> Problem:
    return Problem(field, "must be three capital letters, such as USD.")
