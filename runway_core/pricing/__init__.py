"""What a request should cost, by whom and how soon, and what tasks count towards a budget.

Exact arithmetic, nothing else.
"""

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
from runway_core.pricing.currency import Reporting, cents, worth_of
from runway_core.pricing.estimating import (
    FPS_LEAST,
    FPS_MOST,
    STEP,
    Asked,
    Rated,
    asked_by,
    estimate,
    rated,
    steps,
)
from runway_core.pricing.offers import Offer, Seller, Wish, offers
from runway_core.pricing.pace import KNOWN, Past, as_told, pace_of
from runway_core.pricing.plan import DAY, WINDOW, Limits, usable
from runway_core.pricing.refusing import anew, named, overcharge, refusal
from runway_core.pricing.schedule import Batch, Load, Pace, Run, schedule
from runway_core.pricing.spans import lasting
from runway_core.pricing.timetable import Moment, Timetable, Wave, timetable

__all__ = [
    "DAY",
    "FPS_LEAST",
    "FPS_MOST",
    "KNOWN",
    "STEP",
    "WINDOW",
    "Asked",
    "Batch",
    "Counted",
    "Limits",
    "Load",
    "Moment",
    "Offer",
    "Outlook",
    "Pace",
    "Past",
    "Rated",
    "Reporting",
    "Run",
    "Seller",
    "Spending",
    "Timetable",
    "Wave",
    "Wish",
    "amount",
    "anew",
    "as_told",
    "asked_by",
    "begins",
    "cents",
    "counted",
    "ends",
    "estimate",
    "is_excessive",
    "lasting",
    "many",
    "named",
    "offers",
    "outlook",
    "overcharge",
    "pace_of",
    "rated",
    "refusal",
    "schedule",
    "spending",
    "steps",
    "timetable",
    "usable",
    "worth_of",
]
