"""What a request should cost, by whom and how soon, and what tasks count towards a budget.

Exact arithmetic, nothing else.
"""

from runway_core.pricing.admitting import Available, Lot, Verdict, admit
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
    unit_prices,
)
from runway_core.pricing.learning import Learnt, Sent, learnt
from runway_core.pricing.ledger import Certainty, Kind, Line, lines
from runway_core.pricing.offers import Offer, Seller, Wish, offers
from runway_core.pricing.pace import KNOWN, Past, as_told, pace_of
from runway_core.pricing.plan import DAY, WINDOW, Limits, usable
from runway_core.pricing.refusing import anew, named, overcharge, refusal
from runway_core.pricing.reporting import Spent, at_rank, share_of, spent
from runway_core.pricing.schedule import Batch, Load, Pace, Run, schedule
from runway_core.pricing.spans import lasting
from runway_core.pricing.tallies import Tally, spending, tally
from runway_core.pricing.timetable import Moment, Timetable, Wave, timetable

__all__ = [
    "DAY",
    "FPS_LEAST",
    "FPS_MOST",
    "KNOWN",
    "STEP",
    "WINDOW",
    "Asked",
    "Available",
    "Batch",
    "Certainty",
    "Counted",
    "Kind",
    "Learnt",
    "Limits",
    "Line",
    "Load",
    "Lot",
    "Moment",
    "Offer",
    "Outlook",
    "Pace",
    "Past",
    "Rated",
    "Reporting",
    "Run",
    "Seller",
    "Sent",
    "Spending",
    "Spent",
    "Tally",
    "Timetable",
    "Verdict",
    "Wave",
    "Wish",
    "admit",
    "amount",
    "anew",
    "as_told",
    "asked_by",
    "at_rank",
    "begins",
    "cents",
    "counted",
    "ends",
    "estimate",
    "is_excessive",
    "lasting",
    "learnt",
    "lines",
    "many",
    "named",
    "offers",
    "outlook",
    "overcharge",
    "pace_of",
    "rated",
    "refusal",
    "schedule",
    "share_of",
    "spending",
    "spent",
    "steps",
    "tally",
    "timetable",
    "unit_prices",
    "usable",
    "worth_of",
]
