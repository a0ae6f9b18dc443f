"""The table as people read it: complete, safe, and the same in the documents."""

from __future__ import annotations

import re

import pytest

from runway_core import errors
from runway_core.errors import DeskError, InvalidInputError, Problem, ProviderError
from runway_core.policy import (
    EVERY,
    TABLE,
    WORDS,
    Cell,
    Do,
    Fault,
    Operation,
    after_unclear,
    decide,
    fault_of,
    words,
)
from tests.engine.cells import ON_THE_WIRE
from tests.house import ROOT

CREATES = (Operation.CREATE, Operation.PROVEN)
PAGE = (ROOT / "docs" / "faults.md").read_text("utf-8")


def columns() -> list[str]:
    return [operation.value for operation in Operation]


def rows() -> dict[str, list[str]]:
    """The page's table: the cells of each fault, and last what a person sees."""
    section = PAGE.split("## The table\n", 1)[1].split("\n## ", 1)[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return {line[0]: line[1:] for line in lines}


def kinds() -> list[type[DeskError]]:
    found = [DeskError]
    for error in found:
        found += error.__subclasses__()
    return [error for error in found if error.__module__ == errors.__name__]


def made(kind: type[DeskError]) -> DeskError:
    if issubclass(kind, InvalidInputError):
        return kind(Problem("seed", "is odd"))
    return kind("It broke.")


def seen(fault: Fault) -> str:
    """What a person is told of a create that met it."""
    cell = TABLE[fault].create
    return words(fault, cell.do, cell)


def test_the_page_shows_the_table_as_it_is_obeyed() -> None:
    shown = rows()
    assert shown.pop("fault") == [*columns(), "what a person sees"]
    assert {name for name in shown if not set(name) <= {"-", "|"}} == {f.value for f in Fault}
    for fault, row in TABLE.items():
        assert shown[fault.value] == [*(cell.text for cell in row[:7]), seen(fault)], fault


def test_every_word_of_the_table_is_explained() -> None:
    section = PAGE.split("## The words in it\n", 1)[1].split("\n## ", 1)[0]
    explained = set(re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE))
    used = {do for row in TABLE.values() for cell in row[:7] for do in (cell.do, *ends(cell))}
    assert {str(do) for do in used} - explained == {"no", "UNCERTAIN"}


def ends(cell: Cell) -> tuple[Do, ...]:
    return (cell.then,) if cell.is_limited else ()


def test_every_fault_has_a_row_and_every_column_a_cell() -> None:
    assert set(TABLE) == set(Fault)
    assert list(TABLE[Fault.KEY]._fields[:7]) == columns()


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_what_may_have_been_made_is_never_called_unmade(kind: type[DeskError]) -> None:
    for status in (None, 200, 302, 404, 408, 409, 422, 429, 500, 503):
        error = made(kind)
        if isinstance(error, ProviderError):
            error.status_code = status
            if error.outcome == "unknown":
                assert decide(error, Operation.CREATE).do is Do.UNCERTAIN
                assert decide(error, Operation.PROVEN).do in (Do.SAME_KEY, Do.UNCERTAIN)
            else:
                assert decide(error, Operation.CREATE).do is not Do.UNCERTAIN
        assert fault_of(error) in TABLE


def test_a_create_that_was_told_nothing_clear_once_ends_sent_or_uncertain() -> None:
    for row in TABLE.values():
        cell = after_unclear(row.proven)
        assert cell.do in (Do.SAME_KEY, Do.UNCERTAIN)
        assert (cell.then if cell.is_limited else cell.do) is Do.UNCERTAIN
        if cell.do is Do.SAME_KEY:
            assert 0 < cell.tries <= 4
            assert 0 < cell.within <= 300


def test_no_create_is_tried_without_end() -> None:
    for row in TABLE.values():
        for cell in (row.create, row.proven, row.prepare):
            if cell.do in (Do.AGAIN, Do.SAME_KEY):
                assert 0 < cell.tries <= 4


def test_nothing_but_a_lost_task_is_ended_by_looks() -> None:
    for fault, row in TABLE.items():
        end = row.look.then if row.look.is_limited else row.look.do
        assert end in (Do.AGAIN, Do.STUCK, Do.PAUSE, Do.WAIT, Do.GONE)
        assert (end is Do.GONE) is (fault is Fault.NO_TASK)


def test_only_a_key_that_is_proven_is_sent_twice() -> None:
    for row in TABLE.values():
        for operation in set(Operation) - {Operation.PROVEN}:
            assert getattr(row, operation.value).do is not Do.SAME_KEY


def test_every_sentence_can_be_filled_in() -> None:
    facts = {"error": "It broke.", "who": "X", "n": 2, "most": 4, "wait": "40 s", "at": "00:00"}
    for fault, row in TABLE.items():
        for cell in row[:7]:
            for do in (cell.do, *ends(cell)):
                said = words(fault, do, cell).format(**facts)
                assert said[0].isupper(), said
                assert said.endswith((".", ")."))
    assert set(WORDS) <= set(Do)
    assert all(seconds >= 60 for seconds in EVERY.values())


def test_every_fault_that_an_answer_can_be_is_made_on_a_socket() -> None:
    ours = {Fault.STORAGE, Fault.OURS, Fault.BROKEN, Fault.NOT_SENDABLE}
    assert set().union(*ON_THE_WIRE.values()) == set(Fault) - ours
    assert set(ON_THE_WIRE) == set(Operation)
