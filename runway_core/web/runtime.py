"""What runs once in the app's process, whatever Streamlit reloads: the studio, the sandbox and the engine."""

from __future__ import annotations

import logging
import sys
import threading
import types
from datetime import UTC, datetime
from typing import Any

from runway_core.engine import Engine, LocalEngine, someone_follows
from runway_core.errors import DeskError
from runway_core.sandbox import EmbeddedSandbox
from runway_core.settings import load
from runway_core.studio import Studio
from runway_core.studio.startup import open_for_work
from runway_core.studio.upkeep import Upkeep

log = logging.getLogger(__name__)

# A hot reload throws our modules away, but not one that no file stands behind.
_HOLDER = "_runway_desk_runtime"


class Runtime:
    """One home, opened for this process."""

    def __init__(self) -> None:
        settings = load()
        self.studio, troubles = open_for_work(settings)
        self.opened_at = datetime.now(UTC)
        for trouble in troubles:
            log.warning("%s %s %s", trouble.what, trouble.paid, trouble.do)
        self._upkeep = Upkeep(self.studio)
        self._sandbox = EmbeddedSandbox(settings.sandbox, speed=settings.sandbox_speed)
        self._engine = _engine(self.studio)

    @property
    def engine_running(self) -> bool:
        """Whether somebody follows the tasks: this process, or a worker where there is a cluster."""
        if self.studio.settings.database_url:
            return someone_follows(self.studio.store, datetime.now(UTC))
        return self._engine.running

    def start(self) -> None:
        """Start the sandbox and the engine; open tasks are picked up at once."""
        with _lock():
            if not self._engine.running:
                self._start_sandbox()
                self._engine.start()
                self._upkeep.start()

    @property
    def started(self) -> bool:
        """Whether the engine, or in a cluster what reminds the workers, runs in this process."""
        return self._engine.running

    def stop(self) -> None:
        """Let creates on the wire finish, then stop both."""
        with _lock():
            self._engine.stop()
            self._sandbox.stop()
            self._upkeep.stop()

    def _start_sandbox(self) -> None:
        try:
            self._sandbox.start()
        except (DeskError, OSError):
            # Paid tasks are followed all the same.
            log.exception("the built-in sandbox could not start")


def _engine(studio: Studio) -> Engine:
    """In a cluster the workers follow the tasks; the app only reminds them."""
    if not studio.settings.database_url:
        return LocalEngine(studio)
    from runway_core.engine.cluster import Reminders

    return Reminders(studio)


def runtime() -> Runtime:
    """The runtime of this process, opened on first use.

    Raises:
        ConfigError, StorageError: the home can't be opened; the next call tries again.
    """
    with _lock():
        found: Runtime | None = _held().get("runtime")
        if found is None:
            found = _held()["runtime"] = Runtime()
        return found


def opened() -> Runtime | None:
    """The runtime, if it is open already; never waits."""
    found: Runtime | None = _held().get("runtime")
    return found


def reset() -> None:
    """Stop and forget the runtime, so that the next use opens the home afresh."""
    with _lock():
        found: Runtime | None = _held().pop("runtime", None)
        if found is not None:
            found.stop()
            found.studio.close()


def _held() -> dict[str, Any]:
    return vars(sys.modules.setdefault(_HOLDER, types.ModuleType(_HOLDER)))


def _lock() -> threading.RLock:
    """One lock for the code before and after a hot reload."""
    lock: threading.RLock = _held().setdefault("lock", threading.RLock())
    return lock
