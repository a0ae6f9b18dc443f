"""One look at a task, ready to be put into any envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runway_core.domain import Capability, TaskStatus
from runway_core.sandbox.dialects import RELAY
from runway_core.sandbox.record import Record

Json = dict[str, Any]
Words = Mapping[TaskStatus, str]


@dataclass(frozen=True)
class Seen:
    """A task at one moment."""

    record: Record
    official: Json
    """As Runway itself tells it, which relays pass on."""
    url: str
    """A link to its file; empty until there is one."""

    @classmethod
    def at(cls, now: datetime, record: Record, *, speed: float, url: str) -> Seen:
        """See a task; `url` counts only when it has succeeded."""
        done = record.status(now, speed=speed) is TaskStatus.SUCCEEDED
        url = url if done else ""
        return cls(record, RELAY.task(record, now, speed=speed, url=url), url)

    @property
    def status(self) -> TaskStatus:
        return TaskStatus(self.official["status"])

    @property
    def failure(self) -> str:
        """Why it failed; empty when it did not."""
        return str(self.official.get("failure", ""))

    @property
    def failure_code(self) -> str:
        return str(self.official.get("failureCode", ""))

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100."""
        if self.status is TaskStatus.SUCCEEDED:
            return 100
        return int(float(self.official.get("progress", 0)) * 100)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, _, height = self.record.ratio.partition(":")
        return int(width), int(height)

    @property
    def length(self) -> int | float:
        """Seconds of video, without a fraction where there is none."""
        seconds = self.record.duration
        return int(seconds) if seconds == int(seconds) else seconds

    def word(self, words: Words) -> str:
        """The status in an envelope's own words."""
        return words[self.status]

    def seconds(self, name: str) -> int:
        """The moment `created_at`, `started_at` or `finished_at` in Unix seconds; 0 when it is not yet."""
        moment: datetime | None = getattr(self.record, name)
        return int(moment.timestamp()) if moment else 0

    @property
    def action(self) -> str:
        """The capability in new-api's words."""
        return Capability(self.record.capability).name
