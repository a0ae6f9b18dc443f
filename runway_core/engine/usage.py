"""Asks providers what was used each day: once a day where it can differ from the ledger, and when a person wishes.

A page only writes that it is wished for; the answer is kept in the store, for the page to read.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from runway_core.domain import Connection
from runway_core.engine.apart import opened
from runway_core.engine.step import Tools
from runway_core.errors import DeskError, StorageError
from runway_core.providers import DayUsage
from runway_core.store import UsageRead, Used
from runway_core.studio.usage import tells_usage

log = logging.getLogger(__name__)
DAYS = 90
"""So many are asked for at once, today's included; Runway takes no more (Runway OpenAPI of 2026-08-08)."""
AFTER = timedelta(minutes=30)
"""After midnight UTC, when the day before is taken to be told whole."""
RETRY = timedelta(hours=1)
"""Until it is asked for again that could not be had."""
_DAY = timedelta(days=1)


async def look(tools: Tools) -> float:
    """Ask for all that is due; how many seconds later the next is.

    Raises:
        StorageError: the database can't be used.
    """
    rows = tools.studio.store.usage
    now, again = tools.now(), _told_whole(tools.now()) + _DAY
    reads = rows.reads()
    for connection in tools.studio.store.connections.all():
        profile = tools.studio.connections.profile(connection)
        if not tells_usage(profile):
            continue
        read = reads.get(connection.id) or UsageRead(connection_id=connection.id)
        today = now.date()
        daily = profile.kind == "official"
        daily = daily and rows.used_here(connection.id, today - DAYS * _DAY, today)
        due = next_due(read, now, daily=daily)
        if due is not None and due <= now:
            if rows.claim(connection.id, read.tried_at, now):
                await _ask(tools, connection)
            due = tools.now() + RETRY
        again = min(again, due or again)
    return max((again - tools.now()).total_seconds(), 0.0)


def next_due(read: UsageRead, now: datetime, *, daily: bool) -> datetime | None:
    """When to ask a provider next; None when only a person's wish makes it due."""
    if read.pending:
        return now
    if not daily:
        return None
    whole = _told_whole(now)
    if read.read_at is not None and read.read_at >= whole:
        return whole + _DAY
    return now if read.tried_at is None else max(now, read.tried_at + RETRY)


def _told_whole(now: datetime) -> datetime:
    """Since when the last day that has ended is taken to be told whole."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC) + AFTER
    return today if today <= now else today - _DAY


async def _ask(tools: Tools, connection: Connection) -> None:
    """Ask one provider, and keep what it tells or why it does not."""
    rows, today = tools.studio.store.usage, tools.now().astimezone(UTC).date()
    start, before = today - (DAYS - 1) * _DAY, today + _DAY
    try:
        told = await _usage(tools, connection, start, before)
    except StorageError:
        raise
    except DeskError as error:
        log.info("the usage of %s is not known: %s", connection.name, error.kind)
        rows.fail(connection.id, str(error))
        return
    except Exception:
        rows.fail(connection.id, "This program could not read what was answered.")
        raise
    rows.keep(connection.id, start, before, _summed(told, start, before), tools.now())


async def _usage(
    tools: Tools, connection: Connection, start: date, before: date
) -> tuple[DayUsage, ...]:
    provider = opened(tools, connection)
    return await provider.usage(start, before) or ()


def _summed(told: tuple[DayUsage, ...], start: date, before: date) -> list[Used]:
    """One row for each day and model; what was not asked about is left out."""
    sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for one in told:
        if start <= one.day < before:
            sums[one.day, one.model] += one.credits
    return [Used(day, model, credits) for (day, model), credits in sums.items()]
