"""The table: one row a fault, one column an operation. docs/faults.md shows it to people; a test holds both together.

A create is sent again only if no byte of it left, if the other side said that it did nothing, or with the
same key and bytes where the key is proven to make that harmless. Everything else is UNCERTAIN.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from runway_core.errors import DeskError
from runway_core.policy.decisions import Cell, Do
from runway_core.policy.faults import Fault, fault_of


class Operation(StrEnum):
    """What was being done; the values are the columns of a row."""

    PROVEN = "proven"
    """A create whose idempotency key is proven to be honoured by this provider."""
    CREATE = "create"
    """Any other create."""
    PREPARE = "prepare"
    """What goes before a create and costs nothing: a file is read, encoded or uploaded."""
    LOOK = "look"
    CANCEL = "cancel"
    DOWNLOAD = "download"
    """The file, or the rest of it, and before each further try the look that brings a fresh link to it."""
    BALANCE = "balance"


class Row(NamedTuple):
    """What is done about one fault, by operation."""

    proven: Cell
    create: Cell
    prepare: Cell
    look: Cell
    cancel: Cell
    download: Cell
    balance: Cell
    says: str = ""
    """What a person sees meanwhile, where `words` has nothing better."""


_NO = Cell(Do.NO)
_MARK = Cell(Do.MARK)
_UNSURE = Cell(Do.UNCERTAIN)
_KEY = Cell(Do.SAME_KEY, tries=4, within=300, cap=60, then=Do.UNCERTAIN)
_SOON = Cell(Do.AGAIN, tries=4, within=600, cap=60)
_LIMIT = Cell(Do.AGAIN, tries=4, cap=300, then=Do.LINE)
_RESET = Cell(Do.RESET)
_HELD = Cell(Do.WAIT, base=1, cap=5)
_PAUSE = Cell(Do.PAUSE)
_LOOK = Cell(Do.AGAIN)
_LOOK10 = Cell(Do.AGAIN, tries=10, then=Do.STUCK)
_GONE = Cell(Do.AGAIN, tries=3, over=120, then=Do.GONE)
_RARE = Cell(Do.STUCK)
_STOP4 = Cell(Do.AGAIN, tries=4)
_TRUTH = Cell(Do.TRUTH, tries=4)
_DONE = Cell(Do.DONE)
_FETCH = Cell(Do.FRESH)
_FETCH6 = Cell(Do.FRESH, tries=6, then=Do.STUCK)
_LINK6 = Cell(Do.FRESH, tries=6, then=Do.EXPIRED)
_ASK = Cell(Do.AGAIN, tries=3, within=4, base=0.5, cap=1)

_BUSY = "Waiting for {who}’s limit, about {wait}."
_DAY = "Today’s {who} limit is used up; it starts again at {at}."
_MARKED = "{who} refused the API key. It goes on once the key works."
_UNTRUSTED = "{error} Nothing is sent until that is mended."

# fmt: off
TABLE: dict[Fault, Row] = {
    #                       proven   create   prepare look     cancel  download balance
    Fault.NOT_REACHED:  Row(_SOON,   _SOON,   _SOON,  _LOOK,   _STOP4, _FETCH6, _ASK),
    Fault.CERTIFICATE:  Row(_MARK,   _MARK,   _MARK,  _PAUSE,  _NO,    _RARE,   _NO,   _UNTRUSTED),
    Fault.NOT_SENDABLE: Row(_NO,     _NO,     _NO,    _RARE,   _NO,    _RARE,   _NO),
    Fault.NO_ANSWER:    Row(_KEY,    _UNSURE, _SOON,  _LOOK,   _LOOK,  _FETCH,  _ASK),
    Fault.UNUSABLE:     Row(_KEY,    _UNSURE, _SOON,  _LOOK10, _TRUTH, _LINK6,  _NO),
    Fault.INVALID:      Row(_NO,     _NO,     _NO,    _RARE,   _NO,    _LINK6,  _NO),
    Fault.KEY:          Row(_MARK,   _MARK,   _MARK,  _PAUSE,  _PAUSE, _PAUSE,  _NO,   _MARKED),
    Fault.CREDIT:       Row(_NO,     _NO,     _NO,    _RARE,   _NO,    _LINK6,  _NO),
    Fault.FORBIDDEN:    Row(_NO,     _NO,     _NO,    _PAUSE,  _NO,    _PAUSE,  _NO),
    Fault.NO_TASK:      Row(_NO,     _NO,     _NO,    _GONE,   _DONE,  _LINK6,  _NO),
    Fault.TIMED_OUT:    Row(_KEY,    _UNSURE, _SOON,  _LOOK,   _LOOK,  _FETCH,  _ASK),
    Fault.CONFLICT:     Row(_KEY,    _UNSURE, _SOON,  _LOOK,   _TRUTH, _FETCH,  _ASK),
    Fault.OTHER_BODY:   Row(_UNSURE, _UNSURE, _NO,    _RARE,   _NO,    _LINK6,  _NO),
    Fault.LIMIT:        Row(_LIMIT,  _LIMIT,  _LIMIT, _LOOK,   _LOOK,  _FETCH,  _ASK,  _BUSY),
    Fault.DAY:          Row(_RESET,  _RESET,  _RESET, _RARE,   _LOOK,  _FETCH,  _NO,   _DAY),
    Fault.SERVER:       Row(_KEY,    _UNSURE, _SOON,  _LOOK,   _LOOK,  _FETCH,  _ASK),
    Fault.UNAVAILABLE:  Row(_KEY,    _UNSURE, _SOON,  _LOOK,   _LOOK,  _FETCH,  _ASK),
    Fault.OVERLOADED:   Row(_LIMIT,  _LIMIT,  _LIMIT, _LOOK,   _LOOK,  _FETCH,  _ASK),
    Fault.MOVED:        Row(_UNSURE, _UNSURE, _NO,    _RARE,   _NO,    _LINK6,  _NO),
    Fault.LINK_GONE:    Row(_NO,     _NO,     _NO,    _LOOK,   _NO,    _LINK6,  _NO),
    Fault.NOT_OFFERED:  Row(_NO,     _NO,     _NO,    _LOOK,   _NO,    _LINK6,  _NO),
    Fault.HELD_BACK:    Row(_HELD,   _HELD,   _HELD,  _HELD,   _HELD,  _HELD,   _ASK),
    Fault.STORAGE:      Row(_UNSURE, _UNSURE, _SOON,  _LOOK,   _LOOK,  _FETCH,  _NO),
    Fault.OURS:         Row(_NO,     _NO,     _NO,    _RARE,   _NO,    _RARE,   _NO),
    Fault.BROKEN:       Row(_UNSURE, _UNSURE, _SOON,  _LOOK,   _LOOK,  _FETCH,  _NO),
}
# fmt: on

WORDS: dict[Do, str] = {
    Do.SAME_KEY: "{error} Asked again with the same key, which can’t make a second one ({n}/{most}).",
    Do.UNCERTAIN: "{error} You may have been charged.",
    Do.LINE: "{error} It is back in line, about {wait}.",
    Do.STUCK: "{error} It is still watched, about every {wait}.",
}
"""What a person sees meanwhile, by what is done; else the error's own words."""
_TRYING = "{error} Trying again ({n}/{most})."
"""The same, where tries are counted."""


def words(fault: Fault, do: Do, cell: Cell) -> str:
    """What a person is told, with places for ``error``, ``who``, ``n``, ``most``, ``wait`` and ``at``."""
    says = TABLE[fault].says
    if says and do not in (Do.UNCERTAIN, Do.SAME_KEY, Do.STUCK):
        return says
    return WORDS.get(do) or (_TRYING if cell.tries and do is cell.do else "{error}")


_GOES_ON = {Do.AGAIN, Do.SAME_KEY, Do.WAIT}


def decide(error: DeskError, operation: Operation) -> Cell:
    """What is done about an error of that operation."""
    cell: Cell = getattr(TABLE[fault_of(error)], operation.value)
    return cell


def after_unclear(cell: Cell) -> Cell:
    """The same decision, once an earlier try with the same key may have been worked on.

    From then on nothing proves that nothing was made: it goes on with the same key, or a person decides.
    """
    return _KEY if cell.do in _GOES_ON else _UNSURE
