"""Waiting for a task: beside a worker that follows it, or as the worker when there is none."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from types import FrameType

from runway_core.domain import Connection, Task
from runway_core.engine import Engine, engine_for, someone_follows
from runway_core.errors import ConfigError
from runway_core.studio import Studio
from runway_core.studio.upkeep import Upkeep

log = logging.getLogger(__name__)
DRAIN = 7.5
"""Seconds that creates on the wire get to finish at a stop, which takes 10 in all."""
GLANCE = 0.25
"""Seconds between looks into our own database; no provider is asked by this."""


@contextmanager
def working(studio: Studio, *, drain: float = DRAIN) -> Iterator[Engine]:
    """Run the built-in sandbox and an engine in this process."""
    from runway_core.sandbox import EmbeddedSandbox  # only here: its web server takes time to load

    settings = studio.settings
    engine, upkeep = engine_for(studio), Upkeep(studio)
    sandbox = EmbeddedSandbox(settings.sandbox, speed=settings.sandbox_speed)
    try:
        sandbox.start()
    except (ConfigError, OSError):
        log.exception("the built-in sandbox could not start; everything else goes on")
    engine.start()
    upkeep.start()
    try:
        yield engine
    finally:
        engine.stop(drain=drain)
        sandbox.stop()
        upkeep.stop()


@contextmanager
def practice_for(studio: Studio, connection: Connection) -> Iterator[None]:
    """Run the built-in sandbox while its connection is asked something, if no app or worker does."""
    if connection.profile != "sandbox" or connection.base_url:
        yield
        return
    from runway_core.sandbox import EmbeddedSandbox  # only here: its web server takes time to load

    settings = studio.settings
    with EmbeddedSandbox(settings.sandbox, speed=settings.sandbox_speed):
        yield


@contextmanager
def _termination() -> Iterator[None]:
    """Let SIGTERM end this as Ctrl+C does: what is on the wire is finished; a second one ends at once."""

    def end(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def working_until_told(studio: Studio) -> Iterator[Engine]:
    """`working`, which SIGTERM ends as Ctrl+C does."""
    with _termination(), working(studio) as engine:
        yield engine


def follow(
    studio: Studio,
    task_id: str,
    *,
    until: Callable[[Task], bool],
    seconds: float | None,
    tell: Callable[[Task], None],
) -> Task:
    """Wait until a task is as wanted, at most `seconds`; the task goes on either way."""
    ends = None if seconds is None else time.monotonic() + seconds
    with ExitStack() as stack:
        own: Engine | None = None
        while True:
            task = studio.tasks.get(task_id)
            tell(task)
            if until(task) or (ends is not None and time.monotonic() >= ends):
                return task
            if own is None and not someone_follows(studio.store, datetime.now(UTC)):
                own = stack.enter_context(working_until_told(studio))
            time.sleep(GLANCE)
