"""What can be held side by side."""

from __future__ import annotations

from collections.abc import Iterable

from runway_core.domain import Task
from runway_core.people import Right
from runway_core.store import Finished
from runway_core.studio.acting import Service, may

MOST = 4
"""Videos that fit side by side."""


class Comparing(Service):
    """Finds videos to compare."""

    @may(Right.LOOK)
    def finished(self, text: str = "", *, limit: int = 40) -> list[Finished]:
        """The newest videos whose files are kept; `text` as in the history's search."""
        return self._store.recent.finished(text, limit=limit)

    @may(Right.LOOK)
    def chosen(self, ids: Iterable[str]) -> list[Task]:
        """Those of these tasks that are here, in their order, each once and at most four."""
        found = (self._store.tasks.get(task_id) for task_id in dict.fromkeys(ids))
        return [task for task in found if task is not None][:MOST]
