"""Money: what a request should cost, and what tasks count towards a budget. Exact arithmetic, nothing else."""

from runway_core.pricing.amounts import amount, many
from runway_core.pricing.budgeting import (
    Counted,
    Outlook,
    Spending,
    begins,
    counted,
    ends,
    is_excessive,
    outlook,
    spending,
)
from runway_core.pricing.estimating import FPS_LEAST, FPS_MOST, STEP, Asked, asked_by, estimate
from runway_core.pricing.refusing import anew, named, overcharge, refusal

__all__ = [
    "FPS_LEAST",
    "FPS_MOST",
    "STEP",
    "Asked",
    "Counted",
    "Outlook",
    "Spending",
    "amount",
    "anew",
    "asked_by",
    "begins",
    "counted",
    "ends",
    "estimate",
    "is_excessive",
    "many",
    "named",
    "outlook",
    "overcharge",
    "refusal",
    "spending",
]
