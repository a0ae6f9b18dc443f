"""What a schedule is reckoned from: how long the last tasks took, and what a key does at this moment."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import sqlalchemy as sa

from runway_core.domain import TaskStatus
from runway_core.people import Right, needs
from runway_core.pricing import DAY, Load, Past
from runway_core.store.line import BUSY, of_model
from runway_core.store.rows import Rows
from runway_core.store.schema import tasks

LAST = 40
"""Finished tasks that are learnt from."""


class PlanRows(Rows):
    """Reads how a key's plan is used; of everybody's tasks, because they share it, but only how many and when."""

    @needs(Right.LOOK)
    def load(self, connection_id: str, model: str = "", *, now: datetime) -> Load:
        """What a key does now; with one model where its plan counts each apart."""
        mine = [tasks.c.connection_id == connection_id]  # what is open is never deleted
        sent_by = [tasks.c.connection_id == connection_id, tasks.c.sent_at > now - DAY]
        if model:
            mine, sent_by = ([*each, of_model(model)] for each in (mine, sent_by))
        number = sa.select(sa.func.count()).select_from(tasks)
        with self._db.read() as sql:
            busy = sa.select(tasks.c.sent_at).where(*mine, tasks.c.status.in_(BUSY))
            running = sql.execute(busy).scalars().all()
            queued = tasks.c.status == TaskStatus.QUEUED.value
            waiting = sql.execute(number.where(*mine, queued)).scalar_one()
            sent = sql.execute(sa.select(tasks.c.sent_at).where(*sent_by)).scalars().all()
        return Load(
            model=model,
            running=tuple(now - (at or now) for at in running),  # one taken in by its id has none
            waiting=waiting,
            sent=tuple(now - at for at in sent if at is not None),
        )

    @needs(Right.LOOK)
    def past(self, profile: str, model: str) -> list[Past]:
        """How long the last tasks of this kind took, from being sent to being seen finished."""
        query = sa.select(tasks.c.connection_id, tasks.c.submitted_at, tasks.c.finished_at).where(
            tasks.c.profile == profile,
            tasks.c.model == model,
            tasks.c.finished_at.is_not(None),
            tasks.c.submitted_at.is_not(None),
            tasks.c.status == TaskStatus.SUCCEEDED.value,
            tasks.c.sent_at.is_not(None),  # sent from here, not taken in later
        )
        with self._db.read() as sql:
            rows = sql.execute(query.order_by(tasks.c.finished_at.desc()).limit(LAST)).all()
        spans: defaultdict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        for row in rows:
            spans[row.connection_id].append((row.submitted_at, row.finished_at))
        return [
            Past(took=end - begin, followed=sum(b < end <= e for b, e in of_key))
            for of_key in spans.values()
            for begin, end in of_key
        ]
