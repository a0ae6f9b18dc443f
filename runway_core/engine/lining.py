"""The waiting line of a key, as a task meets it: whether it may be sent now, and how it waits if not."""

from __future__ import annotations

from runway_core.domain import Task, TaskStatus
from runway_core.engine.allowance import learn_limits
from runway_core.engine.step import Tools
from runway_core.store import Admission


async def may_start(tools: Tools, task: Task) -> bool:
    """Whether it looks as if a task could be sent now, before anything is prepared for it."""
    await learn_limits(tools, task)
    refusal = tools.studio.store.line.refusal(task.id, tools.limits(task), now=tools.now())
    return refusal is None or _wait(tools, task, refusal)


def start(tools: Tools, task: Task) -> bool:
    """The one place where QUEUED becomes SUBMITTING; False when the task is not to be sent now."""
    admission = tools.studio.store.line.start(
        task.id, tools.limits(task), attempts=task.attempts + 1, now=tools.now()
    )
    return admission.started or _wait(tools, task, admission)


def _wait(tools: Tools, task: Task, admission: Admission) -> bool:
    """Say why a task waits, where its place in line does not say it; always False."""
    if admission.waits_for == "day":
        most = tools.limits(task).per_day
        tools.move(
            task,
            TaskStatus.QUEUED,
            note=f"The plan of {task.connection} makes {most} in 24 hours, and they are used up.",
            hint="It is sent by itself as soon as the plan allows. Nothing has been charged for it.",
        )
    return False
