"""Two thousand open tasks at a provider that fails one request in six, on a clock that does not wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runway_core.domain import ArtifactState, Capability, Frame, GenerationRequest, Task, TaskStatus
from runway_core.engine.receipts import Receipts
from runway_core.engine.step import Tools
from runway_core.http import Http
from runway_core.settings import Settings
from runway_core.store import TaskQuery
from runway_core.studio import Studio, open_studio
from tests.builders import request
from tests.engine.virtual import BadDays, Hand, VirtualLoop

TASKS = 2000


async def _to_the_end(folder: Path, server: BadDays) -> list[Task]:
    """Make the tasks and follow them until nothing is left to do for any."""
    port, loop = await server.start(), asyncio.get_running_loop()
    hosts = frozenset({("127.0.0.1", port)})
    settings = Settings(home=folder, private_hosts=hosts)
    studio, began = open_studio(settings), datetime.now(UTC)
    async with Http(private_hosts=hosts) as http:
        tools = Tools(
            studio,
            http,
            Receipts(settings.receipts),
            now=lambda: began + timedelta(seconds=loop.time()),
            put_offs={},
        )
        hands = {task_id: Hand(tools, task_id) for task_id in _asked(studio, server)}
        studio.store.database.heard = lambda task_id, due: hands[task_id].hear(due)
        writing = loop.create_task(_write_together(tools))
        await asyncio.gather(*(hand.follow() for hand in hands.values()))
        writing.cancel()
    await server.stop()
    tasks = list(studio.tasks.page(TaskQuery(limit=100_000)).tasks)
    studio.close()
    return tasks


async def _write_together(tools: Tools) -> None:
    """Write what looks have put off, as the engine does: a moment later, and all at once."""
    while True:
        await asyncio.sleep(1)
        if tools.put_offs:
            tools.studio.store.tasks.put_off(list(tools.put_offs.values()))
            tools.put_offs.clear()


def _asked(studio: Studio, server: BadDays) -> list[str]:
    connection = studio.connections.add(
        "Bad days",
        profile="custom",
        base_url=server.url,
        key="sk-canary-0001",
        options={"requests_a_minute": str(server.per_minute)} if server.per_minute else None,
    )
    ask = studio.tasks.submit
    return [
        ask(_wish(f"video {n}"), connection=connection, token=f"video {n}").id for n in range(TASKS)
    ]


def _wish(prompt: str) -> GenerationRequest:
    return request(
        capability=Capability.IMAGE_TO_VIDEO,
        model="gen4_turbo",
        prompt=prompt,
        frames=(Frame(position="first", uri="https://example.com/lake.jpg"),),
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("per_minute", [600])
def test_two_thousand_tasks_end_whatever_fails_on_the_way(
    in_memory: Path, per_minute: int | None, record_property: Callable[[str, object], None]
) -> None:
    server, began = BadDays(per_minute=per_minute), time.process_time()
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        tasks = runner.run(_to_the_end(in_memory, server))
        hours = runner.get_loop().time() / 3600
    record_property(
        f"{TASKS} tasks, plan {per_minute} a minute",
        f"{len(server.times)} requests {dict(server.answers)}, at most {server.most_in_a_minute()} "
        f"in 60 s, {hours:.2f} h in {time.process_time() - began:.1f} s of processor time",
    )
    uncertain = {t.request.prompt for t in tasks if t.status is TaskStatus.UNCERTAIN}
    others = [task for task in tasks if task.request.prompt not in uncertain]
    assert len(tasks) == TASKS
    assert uncertain == server.unclear
    assert {(t.status, t.artifact_state) for t in others} == {
        (TaskStatus.SUCCEEDED, ArtifactState.KEPT)
    }
    assert max(server.prompts.values()) == 1
    assert server.refused_by_plan == 0
    assert per_minute is None or server.most_in_a_minute() <= per_minute
