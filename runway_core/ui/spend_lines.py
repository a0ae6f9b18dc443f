"""The lines that the ledger has of one video."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Task
from runway_core.language import N_, _, translated
from runway_core.store import LedgerEntry
from runway_core.ui.clock import zone
from runway_core.ui.services import get_studio
from runway_core.ui.spend_table import table
from runway_core.ui.words import amount, moment, plain

_KINDS = {
    "estimate": N_("Estimate"),
    "reservation": N_("Held"),
    "release": N_("No longer held"),
    "charge": N_("Charge"),
    "refund": N_("Given back"),
    "write-off": N_("Written off"),
}
_CERTAINTIES = {
    "estimated": N_("estimated"),
    "confirmed": N_("told by the provider"),
    "unknown": N_("not known"),
}


def ledger_lines(task: Task) -> None:
    """Draw a fold with them.

    Raises:
        StorageError: the database can't be read.
    """
    entries = get_studio().spending.entries(task.id)
    if not entries:
        return
    with st.expander(_("What it cost, line by line"), icon=":material/receipt_long:"):
        if task.profile == "sandbox":
            st.caption(_("Practice: nothing was really paid."))
        head = (_("When"), _("What"), _("Amount"), _("How sure"), _("Why"))
        table(head, [_row(entry) for entry in entries], left=5)


def _row(entry: LedgerEntry) -> tuple[str, ...]:
    at = moment(entry.at, zone(), seconds=True).replace(" ", "\u00a0")
    known = _("not known") if entry.amount is None else amount(entry.amount, entry.unit)
    cells = (_(_KINDS[entry.kind]), known, _(_CERTAINTIES[entry.certainty]), translated(entry.why))
    return (at, *map(plain, cells))
