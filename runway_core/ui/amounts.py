"""Amounts as people type them. Pure: no Streamlit."""

from __future__ import annotations

import re
from decimal import Decimal

from runway_core.errors import InvalidInputError, Problem
from runway_core.language import _


def amount_of(text: str, *, field: str, empty: str) -> Decimal | None:
    """Read an amount as people write it: 0.35, 0,35 or 2,000; None when empty.

    Args:
        field: what to call it in a problem.
        empty: when to leave it empty, such as ``if you don't know it``.

    Raises:
        InvalidInputError: it is no number above 0.
    """
    text = "".join(text.split())
    if not text:
        return None
    digits = text.lstrip("-\u2212\u2013")
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", digits):
        digits = digits.replace(",", "")
    digits = digits.replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", digits):
        raise _wrong(field, _("must be a number, such as 0.35 or 2000."))
    amount = Decimal(digits)
    if not amount:
        raise _wrong(field, _("must be more than 0; leave it empty {empty}.").format(empty=empty))
    if text[0] != digits[0]:
        raise _wrong(field, _("can't be negative."))
    return amount


def amount_text(amount: Decimal | None) -> str:
    """An amount as it stands in a field; empty for none."""
    return "" if amount is None else f"{amount.normalize():f}"


def _wrong(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(Problem(field, message))
