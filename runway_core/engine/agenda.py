"""When each task is due, in three lanes, so that neither many looks nor long downloads keep a create waiting."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from typing import Literal

from runway_core.domain import TaskStatus

Lane = Literal["create", "keep", "look"]
ROOM: dict[Lane, int] = {"create": 8, "keep": 6, "look": 16}
"""Steps of each lane that may be under way: twice what may be on the wire, so that the wire is never idle."""

GATHERED = timedelta(milliseconds=20)
"""Looks that are due within this are made together: to wake for each one costs processor time."""


def lane_of(status: TaskStatus) -> Lane:
    """Which lane a task's next step is in."""
    if status in (TaskStatus.QUEUED, TaskStatus.SUBMITTING):
        return "create"
    return "keep" if status is TaskStatus.SUCCEEDED else "look"


class Agenda:
    """What is to be done, the longest overdue first in each lane."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[datetime, Lane]] = {}
        self._heaps: dict[Lane, list[tuple[datetime, str]]] = {lane: [] for lane in ROOM}
        self._under_way = dict.fromkeys(ROOM, 0)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, task_id: str) -> bool:
        return task_id in self._known

    def clear(self) -> None:
        """Forget what is to be done; what is under way stays counted."""
        self._known.clear()
        for heap in self._heaps.values():
            heap.clear()

    def put(self, task_id: str, due: datetime, lane: Lane) -> None:
        """Note when a task is due."""
        if self._known.get(task_id) != (due, lane):
            self._known[task_id] = (due, lane)
            heapq.heappush(self._heaps[lane], (due, task_id))

    def change(self, task_id: str, due: datetime) -> None:
        """Note another time for a task that is known."""
        self.put(task_id, due, self._known[task_id][1])

    def take(self, now: datetime) -> list[tuple[str, datetime, Lane]]:
        """Take out what is due, as far as its lane has room; `leave` makes room again."""
        found = []
        for lane in ROOM:
            while self._under_way[lane] < ROOM[lane]:
                due = self._first(lane)
                if due is None or due > now:
                    break
                _, task_id = heapq.heappop(self._heaps[lane])
                del self._known[task_id]
                self._under_way[lane] += 1
                found.append((task_id, due, lane))
        return found

    def leave(self, lane: Lane) -> None:
        """A step of this lane is over."""
        self._under_way[lane] -= 1

    def next_due(self) -> datetime | None:
        """When to take out what is due next in a lane that has room: of looks, a few at once."""
        free = [lane for lane in ROOM if self._under_way[lane] < ROOM[lane]]
        firsts = [(due, lane) for lane in free if (due := self._first(lane))]
        whens = (due + GATHERED if lane == "look" else due for due, lane in firsts)
        return min(whens, default=None)

    def _first(self, lane: Lane) -> datetime | None:
        heap = self._heaps[lane]
        while heap and self._known.get(heap[0][1]) != (heap[0][0], lane):
            heapq.heappop(heap)  # it was given another time, or is done
        return heap[0][0] if heap else None
