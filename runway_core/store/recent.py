"""The newest of what was asked for and made: short lists that take as long however much there is."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from runway_core.domain import ArtifactState, Noun, TaskStatus
from runway_core.people import Right, needs
from runway_core.store.query import TaskQuery, conditions
from runway_core.store.rows import Rows, seen_by
from runway_core.store.schema import tasks

READ = 300
"""Tasks that are read for a list of prompts: many were made of the same words."""


class Finished(Noun):
    """What a list of finished videos tells of one."""

    id: str
    prompt: str
    model: str
    connection: str
    created_at: datetime


class RecentRows(Rows):
    """Reads what is newest."""

    @needs(Right.LOOK)
    def prompts(self, text: str = "", *, limit: int) -> list[str]:
        """Prompts of the acting person's own tasks, each once, the last one first; `text` as in a `TaskQuery`."""
        words = tasks.c.request["prompt"].as_string().label("prompt")
        mine = TaskQuery(text=text, owner_id=self.actor.id)
        query = sa.select(words).where(*conditions(mine)).order_by(tasks.c.number.desc())
        with self._db.read() as sql:
            found = sql.execute(query.limit(READ)).scalars().all()
        return [prompt for prompt in dict.fromkeys(found) if prompt and prompt.strip()][:limit]

    @needs(Right.LOOK)
    def finished(self, text: str = "", *, limit: int) -> list[Finished]:
        """Tasks whose files are kept and that the acting person may see, the last one first."""
        done = TaskQuery(text=text, statuses=frozenset({TaskStatus.SUCCEEDED}))
        kept = tasks.c.artifact_state == ArtifactState.KEPT.value
        query = sa.select(
            tasks.c.id,
            tasks.c.request["prompt"].as_string().label("prompt"),
            tasks.c.model,
            tasks.c.connection,
            tasks.c.created_at,
        ).where(*conditions(done), kept, seen_by(self.actor))
        query = query.order_by(tasks.c.number.desc()).limit(limit)
        with self._db.read() as sql:
            rows = sql.execute(query).mappings().all()
        return [Finished(**{**row, "prompt": row["prompt"] or ""}) for row in rows]
