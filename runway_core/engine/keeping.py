"""Brings the finished files home. A download that fails asks for a fresh link and never for a new video.

Which failure means what is in `runway_core.policy`; here stands only how it is done.
"""

from __future__ import annotations

import asyncio

from runway_core.domain import Artifact, ArtifactState, Exchange, Task, TaskStatus
from runway_core.engine import pausing
from runway_core.engine.setbacks import Setback, key_of, setback
from runway_core.engine.step import Exchanges, Tools
from runway_core.errors import DeskError, OutputExpiredError
from runway_core.policy import Do, Operation
from runway_core.redact import hide_known


async def keep(tools: Tools, task: Task) -> None:
    """Download every output of a SUCCEEDED task and record the files."""
    exchanges = Exchanges()
    key = key_of(tools, task)
    try:
        outputs = task.outputs
        if not outputs or (task.looks and not _waits_here(tools, task)):
            leave = pausing.may_look(tools, task)
            if leave == "held":
                return
            outputs = await _links(tools, task, exchanges)
            if leave == "try":
                pausing.lift(tools, task)
            task = _with_fresh_links(tools, task, outputs)
        exchanges.doing, kept = "file", []
        async with tools.downloads:
            for position, url in enumerate(outputs):
                kept.append(await _keep_one(tools, task, url, position, exchanges))
        await asyncio.to_thread(_write_sidecars, tools, task, kept)
    except DeskError as error:
        met = setback(tools, task, error, Operation.DOWNLOAD, key=key)
        _not_kept(tools, task, met, exchanges)
        return
    tools.move(task, TaskStatus.SUCCEEDED, exchanges=exchanges)
    tools.studio.store.tasks.attach(task.id, kept, now=tools.now())


def _waits_here(tools: Tools, task: Task) -> bool:
    """Whether every file is on this machine already and only its storage was away: no link is needed."""
    names = (f"{task.id}-{position}" for position in range(len(task.outputs)))
    return all(tools.studio.archive.holds(name) for name in names)


async def _keep_one(
    tools: Tools, task: Task, url: str, position: int, exchanges: Exchanges
) -> Artifact:
    name = f"{task.id}-{position}"
    archive = tools.studio.archive

    def observe(exchange: Exchange) -> None:
        # No key is sent for a file, so nobody looks for one; but a provider may repeat those that it knows.
        exchanges.add(Exchange.model_validate_json(hide_known(exchange.model_dump_json())))

    return await archive.keep(tools.http, url, name=name, now=tools.now(), observe=observe)


async def _links(tools: Tools, task: Task, exchanges: Exchanges) -> tuple[str, ...]:
    provider = tools.provider(task, exchanges)
    async with tools.looks:
        update = await provider.retrieve(task.remote_id or "", submitted_at=task.submitted_at)
    return update.outputs


def _with_fresh_links(tools: Tools, task: Task, outputs: tuple[str, ...]) -> Task:
    if not outputs:
        raise OutputExpiredError("The provider gives no link to the finished file any more.")
    tools.move(task, TaskStatus.SUCCEEDED, outputs=outputs)
    return task.model_copy(update={"outputs": outputs})


def _not_kept(tools: Tools, task: Task, met: Setback, exchanges: Exchanges) -> None:
    if met.do is Do.EXPIRED:
        tools.move(
            task,
            TaskStatus.SUCCEEDED,
            event="file expired",
            detail=str(met.error),
            exchanges=exchanges,
            artifact_state=ArtifactState.EXPIRED,
            looks=task.looks + 1,
            next_at=None,
            **(met.said | {"note": str(met.error)}),
        )
        return
    if met.do is Do.PAUSE:
        pausing.begin(tools, task, met)
    failure = {} if met.do is Do.WAIT else met.said | {"looks": task.looks + 1}
    tools.move(
        task,
        TaskStatus.SUCCEEDED,
        event=met.event,
        detail=met.detail,
        exchanges=exchanges if met.event else None,
        artifact_state=ArtifactState.DOWNLOADING,
        next_at=met.next_at,
        **failure,
    )


def _write_sidecars(tools: Tools, task: Task, kept: list[Artifact]) -> None:
    facts = task.model_dump(mode="json", exclude={"outputs", "draft_token", "artifacts"})
    for artifact in kept:
        data: dict[str, object] = {"task": facts, "artifact": artifact.model_dump(mode="json")}
        tools.studio.archive.write_sidecar(artifact, task.id, data)
