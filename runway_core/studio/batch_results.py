"""What became of a batch, as a table for a spreadsheet: a line a row, with links to its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from runway_core.domain import Task
from runway_core.store import BatchRow
from runway_core.studio.spreadsheets import as_csv

Link = Callable[[Task, int], str]
"""Where a task's file at a position can be had: an address, or a path."""
_COLUMNS = (
    *("row", "prompt", "image", "model", "ratio", "duration", "seed", "state", "why"),
    *("task", "remote_id", "estimate_low", "estimate_high", "charge", "unit", "made", "finished"),
    "files",
)


def results(rows: Iterable[tuple[BatchRow, str, str]], link: Link) -> bytes:
    """Rows, each with how it stands and why, as CSV in UTF-8; no cell is a formula to a spreadsheet."""
    return as_csv(_COLUMNS, (tuple(_cells(*row, link)) for row in rows))


def _cells(row: BatchRow, state: str, why: str, link: Link) -> Iterator[str]:
    asked, task = row.request, row.task
    yield str(row.row)
    yield asked.prompt
    yield ", ".join(frame.uri for frame in asked.frames)
    yield from (asked.model, asked.ratio, str(asked.duration or ""))
    yield "" if asked.seed is None else str(asked.seed)
    yield from (state, why)
    yield from ("", "") if task is None else (task.id, task.remote_id or "")
    low, high = row.estimate.low, row.estimate.high
    yield from ("" if amount is None else f"{amount:f}" for amount in (low, high))
    yield "" if task is None or task.charge is None else f"{task.charge:f}"
    yield row.estimate.unit
    times = (None, None) if task is None else (task.created_at, task.finished_at)
    yield from ("" if time is None else f"{time:%Y-%m-%d %H:%M:%S}" for time in times)
    yield "" if task is None else " ".join(link(task, n) for n in range(len(task.artifacts)))
