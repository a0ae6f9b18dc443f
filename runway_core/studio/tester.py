"""Reads the history that the tester of relays keeps in the browser: any version, however it was copied out.

It keeps two lists in ``localStorage``: ``runwayml-store`` holds answers of Runway's API with the prompt
added, ``runway-store`` answers of Runway's website (github.com/Dooy/chatgpt-web-midjourney-proxy,
src/api/runwaymlStore.ts and runwayStore.ts, read 2026-11). Everything else in a copy, keys above all, is
left unread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from runway_core.catalog import link_problem
from runway_core.domain import Frame, GenerationRequest, Noun, TaskUpdate
from runway_core.errors import DeskError, InvalidInputError, Problem
from runway_core.http import Reply
from runway_core.providers.envelope import Layer, NotJsonError, dig, layers, parse, task_id, text_at
from runway_core.providers.refusals import Who
from runway_core.providers.replies import read_task

STORES = ("runwayml-store", "runway-store")
FILE_MAX = 64 * 1024 * 1024
"""Bytes; browsers give a site 5 to 10 MB of ``localStorage``."""
_WRAPPED = 6
"""Texts inside texts that are opened."""
_IDS = ("id", "task_id", "taskId", "uuid")
_MARKS = ("status", "state", "task_status", "output", "artifacts", "last_feed", "taskType")
"""What a task has besides its id, and a chat or a picture has not."""
_PROMPTS = (
    "promptText",
    "options.text_prompt",
    "options.gen2Options.text_prompt",
    "prompt",
    "text_prompt",
)
_MODELS = ("model", "options.model", "taskType")
_PICTURES = (
    "promptImage",
    "promptImage.*.uri",
    "options.image_prompt",
    "options.init_image",
    "options.gen2Options.image_prompt",
    "image",
)
_SECONDS = ("duration", "options.seconds", "options.duration")
_ENDS = ("endedAt", "updatedAt", "last_feed")
_HINT = (
    "In the tester's tab, open the browser's developer tools and its console, enter "
    "copy(JSON.stringify(localStorage)), and save what is copied as a file."
)


class Entry(Noun):
    """One task of the list."""

    remote_id: str
    update: TaskUpdate
    request: GenerationRequest
    finished_at: datetime | None
    """When the tester last heard of it."""


class Unread(Noun):
    """One thing in the list that is no task, or can't be read."""

    where: str
    why: str


def read_history(data: bytes) -> tuple[list[Entry], list[Unread]]:
    """Every task in a copy of the tester's history, each once, and what can't be read.

    Raises:
        InvalidInputError: it is no such copy; names ``file``.
    """
    found: dict[str, Entry] = {}
    unread: list[Unread] = []
    document = _document(data)
    stores = list(_stores(document))
    for where, item in _items(stores or [("list", document)]):
        entry = _entry(item)
        if isinstance(entry, str):
            unread.append(Unread(where=where, why=entry))
        elif entry.remote_id not in found or entry.update.status.is_terminal:
            found[entry.remote_id] = entry
    if not (found or unread or stores):
        raise InvalidInputError(Problem("file", "holds no history of the tester."), hint=_HINT)
    return list(found.values()), unread


def _document(data: bytes) -> object:
    if len(data) > FILE_MAX:
        raise InvalidInputError(Problem("file", f"is larger than {FILE_MAX // 1024**2} MB."))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    try:
        return parse(data)
    except NotJsonError:
        raise InvalidInputError(Problem("file", "is no JSON."), hint=_HINT) from None


def _items(lists: list[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    for name, value in lists:
        yield from _listed(value, name)


def _stores(value: object, depth: int = 0) -> Iterator[tuple[str, object]]:
    """The named lists, wherever in a copy: as keys, or as pairs of a name and a value."""
    value = _opened(value)
    if depth > _WRAPPED:
        return
    if isinstance(value, list):
        for inner in value:
            yield from _stores(inner, depth + 1)
    if not isinstance(value, dict):
        return
    name = value.get("name", value.get("key"))
    if name in STORES and "value" in value:
        yield str(name), value["value"]
        return
    for key, inner in value.items():
        if key in STORES:
            yield key, inner
        elif isinstance(inner, dict | list) or key in ("data", "localStorage"):
            yield from _stores(inner, depth + 1)


def _listed(value: object, where: str, depth: int = 0) -> Iterator[tuple[str, object]]:
    """Each task inside, and each item of a list in which there is none."""
    value = _opened(value)
    if _is_task(value):
        yield where, value
    elif depth > _WRAPPED:
        return
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            name, empty = f"{where}[{position}]", True
            for found in _listed(inner, name, depth + 1):
                empty = False
                yield found
            if empty:
                yield name, inner
    elif isinstance(value, dict):
        for inner in value.values():
            if isinstance(_opened(inner), dict | list):
                yield from _listed(inner, where, depth + 1)


def _is_task(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    named = any(isinstance(value.get(name), str) and value[name] for name in _IDS)
    return named and any(mark in value for mark in _MARKS)


def _opened(value: object) -> object:
    """What a text holds, when it is JSON itself."""
    for _ in range(_WRAPPED):
        if not isinstance(value, str) or value.strip()[:1] not in ("{", "[", '"'):
            break
        try:
            value = parse(value.encode("utf-8", "replace"))
        except NotJsonError:
            break
    return value


def _entry(item: object) -> Entry | str:
    """A task, or why it is none."""
    if not isinstance(item, dict):
        return "is no task."
    found = layers(item)
    remote_id = task_id(found)
    if not remote_id:
        return "has no id of a task."
    try:
        body = json.dumps(item, default=_number).encode("utf-8", "replace")
        update = read_task(Reply(200, {}, body, 0), Who(title="The tester's list", kind="relay"))
    except (DeskError, ValueError, TypeError, RecursionError) as error:
        return str(error) if isinstance(error, DeskError) else "can't be read."
    heard = next((m for name in _ENDS if (m := _moment(item.get(name)))), None)
    if update.created_at is None:
        update = update.model_copy(update={"created_at": heard})
    return Entry(remote_id=remote_id, update=update, request=_request(found), finished_at=heard)


def _request(found: tuple[Layer, ...]) -> GenerationRequest:
    links = (v for path in _PICTURES for layer in found for v in dig(layer, path))
    picture = next((v for v in links if isinstance(v, str) and not link_problem(v)), None)
    ratio = text_at(found, ("ratio", "options.ratio"))
    return GenerationRequest(
        capability=None,
        model=_text(text_at(found, _MODELS))[:100],
        prompt=_text(text_at(found, _PROMPTS))[:10_000],
        frames=() if picture is None else (Frame(uri=picture),),
        ratio=ratio if re.fullmatch(r"[1-9]\d{0,4}:[1-9]\d{0,4}", ratio, re.ASCII) else "",
        duration=_whole(found, _SECONDS, 600) or 0,
        seed=_whole(found, ("seed", "options.seed"), 2**32 - 1),
    )


def _whole(found: tuple[Layer, ...], paths: tuple[str, ...], most: int) -> int | None:
    values = (v for path in paths for layer in found for v in dig(layer, path))
    good = (int(v) for v in values if isinstance(v, int | Decimal) and not isinstance(v, bool))
    return next((v for v in good if 0 <= v <= most), None)


def _text(text: str) -> str:
    """Without halves of characters, which no database takes."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _moment(value: object) -> datetime | None:
    """ISO 8601, or Unix milliseconds."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, int) and 10**12 <= value < 10**13:
            return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError):
        pass
    return None


def _number(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)
