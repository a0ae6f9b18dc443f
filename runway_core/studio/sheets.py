"""Reads the first sheet of an XLSX file as text, a cell at a time. Nothing in the file is trusted.

An XLSX file is a ZIP archive of XML. Before any of it is parsed it is held to what a list of prompts can be: so
much when unpacked, so many marks of XML, no entities. What a formula came to is read; no formula is run.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from datetime import datetime, time, timedelta
from typing import Any

from runway_core.errors import InvalidInputError, Problem

PACKED_MOST = 2 * 1024 * 1024
"""Bytes of the file."""
UNPACKED_MOST = 12 * 1024 * 1024
"""Bytes of all that is in it."""
PARTS_MOST = 200
MARKS_MOST = 500_000
"""Tags in all of its XML, which bound what reading it takes."""
COLUMNS_MOST = 40
_ENTITIES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_ERRORS = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})
"""What stands in a cell whose formula came to nothing."""
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(NotImplementedError, RuntimeError, EOFError, OSError, ValueError, struct.error),
)
"""What Python's reader of archives says of those that are none."""


def is_sheet(data: bytes) -> bool:
    """Whether a file is a ZIP archive, as every XLSX file is."""
    return data.startswith(b"PK\x03\x04")


def sheet_rows(data: bytes, *, rows_most: int) -> list[list[str]]:
    """The cells of the first sheet as text: its first `rows_most` rows, empty ones too.

    Raises:
        InvalidInputError: names ``file``: it is no such file, or too large.
    """
    _check(data)
    try:
        return _read(data, rows_most)
    except Exception:  # noqa: BLE001 - the reader has no error of its own for files that are made up
        raise _refused("can't be read as an XLSX file; save it as CSV.") from None


def _check(data: bytes) -> None:
    """Refuse what no list of prompts is, by reading it piece by piece.

    Raises:
        InvalidInputError: names ``file``.
    """
    if len(data) > PACKED_MOST:
        largest = "is larger than {megabytes} MB."
        raise _refused(largest.format(megabytes=PACKED_MOST // 1024**2))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            told = sum(part.file_size for part in parts)
            if len(parts) > PARTS_MOST or told > UNPACKED_MOST:
                raise _refused("holds too much for a list of prompts; save it as CSV.")
            # No part gives more than it says it holds, so what is read here is bounded too.
            marks = sum(_marks(archive.read(part)) for part in parts if _is_xml(part.filename))
    except _BROKEN:
        raise _refused("can't be read as an XLSX file; save it as CSV.") from None
    if marks > MARKS_MOST:
        raise _refused("holds too much for a list of prompts; save it as CSV.")


def _is_xml(name: str) -> bool:
    return not name.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".bin", ".emf", ".wmf"))


def _marks(xml: bytes) -> int:
    """How many tags a part holds.

    Raises:
        InvalidInputError: it defines entities, or is in an encoding in which it might do so unseen.
    """
    declared = _ENCODING.search(xml[:200])
    known = declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii")
    if not known or b"\x00" in xml[:64] or _ENTITIES.search(xml):
        raise _refused("can't be read as an XLSX file; save it as CSV.")
    return xml.count(b"<")


def _read(data: bytes, rows_most: int) -> list[list[str]]:
    # Here, because it takes a tenth of a second to load, and few lists come as XLSX.
    import openpyxl  # type: ignore[import-untyped] # it ships no types

    book = openpyxl.load_workbook(
        io.BytesIO(data), read_only=True, data_only=True, keep_links=False
    )
    try:
        sheet = book.worksheets[0]
        limits = {"max_row": rows_most, "max_col": COLUMNS_MOST}
        found = [
            [_text(cell) for cell in row] for row in sheet.iter_rows(**limits, values_only=True)
        ]
    finally:
        book.close()
    while found and not any(found[-1]):
        found.pop()
    width = max((len(row) - _empty_at_end(row) for row in found), default=0)
    return [row[:width] for row in found]


def _empty_at_end(row: list[str]) -> int:
    filled = [at for at, cell in enumerate(row) if cell]
    return len(row) - (filled[-1] + 1 if filled else 0)


def _text(value: Any) -> str:
    """A cell as a person sees it: ``16:9`` is a time of day to a spreadsheet, and 5 may be 5.0."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | time):
        return f"{value.hour}:{value.minute}"
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60}"
    text = str(value).strip()
    return "" if text in _ERRORS else text


def _refused(message: str) -> InvalidInputError:
    hint = "Nothing was sent and nothing was charged."
    return InvalidInputError(Problem("file", message), hint=hint)
