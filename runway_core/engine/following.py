"""Looks at a task that a provider has accepted, and cancels it when asked. A look that fails never ends a task."""

from __future__ import annotations

from typing import Any

from runway_core.domain import ArtifactState, Exchange, Task, TaskStatus, TaskUpdate
from runway_core.engine import waits
from runway_core.engine.step import CLEAR, Tools, said_of
from runway_core.errors import DeskError, NotOfferedError, TaskNotFoundError
from runway_core.failures import hint_for
from runway_core.providers import Provider

FOLLOWED = (TaskStatus.PENDING, TaskStatus.THROTTLED, TaskStatus.RUNNING)


async def follow(tools: Tools, task: Task) -> None:
    """Look once; if a person asked for it and it still can be, cancel it."""
    exchanges: list[Exchange] = []
    refused: NotOfferedError | None = None
    try:
        async with tools.looks:
            provider = tools.provider(task, exchanges)
            remote_id = task.remote_id or ""
            update = await provider.retrieve(remote_id, submitted_at=task.submitted_at)
            # A task that has just ended is taken as it is: cancelling would delete a paid result.
            if task.cancel_requested and not update.status.is_terminal:
                update, refused = await _cancelled(provider, remote_id, update)
    except TaskNotFoundError as error:
        _gone(tools, task, error, exchanges)
    except NotOfferedError as error:
        _not_told(tools, task, error, exchanges)
    except DeskError as error:
        _wait(tools, task, error, exchanges)
    else:
        if refused is not None:
            event, detail = "can't be cancelled", str(refused)
            tools.move(task, *FOLLOWED, event=event, detail=detail, cancel_requested=False)
        _learn(tools, task, update, exchanges, note=str(refused or ""))


async def _cancelled(
    provider: Provider, remote_id: str, update: TaskUpdate
) -> tuple[TaskUpdate, NotOfferedError | None]:
    """What is known after a cancel; where there is no such thing, the task is watched on."""
    try:
        await provider.cancel(remote_id)
    except NotOfferedError as error:
        return update, error
    return TaskUpdate(status=TaskStatus.CANCELLED), None


def _learn(
    tools: Tools, task: Task, update: TaskUpdate, exchanges: list[Exchange], *, note: str
) -> None:
    if not update.status.is_terminal:
        _still_open(tools, task, update, exchanges, note=note)
    elif update.status is TaskStatus.SUCCEEDED and not update.outputs:
        _no_output(tools, task, update, exchanges)
    else:
        _ended(tools, task, update, exchanges)


def _still_open(
    tools: Tools, task: Task, update: TaskUpdate, exchanges: list[Exchange], *, note: str
) -> None:
    profile, now = tools.profile(task), tools.now()
    age = now - (task.submitted_at or task.created_at)
    gap = waits.look_gap(
        profile.poll_floor, age=age, give_up=profile.give_up, asked=update.wait_seconds
    )
    moved_on = update.status is not task.status or task.looks > 0
    changes: dict[str, Any] = CLEAR | {"note": note}
    if not note and age.total_seconds() > profile.give_up:
        changes["note"] = "This takes longer than usual. It is still watched, now once a minute."
    tools.move(
        task,
        *FOLLOWED,
        event=update.status.value if update.status is not task.status else "",
        exchanges=exchanges if moved_on else (),
        status=update.status,
        progress=_forward(task.progress, update.progress),
        next_at=now + gap,
        **changes,
    )


def _ended(tools: Tools, task: Task, update: TaskUpdate, exchanges: list[Exchange]) -> None:
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


def _no_output(tools: Tools, task: Task, update: TaskUpdate, exchanges: list[Exchange]) -> None:
    if task.looks + 1 > waits.GONE_AFTER:
        words = "The provider says that the video is finished but gives no link to it."
        failed = {"status": TaskStatus.FAILED, "failure": words, "failure_code": "NO_OUTPUT"}
        _ended(tools, task, update.model_copy(update=failed), exchanges)
        return
    wait = waits.after_failed_look(task.looks, floor=tools.profile(task).poll_floor)
    note = "Finished at the provider; waiting for the link to the file."
    tools.move(
        task,
        *FOLLOWED,
        looks=task.looks + 1,
        next_at=tools.now() + wait,
        note=note,
        exchanges=exchanges,
    )


def _gone(tools: Tools, task: Task, error: DeskError, exchanges: list[Exchange]) -> None:
    if task.looks + 1 < waits.GONE_AFTER and not task.cancel_requested:
        _wait(tools, task, error, exchanges)
        return
    status = TaskStatus.CANCELLED if task.cancel_requested else TaskStatus.FAILED
    failure = "" if task.cancel_requested else str(error)
    update = TaskUpdate(status=status, failure=failure, failure_code="TASK_GONE")
    _ended(tools, task, update, exchanges)


def _not_told(tools: Tools, task: Task, error: NotOfferedError, exchanges: list[Exchange]) -> None:
    """The provider tells nothing of its tasks: watched on, unless a person wants to be rid of it."""
    if not task.cancel_requested:
        _wait(tools, task, error, exchanges)
        return
    tools.move(
        task,
        *FOLLOWED,
        event="UNCERTAIN",
        detail=str(error),
        exchanges=exchanges,
        status=TaskStatus.UNCERTAIN,
        cancel_requested=False,
        next_at=None,
        note=f"{error} It can't be cancelled from here, and is not watched any more.",
        hint="It may still be made and charged. Look at the provider, then choose below.",
        said="",
    )


def _wait(tools: Tools, task: Task, error: DeskError, exchanges: list[Exchange]) -> None:
    first = task.looks == 0
    tools.move(
        task,
        *FOLLOWED,
        event="look failed" if first else "",
        detail=str(error),
        exchanges=exchanges if first else (),
        looks=task.looks + 1,
        next_at=tools.now()
        + waits.after_error(error, task.looks, floor=tools.profile(task).poll_floor),
        **said_of(error),
    )


def _forward(old: float | None, new: float | None) -> float | None:
    """Progress never runs backwards."""
    return old if new is None else max(old or 0.0, new)
