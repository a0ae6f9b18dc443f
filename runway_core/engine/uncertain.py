"""What the engine can find out about a task that may have been charged: by calls of its provider, and by the balance.

No provider that is known can list its tasks (Runway has no such call: OpenAPI of 2026-08-08; openai-hk's
list of charges names no task; new-api's needs another key), so a lost id is looked up nowhere.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from runway_core.domain import Connection, Task, TaskStatus
from runway_core.engine.step import CLEAR, Exchanges, Tools
from runway_core.errors import DeskError, StorageError
from runway_core.providers import Balance
from runway_core.studio.calls import TAKEN_OVER, UNKNOWN_ID
from runway_core.studio.tasks import FOUND

ASK_AFTER = (2.0, 20.0, 90.0)
"""Seconds after a create was lost when the balance is asked, until it has gone down: some book late."""
FRESH = timedelta(minutes=15)
"""For so long a known balance is good enough, and one that could not be had is not asked again."""
PATIENCE = 2.0
"""Seconds that a create waits at most for the balance before it; most often none."""
_SECONDS = 15.0
_ASKED = "balance asked"
"""Under this name a connection remembers when its balance was last asked before a create."""
_BY_ID = (FOUND, TAKEN_OVER)
"""Kinds of the events that give a task an id that its provider has not confirmed."""


def first_look(tools: Tools) -> datetime:
    """When `look_around` is due for a task that has just become UNCERTAIN."""
    return tools.now() + timedelta(seconds=ASK_AFTER[0] * tools.scale)


async def know_balance(tools: Tools, task: Task) -> None:
    """Before a create: have a balance to compare with, if one can be had soon. Never fails.

    It can't be asked beside the create: the provider may have booked that already.
    """
    with suppress(DeskError, TimeoutError):
        connection = tools.studio.connections.get(task.connection_id)
        if not _is_due(tools, connection):
            return
        tools.studio.store.connections.learn(connection.id, _ASKED, tools.now().isoformat())
        async with asyncio.timeout(PATIENCE):
            await _ask(tools, task, Exchanges())


async def look_around(tools: Tools, task: Task) -> None:
    """A step of an UNCERTAIN task: take an id that a call has named, else ask what is left. Never fails."""
    if tools.studio.calls.take_over(task):
        return
    exchanges = Exchanges("balance")
    found: Balance | None = None
    unit = tools.studio.connections.get(task.connection_id).balance_unit
    again = tools.profile(task).kind != "sandbox"  # practice costs nothing
    with suppress(DeskError, TimeoutError):
        if again:
            async with asyncio.timeout(_SECONDS):
                found = await _ask(tools, task, exchanges)
            again = found is not None
    if found is not None and found.unit != unit:  # told in another way: it can't be compared
        task = task.model_copy(update={"balance_before": None, "balance_before_at": None})
    _note(tools, task, found, exchanges, again=again)


def unfound(tools: Tools, task: Task, exchanges: Exchanges) -> bool:
    """Take a task back to UNCERTAIN whose provider does not know an id that a person or a call gave.

    False when the id is the provider's own answer to the create.
    """
    events = tools.studio.store.journal.events(task.id)
    given = next((e for e in reversed(events) if e.kind in (*_BY_ID, "accepted")), None)
    if given is None or given.kind not in _BY_ID:
        return False
    return tools.move(
        task,
        TaskStatus.PENDING,
        TaskStatus.THROTTLED,
        TaskStatus.RUNNING,
        event=UNKNOWN_ID,
        detail=task.remote_id or "",
        exchanges=exchanges,
        status=TaskStatus.UNCERTAIN,
        remote_id=None,
        next_at=None,
        cancel_requested=False,
        **CLEAR
        | {
            "note": f"{task.connection} knows no video with the id {task.remote_id}.",
            "hint": "Look there once more, then choose below.",
        },
    )


def _is_due(tools: Tools, connection: Connection) -> bool:
    profile = tools.studio.connections.profile(connection)
    if profile.kind == "sandbox" or profile.protocol != "runwayml":
        return False
    since = tools.now() - FRESH
    if connection.balance_at is not None and connection.balance_at > since:
        return False
    asked = tools.studio.store.connections.learnt(connection.id).get(_ASKED, "")
    try:
        return not asked or datetime.fromisoformat(asked) <= since
    except ValueError:
        return True


async def _ask(tools: Tools, task: Task, exchanges: Exchanges) -> Balance | None:
    looking = task.model_copy(update={"status": TaskStatus.PENDING})  # creates come first
    found = await tools.provider(looking, exchanges).balance()
    if found is not None:
        tools.studio.store.connections.set_balance(
            task.connection_id, found.amount, found.unit, tools.now()
        )
    return found


def _note(
    tools: Tools, task: Task, found: Balance | None, exchanges: Exchanges, *, again: bool
) -> None:
    """Record what was told, and when to ask again."""
    tries, before = task.looks + 1, task.balance_before
    changes: dict[str, object] = {}
    if found is not None:
        changes = {"balance_after": found.amount, "balance_after_at": tools.now()}
        changes |= {"balance_before": before, "balance_before_at": task.balance_before_at}
        again = before is not None and found.amount >= before
    more = again and tries < len(ASK_AFTER)
    wait = timedelta(seconds=ASK_AFTER[tries] * tools.scale if more else 0)
    told = found is not None and found.amount != task.balance_after
    with suppress(StorageError):
        tools.move(
            task,
            TaskStatus.UNCERTAIN,
            event="balance asked" if told else "",
            detail=f"{found.text} left" if found else "",
            exchanges=exchanges if told else None,
            looks=tries,
            next_at=tools.now() + wait if more else None,
            **changes,
        )
