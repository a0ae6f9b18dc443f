"""What a person may enter for a connection."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from runway_core.catalog import Profile
from runway_core.catalog.parts import as_text
from runway_core.errors import InvalidInputError, Problem

_PRICE_MAX = Decimal(1_000_000_000)


def clean_name(name: str) -> str:
    """A name as it is kept.

    Raises:
        InvalidInputError: it is none; names ``name``.
    """
    clean = " ".join(name.split())
    if not clean or len(clean) > 60 or not clean.isprintable():
        raise InvalidInputError(Problem("name", "must be 1 to 60 characters."))
    return clean


def clean_options(profile: Profile, options: Mapping[str, str]) -> dict[str, str]:
    """The options as they are kept: known ones that differ from the profile's default.

    Raises:
        InvalidInputError: names each that is wrong.
    """
    problems, kept = [], {}
    for name, value in options.items():
        setting = profile.setting(name)
        if setting is None:
            problems.append(Problem(f"options.{name}", f"{profile.title} has no such setting."))
        elif value and (message := setting.problem(setting.read(value))):
            problems.append(Problem(f"options.{name}", message))
        elif value != ("" if setting.default is None else as_text(setting.default)):
            kept[name] = value
    if problems:
        raise InvalidInputError(*problems)
    return kept


def checked_price(price: Decimal | None) -> Decimal | None:
    """The price itself, if it is unknown or can be one.

    Raises:
        InvalidInputError: it can't; names ``unit_price``.
    """
    if price is not None and not (price.is_finite() and 0 <= price <= _PRICE_MAX):
        raise InvalidInputError(Problem("unit_price", "must be a number that is not negative."))
    return price
