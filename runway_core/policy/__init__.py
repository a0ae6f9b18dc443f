"""What is done when something goes wrong: one table of faults × operations that everything obeys.

decisions.py   what a cell can say, and the arithmetic of waits
faults.py      the rows: which of our errors is which fault
table.py       the columns and the table itself, as a maintainer reads it; docs/faults.md shows the same
patience.py    obeys it where a person waits for the answer
"""

from __future__ import annotations

from runway_core.policy.decisions import EVERY, Cell, Do, duration, rarely, until_reset
from runway_core.policy.faults import Fault, fault_of
from runway_core.policy.patience import patiently
from runway_core.policy.table import (
    TABLE,
    WORDS,
    Operation,
    Row,
    after_unclear,
    decide,
    words,
)

__all__ = [
    "EVERY",
    "TABLE",
    "WORDS",
    "Cell",
    "Do",
    "Fault",
    "Operation",
    "Row",
    "after_unclear",
    "decide",
    "duration",
    "fault_of",
    "patiently",
    "rarely",
    "until_reset",
    "words",
]
