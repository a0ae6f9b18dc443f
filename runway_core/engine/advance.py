"""One idempotent step of a task's life: safe to run twice, safe to kill."""

from __future__ import annotations

from datetime import datetime

from runway_core.domain import TaskStatus
from runway_core.engine.following import FOLLOWED, follow
from runway_core.engine.keeping import keep
from runway_core.engine.sending import recover, send
from runway_core.engine.step import Tools


async def advance(tools: Tools, task_id: str) -> datetime | None:
    """Do what is next for a task.

    Returns:
        When to call again, or None when nothing is left to do.
    """
    task = tools.studio.store.tasks.get(task_id)
    if task is None or not task.is_open:
        return None
    if task.status is TaskStatus.QUEUED:
        await send(tools, task)
    elif task.status is TaskStatus.SUBMITTING:
        if task_id not in tools.posting:
            recover(tools, task)
    elif task.status in FOLLOWED:
        await follow(tools, task)
    else:
        await keep(tools, task)
    after = tools.studio.store.tasks.get(task_id)
    if after is None or not after.is_open:
        return None
    if after.cancel_requested and not task.cancel_requested and after.status in FOLLOWED:
        # It was asked for while the look was on its way, and that has put the next one off.
        tools.move(after, *FOLLOWED, next_at=tools.now())
        return tools.now()
    return after.next_at
