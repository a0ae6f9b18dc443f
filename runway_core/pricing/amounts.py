"""Amounts in a provider's own unit, as words."""

from __future__ import annotations

from decimal import Decimal

_COUNTED = frozenset({"credit", "point", "unit"})
"""The catalogue's own units; how a unit that a person typed makes its plural is not known."""


def amount(value: Decimal, unit: str) -> str:
    """An amount in a provider's own unit; a unit that a person typed stays as typed."""
    text = f"{value.normalize():,f}" if value else "0"
    return f"{text} {unit if value == 1 else many(unit)}".rstrip()


def many(unit: str) -> str:
    """A unit as more than one of it is called."""
    return f"{unit}s" if unit.casefold() in _COUNTED else unit
