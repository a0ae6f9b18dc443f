"""How a batch and its rows stand, for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from runway_core.domain import ArtifactState, Noun, TaskStatus
from runway_core.store import Batch, BatchRow, Stand

How = Literal[
    "waiting", "line", "making", "saving", "ready", "failed", "uncertain", "cancelled", "expired",
    "refused", "stopped",
]  # fmt: skip
"""How a row stands, for a person."""
OPEN: tuple[How, ...] = ("line", "making", "saving")
"""What the engine is at work on."""
AGAIN: tuple[How, ...] = ("failed", "cancelled", "refused", "stopped")
"""What may be asked for once more."""


class Progress(Noun):
    """How a batch stands."""

    batch: Batch
    rows: dict[How, int]
    """How many rows stand how; those that are none are left out."""

    def count(self, *how: How) -> int:
        """How many rows stand in one of these ways."""
        return sum(self.rows.get(each, 0) for each in how)

    @property
    def moves(self) -> bool:
        """Whether anything of it is being made."""
        return self.count(*OPEN) > 0

    @property
    def waits(self) -> int:
        """Rows that have not been asked for."""
        return self.count("waiting")


class RowView(Noun):
    """One row of a batch, for a person."""

    row: BatchRow
    how: How
    why: str = ""
    """Why it waits or can't be made; empty where its task says it."""


def how_it_stands(row: BatchRow) -> How:
    """How a row stands, by itself and by its task; one whose task was deleted was cancelled."""
    if row.state != "asked":
        return row.state
    if row.task is None:
        return "cancelled"
    return _how(row.task.status, row.task.artifact_state)


def _how(status: TaskStatus, artifact_state: ArtifactState) -> How:
    if status is TaskStatus.SUCCEEDED:
        ends: dict[ArtifactState, How] = {
            ArtifactState.KEPT: "ready",
            ArtifactState.EXPIRED: "expired",
        }
        return ends.get(artifact_state, "saving")
    known: dict[TaskStatus, How] = {
        TaskStatus.QUEUED: "line",
        TaskStatus.UNCERTAIN: "uncertain",
        TaskStatus.FAILED: "failed",
        TaskStatus.CANCELLED: "cancelled",
    }
    return known.get(status, "making")


def progress_of(batch: Batch, stands: Sequence[Stand]) -> Progress:
    """How a batch stands, from how its rows do; those of other batches are passed over."""
    counts: Counter[How] = Counter()
    for stand in stands:
        if stand.batch_id == batch.id:
            if stand.state != "asked":
                counts[stand.state] += stand.rows
            elif stand.status is None or stand.artifact_state is None:
                counts["cancelled"] += stand.rows
            else:
                counts[_how(stand.status, stand.artifact_state)] += stand.rows
    return Progress(batch=batch, rows=dict(counts))
