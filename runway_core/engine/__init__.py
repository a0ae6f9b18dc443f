"""Brings tasks to their end: `advance` is one step of a task's life, `LocalEngine` calls it on time."""

from runway_core.engine.local import LocalEngine
from runway_core.engine.processes import someone_follows

__all__ = ["LocalEngine", "someone_follows"]
