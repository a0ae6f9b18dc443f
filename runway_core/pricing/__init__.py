"""Money: what a request should cost, and what tasks count towards a budget. Exact arithmetic, nothing else."""

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
from runway_core.pricing.estimating import (
    FPS_LEAST,
    FPS_MOST,
    STEP,
    Asked,
    asked_by,
    estimate,
    steps,
)
from runway_core.pricing.learning import Learnt, Sent, learnt
from runway_core.pricing.ledger import Certainty, Kind, Line, lines
from runway_core.pricing.refusing import anew, named, overcharge, refusal
from runway_core.pricing.reporting import Spent, at_rank, share_of, spent
from runway_core.pricing.tallies import Tally, spending, tally

__all__ = [
    "FPS_LEAST",
    "FPS_MOST",
    "STEP",
    "Asked",
    "Available",
    "Certainty",
    "Counted",
    "Kind",
    "Learnt",
    "Line",
    "Lot",
    "Outlook",
    "Sent",
    "Spending",
    "Spent",
    "Tally",
    "Verdict",
    "admit",
    "amount",
    "anew",
    "asked_by",
    "at_rank",
    "begins",
    "counted",
    "ends",
    "estimate",
    "is_excessive",
    "learnt",
    "lines",
    "many",
    "named",
    "outlook",
    "overcharge",
    "refusal",
    "share_of",
    "spending",
    "spent",
    "steps",
    "tally",
]
