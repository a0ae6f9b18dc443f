"""Numbers of tasks: when each was asked for, in milliseconds since 1970, and no two the same.

They give every list its order and its place to go on from, and a range of days is a range of them.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from runway_core.store.schema import tasks

_NEAR = 1000
"""Numbers after a moment among which a free one is looked for."""


def milliseconds(moment: datetime) -> int:
    """Since 1970."""
    return int(moment.timestamp() * 1000)


def next_number(sql: sa.Connection, moment: datetime) -> int:
    """A number for a new task of that moment; the transaction must be `alone`."""
    number = milliseconds(moment)
    last = sa.func.max(tasks.c.number)
    while True:
        near = sa.select(last).where(tasks.c.number.between(number, number + _NEAR - 1))
        taken = sql.execute(near).scalar()
        if taken is None:
            return number
        number = int(taken) + 1
