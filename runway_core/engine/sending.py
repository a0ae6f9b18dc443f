"""The step that costs money: a QUEUED task is sent once, and what is not known for sure is never guessed.

Which failure means what is in `runway_core.policy`; here stands only how it is done.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from runway_core import policy
from runway_core.domain import GenerationRequest, Submitted, Task, TaskStatus
from runway_core.engine import lining, pausing, uncertain
from runway_core.engine.setbacks import Setback, asked_for, key_of, setback
from runway_core.engine.step import CLEAR, Exchanges, Tools, said_of
from runway_core.engine.wire import wire_request
from runway_core.errors import DeskError, InsufficientCreditsError, StorageError
from runway_core.policy import Do, Operation
from runway_core.providers import Provider

log = logging.getLogger(__name__)
_QUEUED, _SUBMITTING, _UNCERTAIN = TaskStatus.QUEUED, TaskStatus.SUBMITTING, TaskStatus.UNCERTAIN
_IN_LINE = (Do.AGAIN, Do.LINE, Do.RESET, Do.WAIT)
"""Nothing was made, and the task is QUEUED again."""


@dataclass(frozen=True)
class _Create:
    """A create that is ready to go out."""

    provider: Provider
    request: GenerationRequest
    exchanges: Exchanges
    """Everything that was said with the provider, uploads included."""
    key: str
    """Which key it goes out with, by its last characters."""

    @property
    def operation(self) -> Operation:
        return Operation.PROVEN if self.provider.proven else Operation.CREATE


async def send(tools: Tools, task: Task) -> None:
    """Send a QUEUED task: SUBMITTING is on disk before the first byte leaves."""
    if not await pausing.may_send(tools, task) or not await lining.may_start(tools, task):
        return
    create = await _prepare(tools, task)
    if create is None:
        return
    await uncertain.know_balance(tools, task)
    async with tools.creates:
        if not lining.start(tools, task):
            return
        tools.posting.add(task.id)
        try:
            await _post(tools, task, create)
        finally:
            tools.posting.discard(task.id)


def recover(tools: Tools, task: Task) -> None:
    """Settle a SUBMITTING task whose sender is gone: its receipt tells, else nobody knows."""
    remote_id = tools.receipts.find(task.id)
    if remote_id is not None:
        _accepted(tools, task, Submitted(remote_id=remote_id), Exchanges())
        return
    words = "The program was stopped while this was being sent. You may have been charged."
    hint = "Look at the provider whether it was made, then choose below."
    _uncertain(tools, task, note=words, hint=hint)


async def _prepare(tools: Tools, task: Task) -> _Create | None:
    """Everything that a create needs and that costs nothing; None when it could not be had."""
    exchanges = Exchanges("upload")
    key = key_of(tools, task)
    try:
        provider = tools.provider(task, exchanges)
        request = await wire_request(tools, provider, task.request)
        exchanges.doing = "create"
        return _Create(provider, request, exchanges, key)
    except DeskError as error:
        met = setback(tools, task, error, Operation.PREPARE, key=key)
        _unmade(tools, task, met, exchanges, expect=_QUEUED)
        return None


async def _post(tools: Tools, task: Task, create: _Create) -> None:
    """One create; the same once more with the same key, where that is proven to make no second one."""
    began, tries, unclear = tools.now(), 0, False
    while True:
        tries += 1
        try:
            submitted = await create.provider.submit(
                create.request, token=task.id, callback_url=tools.studio.callbacks.url_for(task)
            )
        except DeskError as error:
            met = setback(tools, task, error, create.operation, key=create.key)
        except Exception as error:
            log.exception("create of task %s broke", task.id)
            broken = DeskError(f"The program broke ({type(error).__name__}).")
            met = setback(tools, task, broken, create.operation, key=create.key)
        else:
            await _record(tools, task, submitted, create.exchanges)
            return
        _note_balance(tools, task, met.error)
        cell = policy.after_unclear(met.cell) if unclear else met.cell
        unclear = unclear or cell.do in (Do.SAME_KEY, Do.UNCERTAIN)
        tries -= met.do is Do.WAIT  # nothing went out
        wait = cell.wait(max(tries, 1), asked=asked_for(met.error), scale=tools.scale)
        spent = (tools.now() - began).total_seconds() + wait
        if cell.do is not Do.SAME_KEY or cell.after(tries, spent=spent) is not Do.SAME_KEY:
            break
        _say_again(tools, task, met, cell, tries)
        await asyncio.sleep(wait)
    if unclear:
        _doubt(tools, task, met, create.exchanges)
    else:
        _unmade(tools, task, met, create.exchanges, expect=_SUBMITTING)


def _say_again(tools: Tools, task: Task, met: Setback, cell: policy.Cell, tries: int) -> None:
    """Tell that a create with a proven key goes out once more."""
    words = policy.words(met.fault, Do.SAME_KEY, cell)
    note = words.format(error=met.error, n=tries + 1, most=cell.tries)
    columns: dict[str, Any] = said_of(met.error) | {"note": note}
    tools.move(task, _SUBMITTING, event="same key again", detail=str(met.error), **columns)


def _doubt(tools: Tools, task: Task, met: Setback, exchanges: Exchanges) -> None:
    """It may have been made: a person decides."""
    if met.do is Do.MARK:
        pausing.begin(tools, task, met)
    words = policy.words(met.fault, Do.UNCERTAIN, met.cell)
    columns = met.said | {"note": words.format(error=met.error)}
    _uncertain(tools, task, detail=str(met.error), exchanges=exchanges, **columns)


def _unmade(
    tools: Tools, task: Task, met: Setback, exchanges: Exchanges, *, expect: TaskStatus
) -> None:
    """Nothing was made: back in line if that may help, else the task has failed for nothing."""
    if met.do in _IN_LINE or (met.do is Do.MARK and not pausing.begin(tools, task, met)):
        event = "back in line" if met.do is Do.LINE else met.event
        # With `looks` it waits for its own time, whatever becomes free in the line meanwhile.
        columns: dict[str, Any] = met.said if met.do is not Do.WAIT else {"attempts": task.attempts}
        changes = columns | {"status": _QUEUED, "next_at": met.next_at, "looks": 1}
    else:
        now, event = tools.now(), "FAILED"
        changes = met.said | {"note": "", "status": TaskStatus.FAILED, "next_at": None}
        changes |= {"failure": str(met.error), "failure_code": met.error.kind, "finished_at": now}
    tools.move(task, expect, event=event, detail=str(met.error), exchanges=exchanges, **changes)


def _uncertain(tools: Tools, task: Task, **changes: Any) -> None:
    due = uncertain.first_look(tools)
    tools.move(
        task, _SUBMITTING, event="UNCERTAIN", status=_UNCERTAIN, next_at=due, looks=0, **changes
    )


def _note_balance(tools: Tools, task: Task, error: DeskError) -> None:
    """Keep what a refusal tells of the account: some providers tell it nowhere else."""
    if isinstance(error, InsufficientCreditsError) and error.available is not None:
        connections = tools.studio.store.connections
        with suppress(StorageError):
            unit = tools.profile(task).unit
            connections.set_balance(task.connection_id, error.available, unit, tools.now())


async def _record(tools: Tools, task: Task, submitted: Submitted, exchanges: Exchanges) -> None:
    # The money is spent: keep at it until the id is safe in one place or the other.
    safe = policy.Cell(Do.AGAIN, base=0.5, cap=10)
    for failures in range(1, 10_000):
        try:
            await asyncio.to_thread(tools.receipts.append, task.id, submitted.remote_id)
            _accepted(tools, task, submitted, exchanges)
            return
        except StorageError:
            log.warning("the id of task %s can't be recorded yet", task.id)
            await asyncio.sleep(safe.wait(failures, scale=tools.scale))


def _accepted(tools: Tools, task: Task, submitted: Submitted, exchanges: Exchanges) -> None:
    owner = tools.studio.store.tasks.owner_of(task.connection_id, submitted.remote_id)
    if owner not in (None, task.id):
        words = "The provider answered with the id of another task."
        hint = "Look at the provider which video belongs to this one, then choose below."
        _uncertain(tools, task, detail=words, exchanges=exchanges, note=words, hint=hint)
        return
    profile, now = tools.profile(task), tools.now()
    gap = tools.pace.first(profile.id, task.request.model, floor=profile.poll_floor)
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
    with suppress(StorageError):  # it would be done again, and find nothing left to do
        tools.studio.store.pauses.taken(task.connection_id)
    if moved and submitted.cost is not None:
        connections = tools.studio.store.connections
        connections.spend(task.connection_id, submitted.cost, profile.unit)
