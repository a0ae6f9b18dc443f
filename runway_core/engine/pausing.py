"""A connection that is paused: what is unsent waits in line, and a refused key is tried again only rarely."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from runway_core import policy
from runway_core.domain import Task
from runway_core.engine.setbacks import Setback
from runway_core.engine.step import Exchanges, Tools
from runway_core.errors import DeskError
from runway_core.policy import Do

Leave = Literal["free", "try", "held"]
"""``try``: the key was refused, and this task is the one that may see whether it works again."""
_WAITS = "Nothing has been sent or charged for this one. It goes on by itself once that is mended"


def begin(tools: Tools, task: Task, met: Setback) -> bool:
    """Pause the connection of a task that was refused; True when nobody knew of that before."""
    tools.forget(task)
    return tools.studio.store.pauses.begin(
        task.connection_id, met.note, key_hint=met.key, now=tools.now()
    )


async def may_send(tools: Tools, task: Task) -> bool:
    """Whether a QUEUED task may be sent; if not, it waits in line, and says why."""
    connection = tools.studio.connections.get(task.connection_id)
    refusal = tools.studio.store.pauses.found(connection.id)
    if refusal is not None and await _works_again(tools, task):
        connection, refusal = tools.studio.connections.get(connection.id), None
    why = connection.paused or (refusal.why if refusal else "")
    if not why:
        return True
    by_itself = "; it is tried about every 10 minutes." if refusal else "."
    _put_off(tools, task, why, hint=f"{_WAITS}{by_itself} See Settings.")
    return False


def may_look(tools: Tools, task: Task) -> Leave:
    """Whether to ask about a task now; if not, it is put off. A person who wants it cancelled comes first."""
    refusal = tools.refusal(task)
    if refusal is None:
        return "free"
    if tools.studio.store.pauses.claim(task.connection_id, every=_every(tools), now=tools.now()):
        return "try"
    if task.cancel_requested:
        return "free"
    _put_off(tools, task, refusal.why, hint="See Settings. The video goes on at the provider.")
    return "held"


def lift(tools: Tools, task: Task) -> None:
    """A look went well that was made to see whether the key works again: everything goes on."""
    floor = timedelta(seconds=tools.profile(task).poll_floor)
    pauses = tools.studio.store.pauses
    pauses.lift(task.connection_id, now=tools.now(), floor=floor, for_good=False)
    tools.forget(task)


async def _works_again(tools: Tools, task: Task) -> bool:
    """Try a refused key by a free call, unless somebody did so lately."""
    pauses = tools.studio.store.pauses
    if not pauses.claim(task.connection_id, every=_every(tools), now=tools.now()):
        return False
    exchanges = Exchanges()
    try:
        probe = await tools.provider(task, exchanges).probe()
    except DeskError:
        return False
    if probe.ok:
        lift(tools, task)
    return probe.ok


def _every(tools: Tools) -> timedelta:
    return timedelta(seconds=policy.EVERY[Do.PAUSE] * tools.scale)


def _put_off(tools: Tools, task: Task, why: str, *, hint: str) -> None:
    wait = timedelta(seconds=policy.rarely(Do.PAUSE, scale=tools.scale))
    tools.move(
        task,
        task.status,
        event="" if task.note == why else "waits",
        detail=why,
        next_at=tools.now() + wait,
        note=why,
        hint=hint,
        said="",
        looks=max(task.looks, 1),
    )
