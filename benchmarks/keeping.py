"""How long after a provider has finished a video its file is kept here, found by looks and by the provider's call.

Run it as ``python -m benchmarks.keeping``; the goals are that of 20 at least 19 are kept within one gap
between two looks and a second, and within a second where the provider calls.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time

from benchmarks.provider import Provider, provider
from runway_core.catalog import catalog
from runway_core.domain import Capability, Frame, FramePosition, GenerationRequest, Task
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from runway_core.web.runtime import reset, runtime
from tests.web.conftest import serving

VIDEOS = 40
LAST = 30.0
"""Seconds until the last one is finished."""
JITTER = 1.25
"""Most that a gap is longer than the profile's floor."""
FIRST = Frame(position=FramePosition.FIRST, uri="https://example.com/lake.jpg")


def _ask(studio: Studio, there: Provider, profile: str) -> None:
    key = "key_" + "0" * 128
    connection = studio.connections.add("bench", profile=profile, base_url=there.url, key=key)
    for number in range(VIDEOS):
        request = GenerationRequest(
            capability=Capability.IMAGE_TO_VIDEO,
            model="gen4_turbo",
            prompt=f"{3 + LAST * number / VIDEOS:.2f}",
            frames=(FIRST,),
            ratio="1280:720",
            duration=5,
            seed=number,
        )
        studio.tasks.submit(request, connection=connection, token=str(number))


def _until_kept(studio: Studio) -> tuple[Task, ...]:
    ends = time.monotonic() + 4 * LAST
    while True:
        found = studio.tasks.page(TaskQuery(limit=VIDEOS)).tasks
        if all(task.artifacts for task in found) or time.monotonic() > ends:
            return found
        time.sleep(0.5)


def _waits(profile: str, *, called: bool) -> list[float]:
    """Seconds from the end at the provider to the kept file, for videos that end one after the other."""
    with provider() as there, tempfile.TemporaryDirectory() as home:
        os.environ |= {"RUNWAY_HOME": home, "RUNWAY_PRIVATE_HOSTS": f"127.0.0.1:{there.port}"}
        reset()
        with serving(engine=True) as app:
            studio = runtime().studio
            if called:
                studio.callbacks.set_address(str(app.base_url))
            _ask(studio, there, profile)
            found, ended = _until_kept(studio), there.ended()
            waits = sorted(_wait(studio, task, ended) for task in found if task.artifacts)
        reset()
    return waits


def _wait(studio: Studio, task: Task, ended: dict[str, float]) -> float:
    kept = next(event.at for event in studio.tasks.events(task.id) if event.kind == "KEPT")
    return kept.timestamp() - ended[task.remote_id or ""]


def _tell(how: str, waits: list[float], goal: float) -> None:
    median, late = statistics.median(waits), waits[int(len(waits) * 0.95) - 1]
    sys.stdout.write(
        f"kept          {len(waits)} of {VIDEOS} videos, {median:.1f} s after the provider had finished, "
        f"95th {late:.1f} s, {how} (goal {goal:.1f} s)\n"
    )


def main() -> None:
    """Print the median and the 95th of a hundred, for looks and for calls."""
    floor = catalog().profile("runway").poll_floor
    looks = f"with a look every {floor:.0f}-{floor * JITTER:.1f} s"
    _tell(looks, _waits("runway", called=False), floor * JITTER + 1)
    _tell("told by a call", _waits("custom", called=True), 1.0)


if __name__ == "__main__":
    main()
