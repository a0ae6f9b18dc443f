"""Finds the advice for a code, for an error and for a failed task."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from runway_core.domain import Task
from runway_core.errors import DeskError
from runway_core.failures.advice import Advice, Charged, Fix, Row
from runway_core.failures.table import NO_CODE, ROWS

_MONEY = re.compile(
    r"(?:^|(?<=[.!] ))Nothing was (?:sent|charged)(?: (?:and nothing was|or) charged)?\.\s*"
)
"""What hints say of the money: beside the advice it would be said twice."""
_FIELD = re.compile(r"(?:^|[.;] )(prompt|frames\.\w+|media\.\w+|ratio|duration|model): (.*)")
"""A field as our own errors name it in their text."""
_FIXES = {
    "prompt": Fix.PROMPT,
    "frames": Fix.PICTURE,
    "media": Fix.PICTURE,
    "ratio": Fix.RATIO,
    "duration": Fix.DURATION,
    "model": Fix.MODEL,
}
_LONG = re.compile(r"too long|too big|at most|longer|maximum|<=", re.IGNORECASE)


def advice_for(code: str) -> Advice:
    """The advice of the longest known part of a failure code, or what is right for any other."""
    row = _row(code)
    return NO_CODE if row is None else row.advice


def advice_on(error: DeskError) -> Advice:
    """The advice on an error of ours: its own words, and the table's for the money."""
    kinds = (kind.__name__.removesuffix("Error") for kind in type(error).__mro__)
    row = next(row for kind in kinds if (row := _row(kind)))
    found = replace(row.advice, sentence=str(error), do=without_money(error.hint or row.advice.do))
    return replace(found, fix=_fix_by_field(found.fix, str(error)))


def advice_of(task: Task) -> Advice:
    """The advice on a FAILED task; what the provider says it charged counts more than the table."""
    found = advice_for(task.failure_code)
    if _is_ours(task.failure_code):
        found = replace(found, sentence=task.failure or found.sentence, do=task.hint or found.do)
        found = replace(found, fix=_fix_by_field(found.fix, task.failure))
    elif found is NO_CODE and task.failure:
        found = replace(found, sentence=task.failure)
    found = replace(found, do=without_money(found.do))
    if task.profile == "sandbox":
        return replace(found, charged="no", why="this was practice")
    return _charged(found, task.charge)


def hint_for(code: str) -> str:
    """All the advice on a failed task in one text, for scripts and the command line."""
    advice = advice_for(code)
    return f"{advice.sentence} {money(advice)} {without_money(advice.do)}"


def hint_of(task: Task) -> str:
    """All the advice on a FAILED task that its ``failure`` does not say already, in one text."""
    advice = advice_of(task)
    sentence = "" if advice.sentence == task.failure else f"{advice.sentence} "
    return f"{sentence}{money(advice)} {advice.do}"


def money(advice: Advice) -> str:
    """One line on the money, such as ``Charged: no, nothing was sent.``"""
    why = advice.why
    return {
        "no": f"Charged: no, {why}.",
        "yes": f"Charged: yes, {why}.",
        "unknown": f"Charged: not known, {why}.",
    }[advice.charged]


def is_explained(task: Task) -> bool:
    """Whether the table's words say more about a failed task than the provider's."""
    return advice_for(task.failure_code) is not NO_CODE and not _is_ours(task.failure_code)


def _charged(advice: Advice, charge: Decimal | None) -> Advice:
    if charge is None:
        return advice
    charged: Charged = "yes" if charge else "no"
    return replace(advice, charged=charged, why="the provider has booked it so")


def _row(code: str) -> Row | None:
    words = code.strip().upper()
    found = [(_reach(words, known.upper(), row), row) for row in ROWS for known in row.codes]
    longest = max(found, key=lambda match: match[0])
    return longest[1] if longest[0] > (0, 0) else None


def _reach(words: str, known: str, row: Row) -> tuple[int, int]:
    """How far into the code the known part goes, and its length; zeros when it is no part of it."""
    if f"{words}.".startswith(f"{known}."):
        return len(known), len(known)
    at = f".{words}.".find(f".{known}.") if row.anywhere else -1
    return (at + len(known), len(known)) if at >= 0 else (0, 0)


def _is_ours(code: str) -> bool:
    """Whether the code is the kind of one of our errors, whose text was made for a person."""
    return any(code == row.codes[0] and code[:1].isupper() and not code.isupper() for row in ROWS)


def _fix_by_field(fix: Fix | None, text: str) -> Fix | None:
    named = _FIELD.search(text) if fix is Fix.CHANGE else None
    if named is None:
        return fix
    found = _FIXES[named[1].partition(".")[0]]
    return Fix.SHORTEN if found is Fix.PROMPT and _LONG.search(named[2]) else found


def without_money(hint: str) -> str:
    """A hint without what it says of the money, where that is said beside it."""
    return _MONEY.sub("", hint).strip()
