"""What is done with many videos: judged, tagged, found again, listed for a spreadsheet, deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from runway_core.archive import Archive
from runway_core.domain import ArtifactState, Task
from runway_core.errors import InvalidInputError, NotAllowedError, NotFoundError, Problem
from runway_core.people import Right
from runway_core.store import Change, Kept, Mark, Review, Store
from runway_core.store.search import folded
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now
from runway_core.studio.spreadsheets import as_csv

MOST = 200
"""Videos that can be chosen at once."""
NOTE_MOST = 2000
"""Characters of a note."""
TAG_MOST = 40
"""Characters of a tag."""
TAGS_MOST = 10
"""Tags of one video."""
VIEWS_MOST = 30
"""Views that a person keeps."""
VIEW_NAME_MOST = 40
"""Characters of a view's name."""
_VIEW = "view"
_COLUMNS = (
    *("File", "Made (UTC)", "Status", "Prompt", "Model", "Connection", "Seconds", "Ratio"),
    *("Seed", "Charged", "Unit", "Mark", "Tags", "Note", "Video", "Id at the provider", "Failure"),
)


class Reviews(Service):
    """The acting person's view of videos that they may see, and changes of those that are theirs."""

    def __init__(self, store: Store, *, archive: Archive) -> None:
        super().__init__(store)
        self._archive = archive

    @may(Right.LOOK)
    def of(self, task_ids: Collection[str]) -> dict[str, Review]:
        """By id what is thought of those of these videos that are there to be seen."""
        return self._store.reviews.of(task_ids)

    @may(Right.LOOK)
    def chosen(self, task_ids: Iterable[str]) -> list[Task]:
        """Those of these videos that are there to be seen, in their order, each once and at most `MOST`."""
        ids = list(dict.fromkeys(task_ids))[:MOST]
        found = (self._store.tasks.get(task_id) for task_id in ids)
        return [task for task in found if task is not None]

    @may(Right.MAKE)
    def mark(self, task_ids: Collection[str], mark: Mark | None) -> int:
        """Mark videos, or take their marks away; how many.

        Raises:
            NotAllowedError, NotFoundError: none of them is theirs to change.
        """
        return self._change(task_ids, Change(mark=mark, unmark=mark is None))

    @may(Right.MAKE)
    def note(self, task_id: str, text: str) -> None:
        """Write a note to a video, in place of what was there.

        Raises:
            InvalidInputError: it is too long; names ``note``.
            NotAllowedError, NotFoundError: the video is not theirs to change.
        """
        note = text.replace("\0", " ").strip()
        if len(note) > NOTE_MOST:
            most = f"is too long: it may have {NOTE_MOST} characters."
            raise InvalidInputError(Problem("note", most))
        self._change([task_id], Change(note=note))

    @may(Right.MAKE)
    def tag(
        self, task_ids: Collection[str], *, add: Iterable[str] = (), drop: Iterable[str] = ()
    ) -> int:
        """Add tags to videos and take others away; how many videos.

        Raises:
            InvalidInputError: a tag is too long, or a video would have too many; names ``tag``.
            NotAllowedError, NotFoundError: none of the videos is theirs to change.
        """
        more = tuple(filter(None, map(_tag, add)))
        for review in self.of(task_ids).values() if more else ():
            if len({folded(tag) for tag in (*review.tags, *more)}) > TAGS_MOST:
                most = f"is one too many: a video may have {TAGS_MOST}."
                raise InvalidInputError(Problem("tag", most))
        return self._change(task_ids, Change(add=more, drop=tuple(drop)))

    @may(Right.LOOK)
    def tags(self) -> list[str]:
        """The tags that the acting person has used, the last one first."""
        return self._store.reviews.tags()

    @may(Right.MAKE)
    def delete(self, task_ids: Collection[str]) -> int:
        """Delete videos and their files for good, those that have ended and are theirs; how many.

        Raises:
            StorageError: a file could not be removed; its video is deleted from view all the same.
        """
        gone = self._store.reviews.hide(list(dict.fromkeys(task_ids))[:MOST], now())
        if gone:
            count = str(len(gone))
            self.audit("videos deleted", count, " ".join(task_id[:8] for task_id in gone))
        for task_id, files in gone.items():
            for artifact in files:
                self._archive.remove(artifact, task_id)
        return len(gone)

    @may(Right.LOOK)
    def csv(self, task_ids: Iterable[str], files: dict[str, str] | None = None) -> bytes:
        """What is known of videos, as CSV in UTF-8; `files` are the names that theirs have beside it, by id.

        No cell of it is a formula to a spreadsheet.
        """
        tasks = self.chosen(task_ids)
        reviews = self.of([task.id for task in tasks])
        named = files or {}
        rows = (_cells(t, reviews.get(t.id, Review()), named.get(t.id, "")) for t in tasks)
        return as_csv(_COLUMNS, rows)

    # --- views ----------------------------------------------------------------------------------

    @may(Right.LOOK)
    def views(self) -> list[Kept]:
        """The acting person's: each a name and the filters of the history as its address has them."""
        return sorted(self._store.shelf.all(_VIEW), key=lambda kept: folded(kept.name))

    @may(Right.MAKE)
    def keep_view(self, name: str, filters: dict[str, str]) -> str:
        """Keep filters under a name, in place of those of the same name; the name as it is kept.

        Raises:
            InvalidInputError: no name, one that is too long, or too many are kept; names ``name``.
        """
        name = " ".join(name.split())
        if not name:
            raise InvalidInputError(Problem("name", "is missing: give it one to find it by."))
        if len(name) > VIEW_NAME_MOST:
            most = f"is too long: it may have {VIEW_NAME_MOST} characters."
            raise InvalidInputError(Problem("name", most))
        there = {kept.name for kept in self.views()}
        if name not in there and len(there) >= VIEWS_MOST:
            full = f"is one too many: {VIEWS_MOST} are kept. Delete one first."
            raise InvalidInputError(Problem("name", full))
        self._store.shelf.put(_VIEW, name, filters, now())
        return name

    @may(Right.MAKE)
    def forget_view(self, name: str) -> bool:
        """Delete a view; False when there is none of this name."""
        return self._store.shelf.remove(_VIEW, name)

    def _change(self, task_ids: Collection[str], change: Change) -> int:
        ids = list(dict.fromkeys(task_ids))[:MOST]
        changed = self._store.reviews.change(ids, change, now())
        if ids and not changed:
            if self.of(ids):
                raise NotAllowedError("Only whoever made this video, or an admin, may change it.")
            raise NotFoundError("There is no such task here.")
        return changed


def _tag(text: str) -> str:
    tag = " ".join(text.replace("\0", " ").split())
    if len(tag) > TAG_MOST:
        most = f"is too long: it may have {TAG_MOST} characters."
        raise InvalidInputError(Problem("tag", most))
    return tag


def _cells(task: Task, review: Review, file: str) -> tuple[str, ...]:
    asked = task.request
    kept = task.artifact_state is ArtifactState.EXPIRED and not task.artifacts
    status = "EXPIRED" if kept else task.status.value
    made = (f"{task.created_at:%Y-%m-%d %H:%M:%S}", status)
    what = (asked.prompt, asked.model, task.connection, _number(asked.duration or None))
    how = (asked.ratio, _number(asked.seed))
    money = (_number(task.charge), task.estimate.unit)
    judged = (review.mark or "", ", ".join(review.tags), review.note)
    return file, *made, *what, *how, *money, *judged, task.id, task.remote_id or "", task.failure


def _number(value: Any) -> str:
    return "" if value is None else f"{value:f}" if hasattr(value, "as_tuple") else str(value)
