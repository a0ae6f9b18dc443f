"""Tables as files for a spreadsheet; no cell of them is a formula to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for a formula at the start of a cell, its full-width forms too (OWASP, CSV Injection)."""


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table as CSV in UTF-8."""
    file = io.StringIO()
    write = csv.writer(file, quoting=csv.QUOTE_ALL).writerow
    write(columns)
    for row in rows:
        write([_harmless(cell) for cell in row])
    return file.getvalue().encode("utf-8-sig", "replace")  # Excel knows UTF-8 by its mark


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
