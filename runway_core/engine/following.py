"""Looks at a task that a provider has accepted, and cancels it when asked. A look that fails never ends a task.

Which failure means what is in `runway_core.policy`; here stands only how it is done.
"""

from __future__ import annotations

from typing import Any

from runway_core.domain import ArtifactState, Task, TaskStatus, TaskUpdate
from runway_core.engine import pausing, uncertain
from runway_core.engine.setbacks import Setback, key_of, setback
from runway_core.engine.step import CLEAR, Exchanges, Tools
from runway_core.errors import DeskError, UnexpectedReplyError
from runway_core.failures import hint_for
from runway_core.policy import Do, Fault, Operation

FOLLOWED = (TaskStatus.PENDING, TaskStatus.THROTTLED, TaskStatus.RUNNING)


async def follow(tools: Tools, task: Task) -> None:
    """Look once; if a person asked for it and it still can be, cancel it."""
    leave = pausing.may_look(tools, task)
    if leave == "held":
        return
    exchanges = Exchanges()
    doing, key = Operation.LOOK, key_of(tools, task)
    try:
        async with tools.looks:
            provider = tools.provider(task, exchanges)
            remote_id = task.remote_id or ""
            update = await provider.retrieve(remote_id, submitted_at=task.submitted_at)
            # A task that has just ended is taken as it is: cancelling would delete a paid result.
            if task.cancel_requested and not update.status.is_terminal:
                doing, exchanges.doing = Operation.CANCEL, "cancel"
                await provider.cancel(remote_id)
                update = TaskUpdate(status=TaskStatus.CANCELLED)
    except DeskError as error:
        met = setback(tools, task, error, doing, key=key)
        if doing is Operation.LOOK:
            _not_seen(tools, task, met, exchanges)
        else:
            _not_cancelled(tools, task, met, update, exchanges)
    else:
        if leave == "try":
            pausing.lift(tools, task)
        _learn(tools, task, update, exchanges)


def _not_seen(tools: Tools, task: Task, met: Setback, exchanges: Exchanges) -> None:
    """Nothing was learnt: the task is as before, unless its provider has lost it."""
    if met.fault is Fault.NOT_OFFERED and task.cancel_requested:
        _let_go(tools, task, met.error, exchanges)
    elif met.do is Do.GONE or (met.cell.then is Do.GONE and task.cancel_requested):
        _gone(tools, task, met.error, exchanges)
    else:
        if met.do is Do.PAUSE:
            pausing.begin(tools, task, met)
        _later(tools, task, met, exchanges)


def _not_cancelled(
    tools: Tools, task: Task, met: Setback, update: TaskUpdate, exchanges: Exchanges
) -> None:
    """It may still be running: ask again after the next look, or tell that it goes on."""
    if met.do is Do.DONE:
        _ended(tools, task, TaskUpdate(status=TaskStatus.CANCELLED), exchanges)
    elif met.do is Do.NO:
        event, detail = "can't be cancelled", str(met.error)
        tools.move(task, *FOLLOWED, event=event, detail=detail, cancel_requested=False)
        _learn(tools, task, update, exchanges, note=str(met.error))
    else:
        if met.do is Do.PAUSE:
            pausing.begin(tools, task, met)
        _later(tools, task, met, exchanges)


def _later(tools: Tools, task: Task, met: Setback, exchanges: Exchanges) -> None:
    """Try again when the table says; what was held back here is no failure."""
    failure = {} if met.do is Do.WAIT else met.said | {"looks": task.looks + 1}
    tools.move(
        task,
        *FOLLOWED,
        event=met.event,
        detail=met.detail,
        exchanges=exchanges if met.event else None,
        seen=task.next_at,
        next_at=met.next_at,
        **failure,
    )


def _learn(
    tools: Tools, task: Task, update: TaskUpdate, exchanges: Exchanges, *, note: str = ""
) -> None:
    if not update.status.is_terminal:
        _still_open(tools, task, update, exchanges, note=note)
    elif update.status is TaskStatus.SUCCEEDED and not update.outputs:
        _no_output(tools, task, update, exchanges)
    else:
        _ended(tools, task, update, exchanges)


def _still_open(
    tools: Tools, task: Task, update: TaskUpdate, exchanges: Exchanges, *, note: str
) -> None:
    profile, now = tools.profile(task), tools.now()
    age = now - (task.submitted_at or task.created_at)
    gap = tools.look_gap(task, age, asked=update.wait_seconds)
    moved_on = update.status is not task.status or task.looks > 0
    changes: dict[str, Any] = CLEAR | {"note": note}
    if not note and age.total_seconds() > profile.give_up:
        changes["note"] = "This takes longer than usual. It is still watched, now once a minute."
    changes["status"], progress = update.status, _forward(task.progress, update.progress)
    if all(getattr(task, name) == value for name, value in changes.items()):
        tools.put_off(task, now + gap, exchanges, progress=progress)
        return
    tools.move(
        task,
        *FOLLOWED,
        event=update.status.value if update.status is not task.status else "",
        exchanges=exchanges if moved_on else None,
        seen=task.next_at,
        next_at=now + gap,
        progress=progress,
        **changes,
    )


def _ended(tools: Tools, task: Task, update: TaskUpdate, exchanges: Exchanges) -> None:
    now = tools.now()
    changes: dict[str, Any] = {"next_at": None, "failure": update.failure} | CLEAR
    if update.status is TaskStatus.FAILED:
        changes["hint"] = hint_for(update.failure_code)
    if update.status is TaskStatus.SUCCEEDED:
        changes |= {"progress": 1.0, "outputs": update.outputs, "next_at": now}
        changes |= {"artifact_state": ArtifactState.DOWNLOADING, "failure": ""}
    moved = tools.move(
        task,
        *FOLLOWED,
        event=update.status.value,
        detail=update.failure,
        exchanges=exchanges,
        status=update.status,
        failure_code=update.failure_code,
        charge=update.cost if update.cost is not None else task.charge,
        finished_at=now,
        **changes,
    )
    if moved and update.cost is not None:
        # What was booked at the create is corrected: a failed task may have been given back.
        difference = update.cost - (task.charge or 0)
        unit = tools.profile(task).unit
        tools.studio.store.connections.spend(task.connection_id, difference, unit)


def _no_output(tools: Tools, task: Task, update: TaskUpdate, exchanges: Exchanges) -> None:
    """Finished, but no link to the file: that is an answer which can't be used, and as rarely the last word."""
    words = "The provider says that the video is finished but gives no link to it."
    met = setback(tools, task, UnexpectedReplyError(words), Operation.LOOK, key="")
    if met.do is Do.STUCK:
        failed = {"status": TaskStatus.FAILED, "failure": words, "failure_code": "NO_OUTPUT"}
        _ended(tools, task, update.model_copy(update=failed), exchanges)
    else:
        _later(tools, task, met, exchanges)


def _gone(tools: Tools, task: Task, error: DeskError, exchanges: Exchanges) -> None:
    if not task.cancel_requested and uncertain.unfound(tools, task, exchanges):
        return
    status = TaskStatus.CANCELLED if task.cancel_requested else TaskStatus.FAILED
    failure = "" if task.cancel_requested else str(error)
    update = TaskUpdate(status=status, failure=failure, failure_code="TASK_GONE")
    _ended(tools, task, update, exchanges)


def _let_go(tools: Tools, task: Task, error: DeskError, exchanges: Exchanges) -> None:
    """The provider tells nothing of its tasks, and a person wants to be rid of this one."""
    tools.move(
        task,
        *FOLLOWED,
        event="UNCERTAIN",
        detail=str(error),
        exchanges=exchanges,
        status=TaskStatus.UNCERTAIN,
        cancel_requested=False,
        looks=0,
        next_at=uncertain.first_look(tools),
        note=f"{error} It can't be cancelled from here, and is not watched any more.",
        hint="It may still be made and charged. Look at the provider, then choose below.",
        said="",
    )


def _forward(old: float | None, new: float | None) -> float | None:
    """Progress never runs backwards."""
    return old if new is None else max(old or 0.0, new)
