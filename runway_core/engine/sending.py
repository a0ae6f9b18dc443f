"""The step that costs money: a QUEUED task is sent once, and what is not known for sure is never guessed."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from runway_core.domain import Exchange, GenerationRequest, Submitted, Task, TaskStatus
from runway_core.engine import waits
from runway_core.engine.step import CLEAR, Tools, said_of
from runway_core.engine.wire import wire_request
from runway_core.errors import (
    DeskError,
    InsufficientCreditsError,
    InvalidInputError,
    ProviderError,
    RateLimitError,
    StorageError,
)
from runway_core.providers import Provider

log = logging.getLogger(__name__)
_QUEUED, _SUBMITTING, _UNCERTAIN = TaskStatus.QUEUED, TaskStatus.SUBMITTING, TaskStatus.UNCERTAIN


async def send(tools: Tools, task: Task) -> None:
    """Send a QUEUED task: SUBMITTING is on disk before the first byte leaves."""
    exchanges: list[Exchange] = []
    try:
        provider = tools.provider(task, exchanges)
        request = await wire_request(tools, provider, task.request)
    except DeskError as error:
        _not_sent(tools, task, error, expect=_QUEUED, tries=task.attempts + 1)
        return
    async with tools.creates:
        started = tools.move(
            task, _QUEUED, event="SUBMITTING", status=_SUBMITTING, attempts=task.attempts + 1
        )
        if started:
            tools.posting.add(task.id)
            try:
                await _post(tools, task, provider, request, exchanges)
            finally:
                tools.posting.discard(task.id)


def recover(tools: Tools, task: Task) -> None:
    """Settle a SUBMITTING task whose sender is gone: its receipt tells, else nobody knows."""
    remote_id = tools.receipts.find(task.id)
    if remote_id is not None:
        _accepted(tools, task, Submitted(remote_id=remote_id), [])
        return
    tools.move(
        task,
        _SUBMITTING,
        event="UNCERTAIN",
        status=_UNCERTAIN,
        next_at=None,
        note="The program was stopped while this was being sent. You may have been charged.",
        hint="Look at the provider whether it was made, then choose below.",
    )


async def _post(
    tools: Tools,
    task: Task,
    provider: Provider,
    request: GenerationRequest,
    exchanges: list[Exchange],
) -> None:
    try:
        submitted = await provider.submit(request, token=task.id)
    except InvalidInputError as error:
        tries = task.attempts + 1
        _not_sent(tools, task, error, expect=_SUBMITTING, tries=tries, exchanges=exchanges)
    except ProviderError as error:
        _note_balance(tools, task, error)
        if error.outcome == "unknown":
            _uncertain(tools, task, error, exchanges)
        elif isinstance(error, RateLimitError):
            _wait_for_limit(tools, task, error, exchanges)
        else:
            tries = task.attempts + 1
            _not_sent(tools, task, error, expect=_SUBMITTING, tries=tries, exchanges=exchanges)
    except Exception as error:
        log.exception("create of task %s broke", task.id)
        _uncertain(
            tools, task, DeskError(f"The program broke ({type(error).__name__})."), exchanges
        )
    else:
        await _record(tools, task, submitted, exchanges)


def _note_balance(tools: Tools, task: Task, error: ProviderError) -> None:
    """Keep what a refusal tells of the account: some providers tell it nowhere else."""
    if isinstance(error, InsufficientCreditsError) and error.available is not None:
        connections = tools.studio.store.connections
        with suppress(StorageError):
            unit = tools.profile(task).unit
            connections.set_balance(task.connection_id, error.available, unit, tools.now())


async def _record(
    tools: Tools, task: Task, submitted: Submitted, exchanges: list[Exchange]
) -> None:
    # The money is spent: keep at it until the id is safe in one place or the other.
    for failures in range(10_000):
        try:
            await asyncio.to_thread(tools.receipts.append, task.id, submitted.remote_id)
            _accepted(tools, task, submitted, exchanges)
            return
        except StorageError:
            log.warning("the id of task %s can't be recorded yet", task.id)
            wait = waits.backoff(failures, base=0.5, cap=10)
            await asyncio.sleep(wait.total_seconds())


def _accepted(tools: Tools, task: Task, submitted: Submitted, exchanges: list[Exchange]) -> None:
    owner = tools.studio.store.tasks.owner_of(task.connection_id, submitted.remote_id)
    if owner not in (None, task.id):
        words = "The provider answered with the id of another task."
        hint = "Look at the provider which video belongs to this one, then choose below."
        _uncertain(tools, task, DeskError(words, hint=hint), exchanges)
        return
    profile, now = tools.profile(task), tools.now()
    gap = waits.look_gap(profile.poll_floor, age=now - now, give_up=profile.give_up)
    # A late answer counts as well: it turns UNCERTAIN into PENDING.
    moved = tools.move(
        task,
        _SUBMITTING,
        _UNCERTAIN,
        event="accepted",
        detail=" · ".join(filter(None, (submitted.remote_id, submitted.warning))),
        exchanges=exchanges,
        status=TaskStatus.PENDING,
        remote_id=submitted.remote_id,
        submitted_at=now,
        next_at=now + gap,
        quoted=submitted.estimated_cost,
        charge=submitted.cost if submitted.cost is not None else task.charge,
        **(CLEAR | {"said": submitted.warning}),
    )
    if moved and submitted.cost is not None:
        connections = tools.studio.store.connections
        connections.spend(task.connection_id, submitted.cost, profile.unit)


def _not_sent(
    tools: Tools,
    task: Task,
    error: DeskError,
    *,
    expect: TaskStatus,
    tries: int,
    exchanges: list[Exchange] | None = None,
) -> None:
    """Nothing was made: try again if that may help, else the task has failed for nothing."""
    now = tools.now()
    if error.retryable and tries < waits.CREATE_TRIES:
        wait = waits.backoff(tries, base=waits.CREATE_BASE, cap=waits.CREATE_CAP)
        note = f"{error} Trying again ({tries + 1}/{waits.CREATE_TRIES})."
        event, changes = "not sent", {"status": _QUEUED, "next_at": now + wait, "note": note}
    else:
        changes = {"status": TaskStatus.FAILED, "next_at": None, "note": "", "finished_at": now}
        event, changes = "FAILED", changes | {"failure": str(error), "failure_code": error.kind}
    tools.move(
        task,
        expect,
        event=event,
        detail=str(error),
        exchanges=exchanges or (),
        attempts=tries,
        **(said_of(error) | changes),
    )


def _wait_for_limit(
    tools: Tools, task: Task, error: RateLimitError, exchanges: list[Exchange]
) -> None:
    tools.move(
        task,
        _SUBMITTING,
        event="refused for now",
        detail=str(error),
        exchanges=exchanges,
        status=_QUEUED,
        next_at=tools.now() + waits.after_refused_create(error, task.attempts),
        **said_of(error),
    )


def _uncertain(tools: Tools, task: Task, error: DeskError, exchanges: list[Exchange]) -> None:
    tools.move(
        task,
        _SUBMITTING,
        event="UNCERTAIN",
        detail=str(error),
        exchanges=exchanges,
        status=_UNCERTAIN,
        next_at=None,
        **said_of(error),
    )
