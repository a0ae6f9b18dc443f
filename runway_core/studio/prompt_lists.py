"""Reads a list of prompts: a table with named columns (CSV, or cells pasted from a sheet), or a prompt a line.

Nothing in it is trusted. Whatever is wrong is told at once, each with its row and column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from runway_core.domain import Noun
from runway_core.errors import InvalidInputError, Problem
from runway_core.studio.list_columns import COLUMNS, named_columns
from runway_core.studio.sheets import is_sheet, sheet_rows

BYTES_MOST = 1024 * 1024
ROWS_MOST = 2_000
_SEPARATORS = ",;\t"
_DIGITS = 12
_HINT = "Mend these places and try again. Nothing was sent and nothing was charged."


class Line(Noun):
    """One video of a list; what is empty or None was left open, or could not be read."""

    row: int
    """Its row in the list, as a sheet counts: the first one is 1, and that of the names counts too."""
    prompt: str
    image: str = ""
    """Link to the first frame, or the name of a picture that was brought in."""
    model: str = ""
    ratio: str = ""
    duration: int | None = None
    """Seconds."""
    seed: int | None = None
    problems: tuple[Problem, ...] = ()
    """What could not be read, each with its place."""


def place(row: int, column: str) -> str:
    """How a problem names where it is, such as ``row 3, duration``."""
    return f"row {row}, {column}"


def read_list(data: bytes | str) -> list[Line]:
    """Every video of a list, each with what is wrong with it; empty rows left out.

    A list whose first row has a cell ``prompt`` is a table, separated by commas, semicolons or tabs; its
    columns may be in any order, and be called as `list_columns` knows. In any other list each line is a prompt.

    Raises:
        InvalidInputError: it can't be read at all; names ``file``, where it is no list, empty, or too long, or
            the place at which it breaks off, as ``row 1, colour``.
    """
    text = read_text(data)
    first = next(iter(text.splitlines()), "")
    separator = next((each for each in _SEPARATORS if each in first), ",")
    names = named_columns(next(csv.reader([first], delimiter=separator), []))
    if names is None:
        found = [Line(row=n, prompt=line.strip()) for n, line in _filled(text.splitlines())]
    else:
        found = list(_table(text, names, separator))
    if not found:
        raise _refused(Problem("file", "has no prompt in it."))
    return found


def write_list(lines: Iterable[Line]) -> str:
    """The same videos as a table, which `read_list` reads back."""
    out = io.StringIO()
    # Every text in quotes: in a prompt there may be characters that end a line for some readers.
    table = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    table.writerow(COLUMNS)
    for line in lines:
        numbers = ("" if n is None else n for n in (line.duration, line.seed))
        table.writerow((line.prompt, line.image, line.model, line.ratio, *numbers))
    return out.getvalue()


def read_text(data: bytes | str) -> str:
    """What a file of text says, in UTF-8, or in UTF-16 as sheets write it; an XLSX file as a table.

    Raises:
        InvalidInputError: it is too large, or no such text; names ``file``.
    """
    if isinstance(data, bytes) and is_sheet(data):
        return _of_sheet(sheet_rows(data, rows_most=ROWS_MOST + 2))
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > BYTES_MOST:
        raise _refused(Problem("file", f"is larger than {BYTES_MOST // 1024} kB."))
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(Problem("file", "is not text in UTF-8; save it as CSV UTF-8.")) from None


def _of_sheet(rows: list[list[str]]) -> str:
    if all(len(row) <= 1 for row in rows):  # nothing but prompts: a line each
        return "\n".join(" ".join(" ".join(row).split()) for row in rows)
    if named_columns(rows[0]) is None:
        names = "must name the columns. There are: {columns}.".format(columns=", ".join(COLUMNS))
        raise _refused(Problem("row 1", names))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _filled(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    number = 0
    for row, line in enumerate(lines, start=1):
        if line.strip():
            number += 1
            _check_length(number)
            yield row, line


def _check_length(number: int) -> None:
    if number > ROWS_MOST:
        raise _refused(Problem("file", f"has more than {ROWS_MOST:,} prompts."))


def _table(text: str, names: list[str], separator: str) -> Iterator[Line]:
    _check_names(names)
    for number, (row, cells) in enumerate(_rows(text, separator), start=1):
        _check_length(number)
        yield _line(row, names, cells)


def _check_names(names: list[str]) -> None:
    known = ", ".join(COLUMNS)
    problems = [
        Problem(place(1, name or "an empty name"), f"is no column here. There are: {known}.")
        for name in names
        if name not in COLUMNS
    ]
    problems += [
        Problem(place(1, name), "is there twice.") for name in COLUMNS if names.count(name) > 1
    ]
    if problems:
        raise _refused(*problems)


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each filled row below the names; a cell in quotes may hold line breaks."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            if row > 1 and any(cell.strip() for cell in cells):
                yield row, cells
    except csv.Error:
        problem = Problem(f"row {row + 1}", "has a quotation mark that is not closed, or too much.")
        raise _refused(problem) from None


def _line(row: int, names: list[str], cells: list[str]) -> Line:
    problems: list[Problem] = []
    if len(cells) > len(names):
        says = (
            f"has {len(cells)} cells for {len(names)} columns; put a prompt with commas in quotes."
        )
        problems.append(Problem(f"row {row}", says))
    values = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    if not (values.get("prompt") or values.get("image")):
        problems.append(Problem(place(row, "prompt"), "is empty."))
    seconds = values.get("duration", "").removesuffix("s").rstrip()
    duration = _number(seconds, place(row, "duration"), problems, least=1)
    seed = _number(values.get("seed", ""), place(row, "seed"), problems)
    return Line(
        row=row,
        prompt=values.get("prompt", ""),
        image=values.get("image", ""),
        model=values.get("model", ""),
        ratio=values.get("ratio", ""),
        duration=duration,
        seed=seed,
        problems=tuple(problems),
    )


def _number(cell: str, where: str, problems: list[Problem], *, least: int = 0) -> int | None:
    if not cell:
        return None
    if cell.isascii() and cell.isdecimal() and len(cell) <= _DIGITS and int(cell) >= least:
        return int(cell)
    problems.append(Problem(where, f"must be a whole number, not “{cell[:40]}”."))
    return None


def _refused(*problems: Problem) -> InvalidInputError:
    return InvalidInputError(*problems, hint=_HINT)
