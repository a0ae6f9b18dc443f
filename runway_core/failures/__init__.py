"""What went wrong, what it cost and what can be done: one table for failure codes and for our own errors."""

from runway_core.failures.advice import Advice, Charged, Fix, Retry
from runway_core.failures.explain import (
    advice_for,
    advice_of,
    advice_on,
    hint_for,
    hint_of,
    is_explained,
    money,
    without_money,
)
from runway_core.failures.table import WRITTEN_OFF

__all__ = [
    "WRITTEN_OFF",
    "Advice",
    "Charged",
    "Fix",
    "Retry",
    "advice_for",
    "advice_of",
    "advice_on",
    "hint_for",
    "hint_of",
    "is_explained",
    "money",
    "without_money",
]
