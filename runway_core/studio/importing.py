"""Takes in the history of the tester. Twice is as good as once, and nothing is ever sent to be made."""

from __future__ import annotations

from datetime import datetime, timedelta

from runway_core.domain import Connection, Noun
from runway_core.people import Right
from runway_core.store import Store
from runway_core.studio.acting import Service, may
from runway_core.studio.adopting import Adopting, Found
from runway_core.studio.clock import now
from runway_core.studio.tester import Entry, Unread, read_history

APART = timedelta(seconds=0.5)
"""Between the first looks at two tasks, so that a long list does not fall upon a provider at once."""
_MODEL_UNSURE = "The tester notes gen3a_turbo for every video, whatever made it."


class Imported(Noun):
    """What became of a list."""

    added: tuple[str, ...]
    """Ids of the new tasks here."""
    known: int
    """Tasks that were here before, deleted ones included."""
    unread: tuple[Unread, ...]


class Importing(Service):
    """Turns the tester's list into tasks of this home."""

    def __init__(self, store: Store, *, adopting: Adopting) -> None:
        super().__init__(store)
        self._adopting = adopting

    @may(Right.MAKE, "history brought in")
    def load(self, data: bytes, *, connection: Connection) -> Imported:
        """Record every task of a copy of the tester's history; `connection` follows and fetches them.

        Raises:
            InvalidInputError: it is no such copy; names ``file``.
            StorageError: not all could be recorded; doing it again adds the rest.
        """
        entries, unread = read_history(data)
        new = [e for e in entries if not self._adopting.was_here(connection, e.remote_id)]
        start = now()
        added = [
            self._record(entry, connection, wait=APART * position, start=start)
            for position, entry in enumerate(new)
        ]
        known = len(entries) - len(new)
        return Imported(added=tuple(added), known=known, unread=tuple(unread))

    def _record(
        self, entry: Entry, connection: Connection, *, wait: timedelta, start: datetime
    ) -> str:
        unsure = entry.request.model == "gen3a_turbo"
        found = Found(
            remote_id=entry.remote_id,
            update=entry.update,
            request=entry.request,
            event="imported",
            detail=_MODEL_UNSURE if unsure else "",
            next_look=start + wait,
            finished_at=entry.finished_at,
        )
        return self._adopting.record(connection, found)
