"""One task as the sandbox keeps it; what it says of itself follows from stored times and the clock alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field, model_validator

from runway_core.domain import Capability, MediaKind, Noun, TaskStatus

LAST_PROGRESS = 0.99
"""What a running task reports at most, however long its file takes."""


class Fault(StrEnum):
    """Why a task ends FAILED."""

    BAD_OUTPUT = "bad_output"
    MODERATED = "moderated"
    UNUSABLE_PICTURE = "unusable_picture"
    INTERNAL = "internal"


class Charge(Noun):
    """What one task has cost."""

    owner: str
    model: str
    credits: int
    at: datetime
    made_at: datetime
    """When the task was made."""


class Kept(Noun):
    """One file that was sent with a task."""

    role: str
    """``first`` or ``last``, or what the file is to the model."""
    kind: MediaKind = MediaKind.IMAGE
    source: str
    """An https link, or the name of a file in the frames folder."""

    @property
    def is_link(self) -> bool:
        return self.source.startswith("https://")


class Record(Noun):
    """A task with everything needed to go on with it in a new process."""

    id: str
    owner: str
    """Which key it belongs to: the start of the key's hash, never the key."""
    model: str
    capability: Capability
    prompt: str
    ratio: str
    """Pixels, ``width:height``."""
    duration: float
    """Seconds of video; 0 of a picture."""
    fps: float = 24
    ending: str = "mp4"
    """Of the result's name."""
    seed: int
    files: tuple[Kept, ...] = ()
    credits: int
    """What it costs when it succeeds."""
    estimate: int = 0
    """What it costs at most, as it is told before the end."""
    pending: float
    """Seconds at speed 1; so are the next two."""
    throttled: float
    running: float
    fault: Fault | None = None
    created_at: datetime
    started_at: datetime | None = None
    """When it began to run."""
    finished_at: datetime | None = None
    notes: dict[str, str] = Field(default_factory=dict)
    """What the root that made it keeps with it, by names of its own."""

    @model_validator(mode="before")
    @classmethod
    def _of_an_older_version(cls, row: object) -> object:
        if not isinstance(row, dict) or "credits" not in row:
            return row
        named = ((role, row.get(role)) for role in ("first", "last"))
        files = [{"role": role, "source": source} for role, source in named if source]
        rest = {key: value for key, value in row.items() if key not in ("first", "last")}
        return {"files": files, "estimate": row["credits"], **rest}

    @property
    def needs_file(self) -> bool:
        return self.fault is None

    def waits_until(self, speed: float) -> datetime:
        """When it may run, if there is a free place."""
        return self.created_at + timedelta(seconds=(self.pending + self.throttled) / speed)

    def runs_until(self, speed: float) -> datetime:
        """When its running time is over.

        Raises:
            ValueError: it does not run yet.
        """
        if self.started_at is None:
            raise ValueError(f"{self.id} does not run yet")
        return self.started_at + timedelta(seconds=self.running / speed)

    def status(self, now: datetime, *, speed: float) -> TaskStatus:
        """Where it is at this moment; never one of our own three states."""
        if self.finished_at is not None:
            return TaskStatus.FAILED if self.fault else TaskStatus.SUCCEEDED
        if self.started_at is not None:
            return TaskStatus.RUNNING
        if now < self.created_at + timedelta(seconds=self.pending / speed):
            return TaskStatus.PENDING
        return TaskStatus.THROTTLED

    def progress(self, now: datetime, *, speed: float) -> float:
        """Share of the running time that has gone by, 0 to 0.99."""
        if self.started_at is None:
            return 0.0
        share = (now - self.started_at).total_seconds() * speed / self.running
        return round(min(max(share, 0.0), LAST_PROGRESS), 4)

    @property
    def cost(self) -> int:
        """Credits charged in the end: input that was moderated is paid, other failures are not.

        Source: docs.dev.runwayml.com, errors/task-failures.
        """
        return self.credits if self.fault in (None, Fault.MODERATED) else 0

    def charge(self, now: datetime, *, speed: float) -> Charge:
        """What it has cost for good if it is deleted at this moment.

        To cancel a running task refunds nothing, one that waits everything (Runway's own client,
        ``tasks.delete``).
        """
        amount = self.cost if self.finished_at else 0
        if self.status(now, speed=speed) is TaskStatus.RUNNING:
            amount = self.credits
        return Charge(
            owner=self.owner,
            model=self.model,
            credits=amount,
            at=self.finished_at or now,
            made_at=self.created_at,
        )
