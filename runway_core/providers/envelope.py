"""Reads JSON that nobody vouches for, and finds the task inside whatever it is wrapped in."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from runway_core.domain import TaskStatus

Layer = dict[str, object]

log = logging.getLogger(__name__)

DEPTH = 64
LAYERS = 5
"""A document and at most four wrappings inside it."""

_UNIQUE = ("id", "status")
_WRAPPERS = (
    "task",
    "data",
    "generate",
    "animateImage",
    "generation",
    "job",
    "generatevideo",
    "generateVideo",
    "imagevideo",
    "imageVideo",
)
_IDS = ("id", "task_id", "taskId", "uuid")
_STATES = ("status", "state", "task_status")
_TASK_KEYS = (*_IDS, *_STATES, *_WRAPPERS)
"""One of these makes an object under an unknown name worth a look."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

WORDS: dict[str, TaskStatus] = {
    word: status
    for status, words in {
        TaskStatus.PENDING: "PENDING NOT_START SUBMITTED QUEUED QUEUEING CREATED STARTING WAITING",
        TaskStatus.THROTTLED: "THROTTLED",
        TaskStatus.RUNNING: "RUNNING PROCESSING IN_PROGRESS GENERATING DREAMING",
        TaskStatus.SUCCEEDED: "SUCCEEDED SUCCESS SUCCEED COMPLETED COMPLETE DONE FINISHED READY",
        TaskStatus.FAILED: "FAILED FAILURE FAIL ERROR REJECTED EXPIRED TIMEOUT MODERATION_FAILED",
        TaskStatus.CANCELLED: "CANCELLED CANCELED DELETED",
    }.items()
    for word in words.split()
}
"""Every word that a known API or relay uses for a state; any other word means that it goes on."""
_OF_ANSWERS = ("SUCCESS", "FAIL", "ERROR", "OK")
"""Words that say how a call went (the JSend convention) where no task is near."""
_ORDER = list(TaskStatus)


class NotJsonError(ValueError):
    """The bytes are no JSON that we read."""


def parse(body: bytes) -> object:
    """Read UTF-8 JSON; fractions become Decimal.

    Raises:
        NotJsonError: for anything else, NaN, deep nesting and contradicting ids included.
    """
    try:
        found = json.loads(
            body.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_refuse,
            object_pairs_hook=_once,
        )
    except (ValueError, ArithmeticError, RecursionError):
        found = NotJsonError
    if found is NotJsonError or _too_deep(found):
        raise NotJsonError("not JSON")
    return found


def layers(document: object) -> tuple[Layer, ...]:
    """The document and what it wraps, outermost first; empty when it is no object."""
    found: list[Layer] = []
    inner = _object(document)
    while inner is not None and len(found) < LAYERS:
        found.append(inner)
        inner = _inside(inner)
    return tuple(found)


def dig(layer: Layer, path: str) -> Iterator[object]:
    """Every value at a path such as ``output.*.url``; ``*`` stands for each item of a list."""
    values: list[object] = [layer]
    for step in path.split("."):
        if step == "*":
            values = [item for v in values if isinstance(v, list) for item in v]
        else:
            values = [v[step] for v in values if isinstance(v, dict) and step in v]
    yield from values


def text_at(found: tuple[Layer, ...], paths: tuple[str, ...]) -> str:
    """The first text with something in it: by path, and for each path from the innermost layer."""
    for path in paths:
        for layer in reversed(found):
            for value in dig(layer, path):
                if isinstance(value, str) and value.strip():
                    return value
    return ""


def task_id(found: tuple[Layer, ...], *, also: tuple[str, ...] = ()) -> str:
    """The task's id: a UUID when there is one, else the innermost other text; empty when none.

    A relay's own database number is an integer and never taken.
    """
    ids = [
        str(layer[name])
        for names in (_IDS, also)
        for layer in reversed(found)
        for name in names
        if _is_id(layer.get(name))
    ]
    return next((i for i in ids if _UUID.fullmatch(i)), ids[0] if ids else "")


def state(found: tuple[Layer, ...]) -> TaskStatus | None:
    """The task's state; None when nothing says it.

    A relay's own word wins when it is final; otherwise the further of the two. A ``status`` beside
    no id belongs to the answer and not to a task, unless there is nothing else.
    """
    states = [_known(word) for word in _words(found)]
    if not states:
        return None
    return states[0] if states[0].is_terminal else max(states, key=_ORDER.index)


def is_of_task(found: tuple[Layer, ...]) -> bool:
    """True when the document speaks of a task: by its id, or by a word that is used for nothing else."""
    return bool(task_id(found, also=("request_id",) if state(found) else ())) or any(
        word not in _OF_ANSWERS for word in _words(found)
    )


def _words(found: tuple[Layer, ...]) -> list[str]:
    of_tasks = [layer for layer in found if any(name in layer for name in _IDS)]
    return [word for layer in of_tasks or found if (word := _word(layer))]


def _word(layer: Layer) -> str:
    said = (layer.get(name) for name in _STATES)
    word = next((s for s in said if isinstance(s, str) and s.strip()), "")
    return re.sub(r"[\s-]+", "_", word[:100].strip().upper())


@lru_cache(maxsize=100)
def _known(word: str) -> TaskStatus:
    """What a word means; a new one is logged once, unless it may be anything at all."""
    if word not in WORDS and re.fullmatch(r"[A-Z_]{1,30}", word):
        log.warning("A provider calls a task's state %s, which is taken for running.", word)
    return WORDS.get(word, TaskStatus.RUNNING)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]{1,200}", value) is not None


def _object(value: object) -> Layer | None:
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, dict) else None


def _inside(layer: Layer) -> Layer | None:
    for name in _WRAPPERS:
        inner = _object(layer.get(name))
        if inner is not None:
            return inner
    if any(name in layer for name in (*_IDS, *_STATES)):
        return None
    tasks = (v for k, v in layer.items() if k != "error" and isinstance(v, dict))
    return next((v for v in tasks if any(name in v for name in _TASK_KEYS)), None)


def _once(pairs: list[tuple[str, object]]) -> Layer:
    found: Layer = {}
    for name, value in pairs:
        if name in _UNIQUE and name in found and found[name] != value:
            raise ValueError("says two things at once")
        found[name] = value
    return found


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("not a number of JSON")


def _too_deep(document: object) -> bool:
    level = [document]
    for _ in range(DEPTH):
        level = [
            inner
            for value in level
            if isinstance(value, (dict, list))
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True
