"""Brings the finished files home. A download that fails asks for a fresh link and never for a new video."""

from __future__ import annotations

import asyncio

from runway_core.domain import Artifact, ArtifactState, Exchange, Task, TaskStatus
from runway_core.engine import waits
from runway_core.engine.step import Tools, said_of
from runway_core.errors import (
    DeskError,
    OutputExpiredError,
    TaskNotFoundError,
    UnexpectedReplyError,
)


async def keep(tools: Tools, task: Task) -> None:
    """Download every output of a SUCCEEDED task and record the files."""
    exchanges: list[Exchange] = []
    try:
        outputs = task.outputs
        if task.looks or not outputs:
            outputs = await _fresh_links(tools, task, exchanges)
        kept = []
        async with tools.downloads:
            for position, url in enumerate(outputs):
                kept.append(await _keep_one(tools, task, url, position, exchanges))
        await asyncio.to_thread(_write_sidecars, tools, task, kept)
    except DeskError as error:
        _try_later(tools, task, error, exchanges)
        return
    tools.move(task, TaskStatus.SUCCEEDED, exchanges=exchanges)
    tools.studio.store.tasks.attach(task.id, kept, now=tools.now())


async def _keep_one(
    tools: Tools, task: Task, url: str, position: int, exchanges: list[Exchange]
) -> Artifact:
    name = f"{task.id}-{position}"
    archive = tools.studio.archive
    return await archive.keep(tools.http, url, name=name, now=tools.now(), observe=exchanges.append)


async def _fresh_links(tools: Tools, task: Task, exchanges: list[Exchange]) -> tuple[str, ...]:
    provider = tools.provider(task, exchanges)
    async with tools.looks:
        update = await provider.retrieve(task.remote_id or "", submitted_at=task.submitted_at)
    if update.outputs:
        tools.move(task, TaskStatus.SUCCEEDED, outputs=update.outputs)
        return update.outputs
    raise OutputExpiredError("The provider gives no link to the finished file any more.")


def _try_later(tools: Tools, task: Task, error: DeskError, exchanges: list[Exchange]) -> None:
    failures = task.looks + 1
    lost = isinstance(error, OutputExpiredError | TaskNotFoundError | UnexpectedReplyError)
    if lost and failures >= waits.LINK_TRIES:
        tools.move(
            task,
            TaskStatus.SUCCEEDED,
            event="file expired",
            detail=str(error),
            exchanges=exchanges,
            artifact_state=ArtifactState.EXPIRED,
            looks=failures,
            next_at=None,
            **said_of(error),
        )
        return
    tools.move(
        task,
        TaskStatus.SUCCEEDED,
        event="file not kept yet" if task.looks == 0 else "",
        detail=str(error),
        exchanges=exchanges,
        artifact_state=ArtifactState.DOWNLOADING,
        looks=failures,
        next_at=tools.now()
        + waits.after_error(error, task.looks, floor=tools.profile(task).poll_floor),
        **said_of(error),
    )


def _write_sidecars(tools: Tools, task: Task, kept: list[Artifact]) -> None:
    facts = task.model_dump(mode="json", exclude={"outputs", "draft_token", "artifacts"})
    for artifact in kept:
        data: dict[str, object] = {"task": facts, "artifact": artifact.model_dump(mode="json")}
        tools.studio.archive.write_sidecar(artifact, task.id, data)
