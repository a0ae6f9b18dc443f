"""What runs once in the app's process, whatever Streamlit reloads: the studio, the sandbox and the engine."""

from __future__ import annotations

import logging
import sys
import threading
import types

from runway_core.engine import LocalEngine
from runway_core.sandbox import EmbeddedSandbox
from runway_core.settings import load
from runway_core.studio import Studio, open_studio

log = logging.getLogger(__name__)

# A hot reload throws our modules away, but not one that no file stands behind.
_HOLDER = "_runway_desk_runtime"
_LOCK = threading.RLock()


class Runtime:
    """One home, opened for this process."""

    def __init__(self) -> None:
        settings = load()
        self.studio: Studio = open_studio(settings)
        self._sandbox = EmbeddedSandbox(settings.sandbox, speed=settings.sandbox_speed)
        self._engine = LocalEngine(self.studio)

    @property
    def engine_running(self) -> bool:
        return self._engine.running

    def start(self) -> None:
        """Start the sandbox and the engine; open tasks are picked up at once."""
        with _LOCK:
            if not self._engine.running:
                self._sandbox.start()
                self._engine.start()

    def stop(self) -> None:
        """Let creates on the wire finish, then stop both."""
        with _LOCK:
            self._engine.stop()
            self._sandbox.stop()


def runtime() -> Runtime:
    """The runtime of this process, opened on first use.

    Raises:
        ConfigError, StorageError: the home can't be opened; the next call tries again.
    """
    with _LOCK:
        holder = sys.modules.setdefault(_HOLDER, types.ModuleType(_HOLDER))
        found: Runtime | None = getattr(holder, "runtime", None)
        if found is None:
            found = Runtime()
            holder.runtime = found  # type: ignore[attr-defined] # the module is made for this
        return found


def reset() -> None:
    """Stop and forget the runtime, so that the next use opens the home afresh."""
    with _LOCK:
        holder = sys.modules.pop(_HOLDER, None)
        found: Runtime | None = getattr(holder, "runtime", None)
        if found is not None:
            found.stop()
            found.studio.close()
