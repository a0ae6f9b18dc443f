"""One idempotent step of a task's life: safe to run twice, safe to kill."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from runway_core.domain import Task, TaskStatus
from runway_core.engine.following import FOLLOWED, follow
from runway_core.engine.keeping import keep
from runway_core.engine.sending import recover, send
from runway_core.engine.step import Tools
from runway_core.engine.uncertain import look_around
from runway_core.logs import about

log = logging.getLogger(__name__)


async def advance(tools: Tools, task_id: str) -> datetime | None:
    """Do what is next for a task.

    Returns:
        When to call again, or None when nothing is left to do.
    """
    after = await go_on(tools, task_id)
    return None if after is None else after.next_at


async def go_on(tools: Tools, task_id: str, *, known: Task | None = None) -> Task | None:
    """Do what is next for a task; the task as it is then, or None when nothing is left to do.

    `known` is the task as its only follower has left it, if nobody has changed it since: it is not read then.
    """
    task = known or tools.studio.store.tasks.get(task_id)
    if task is None or not _is_left(task):
        return None
    if tools.put_offs:
        tools.put_offs.pop(task_id, None)  # it is looked at now
    began = time.monotonic()
    with about(task_id=task_id, connection=task.connection, provider=task.profile):
        after = await _step(tools, task)
        if after is not None:
            _tell(task, after, seconds=time.monotonic() - began)
    return after if after is not None and _is_left(after) else None


def _is_left(task: Task) -> bool:
    """Whether a step is left to do."""
    return task.is_open or (task.status is TaskStatus.UNCERTAIN and task.next_at is not None)


async def _step(tools: Tools, task: Task) -> Task | None:
    """Do it; the task as it is afterwards."""
    if task.status is TaskStatus.QUEUED:
        await send(tools, task)
    elif task.status is TaskStatus.SUBMITTING:
        if task.id not in tools.posting:
            recover(tools, task)
    elif task.status in FOLLOWED:
        await follow(tools, task)
    elif task.status is TaskStatus.UNCERTAIN:
        await look_around(tools, task)
    else:
        await keep(tools, task)
    off = (tools.put_offs or {}).get(task.id)
    if off is not None:  # nothing else has changed
        return task.model_copy(update={"next_at": off.due, "progress": off.progress})
    return tools.studio.store.tasks.get(task.id)


def _tell(before: Task, after: Task, *, seconds: float) -> None:
    """Log what a step changed; a look that found nothing new is no news."""
    if (before.status, before.artifact_state) == (after.status, after.artifact_state):
        level, event = logging.DEBUG, "A task was looked at."
    else:
        level, event = logging.INFO, "A task went on."
    if not log.isEnabledFor(level):
        return
    facts = {"outcome": str(after.status), "file": str(after.artifact_state)}
    facts |= {"failure_code": after.failure_code} if after.failure_code else {}
    facts |= {"remote_id": after.remote_id} if after.remote_id else {}
    log.log(level, event, extra=facts | {"duration": round(seconds, 3)})
