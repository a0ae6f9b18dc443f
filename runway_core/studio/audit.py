"""The log of acts that have consequences, for admins: a page of it, and all of it as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from runway_core.domain import Noun
from runway_core.people import Right
from runway_core.store import Entry
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now
from runway_core.studio.spreadsheets import as_csv

PER_PAGE = 25
_AT_ONCE = 1000
_COLUMNS = ("When (UTC)", "Who", "What", "To what", "Detail")


class LogQuery(Noun):
    """Which acts; each filter is off when empty."""

    person: str = ""
    """Their name."""
    act: str = ""


class LogPage(Noun):
    """Some acts, the newest first."""

    entries: tuple[Entry, ...]
    total: int
    """How many match in all."""


class AuditLog(Service):
    """Reads the log. Nothing here or elsewhere changes it."""

    @may(Right.MANAGE)
    def page(self, query: LogQuery, number: int = 1) -> LogPage:
        """Page `number`, from 1, of what matches."""
        log, asked = self._store.audit, query.model_dump()
        entries = log.newest(**asked, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        return LogPage(entries=tuple(entries), total=log.count(**asked))

    @may(Right.MANAGE)
    def people(self) -> list[str]:
        """The names of all who have done something."""
        return self._store.audit.people()

    @may(Right.MANAGE)
    def acts(self) -> list[str]:
        """Every kind of act that was done."""
        return self._store.audit.acts()

    @may(Right.MANAGE)
    def last_seen(self) -> dict[str, datetime]:
        """When each person was last here, by their id; without those who never were."""
        return self._store.audit.last_seen()

    @may(Right.MANAGE, "log downloaded")
    def csv(self, query: LogQuery) -> bytes:
        """All that matches, as CSV in UTF-8; no cell of it is a formula to a spreadsheet."""
        return as_csv(_COLUMNS, map(_cells, self._all(query)))

    def _all(self, query: LogQuery) -> Iterator[Entry]:
        until, offset = now(), 0  # what is logged meanwhile would shift the pieces
        asked = {**query.model_dump(), "until": until, "limit": _AT_ONCE}
        while found := self._store.audit.newest(**asked, offset=offset):
            yield from found
            offset += len(found)


def _cells(entry: Entry) -> tuple[str, ...]:
    at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
    return at, entry.person, entry.act, entry.subject, entry.detail
