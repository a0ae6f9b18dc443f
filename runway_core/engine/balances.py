"""Asks providers what is left: when a person wishes to know, and where an alert is set and something was sent since.

A page only writes that it is wished for; the answer is kept with the connection, for the page to read.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from runway_core.domain import Connection
from runway_core.engine.apart import opened
from runway_core.engine.step import Tools
from runway_core.errors import DeskError, StorageError
from runway_core.providers import Balance
from runway_core.store import BalanceAsk

log = logging.getLogger(__name__)
FRESH = timedelta(hours=1)
"""For so long is a told balance, less the charges told since, good enough for an alert."""
ANSWERED = timedelta(minutes=1)
"""Within so long an answer has come, or whoever asked is gone."""


async def look(tools: Tools) -> float:
    """Ask for all that is due; how many seconds later to look again.

    Raises:
        StorageError: the database can't be used.
    """
    asks = tools.studio.store.balance_asks.all()
    for connection in tools.studio.store.connections.all():
        ask = asks.get(connection.id) or BalanceAsk(connection_id=connection.id)
        now = tools.now()
        wished = ask.pending and not _is_under_way(ask, now)
        if not (wished or _is_stale(tools, connection, ask, now)):
            continue
        if tools.studio.store.balance_asks.claim(connection.id, ask.tried_at, now):
            await _ask(tools, connection)
    return FRESH.total_seconds()


def _is_under_way(ask: BalanceAsk, now: datetime) -> bool:
    """Whether another process is asking for it now."""
    asked, tried = ask.asked_at, ask.tried_at
    return asked is not None and tried is not None and asked <= tried > now - ANSWERED


def _is_stale(tools: Tools, connection: Connection, ask: BalanceAsk, now: datetime) -> bool:
    """Whether an alert rests on what may not be so any more."""
    if connection.alert_below is None or connection.paused:
        return False
    if ask.tried_at is not None and now - ask.tried_at < FRESH:
        return False
    if connection.balance_at is None:
        return True
    rows = tools.studio.store.balance_asks
    return now - connection.balance_at >= FRESH and rows.sent_since(
        connection.id, connection.balance_at
    )


async def _ask(tools: Tools, connection: Connection) -> None:
    """Ask one provider, and keep what it tells or why it does not."""
    rows = tools.studio.store
    try:
        found = await _balance(tools, connection)
    except StorageError:
        raise
    except DeskError as error:
        log.info("the balance of %s is not known: %s", connection.name, error.kind)
        rows.balance_asks.end(connection.id, tools.now(), str(error))
        return
    if found is None:
        silent = "This provider does not tell what is left."
        rows.balance_asks.end(connection.id, tools.now(), silent)
        return
    rows.connections.set_balance(connection.id, found.amount, found.unit, tools.now())
    rows.balance_asks.end(connection.id, tools.now())


async def _balance(tools: Tools, connection: Connection) -> Balance | None:
    provider = opened(tools, connection)
    account = await provider.account()
    return await provider.balance() if account is None else account.balance
