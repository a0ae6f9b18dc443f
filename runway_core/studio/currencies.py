"""In which currency totals are told, and what others are worth in it: as a person entered it, never looked up."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from runway_core.errors import InvalidInputError, Problem
from runway_core.people import Right
from runway_core.pricing import Reporting
from runway_core.studio.acting import Service, may

_CURRENCY = "reporting currency"
_RATES = "rates in "
_LEAST, _MOST = Decimal("0.000000001"), Decimal(1_000_000_000)
_DIGITS = 20


class Currencies(Service):
    """Keeps one reporting currency for the whole home, and the rates of each that was ever chosen."""

    @may(Right.LOOK)
    def reporting(self) -> Reporting:
        """The currency in which totals are told, and the rates that were entered; US dollars at first."""
        currency = self._store.preferences.get(_CURRENCY) or "USD"
        return Reporting(currency=currency, rates=self._rates(currency))

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
        kept = {} if problems else self._rates(currency)
        for other, rate in (rates or {}).items():
            kept.pop(other, None)
            if str(rate).strip():
                problems += _problems(other, rate, currency)
                kept |= {} if problems else {other: Decimal(rate)}
        if problems:
            raise InvalidInputError(*problems, hint="Nothing was changed.")
        text = " ".join(f"{other}={rate:f}" for other, rate in sorted(kept.items()))
        self._store.preferences.set(_RATES + currency, text)
        self._store.preferences.set(_CURRENCY, currency)
        return self.reporting()

    def _rates(self, currency: str) -> dict[str, Decimal]:
        pairs = (pair.split("=") for pair in self._store.preferences.get(_RATES + currency).split())
        return {other: Decimal(rate) for other, rate in pairs}


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
