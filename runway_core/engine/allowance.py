"""Asks a provider what a key's plan allows, where the connection leaves that to it."""

from __future__ import annotations

import logging
from datetime import timedelta

from runway_core.domain import Task
from runway_core.engine.step import Exchanges, Tools
from runway_core.errors import DeskError

log = logging.getLogger(__name__)
FRESH = timedelta(hours=6)
"""For so long is what a provider said believed; tiers change with what was paid in."""
AGAIN = timedelta(minutes=10)
"""Until it is asked again after it did not say."""


async def learn_limits(tools: Tools, task: Task) -> None:
    """Ask for the plan's limits before a create, when they are not known or old; free.

    Creates that come meanwhile wait for the answer. A provider that does not say holds nobody up: it
    queues by itself what is over its limits.
    """
    if not _is_due(tools, task):
        return
    async with tools.asking:
        if _is_due(tools, task):  # nobody else has asked in between
            await _ask(tools, task)


def _is_due(tools: Tools, task: Task) -> bool:
    connection = tools.studio.connections.get(task.connection_id)
    plan = tools.studio.connections.profile(connection).plan(connection.options.get("plan", ""))
    if plan is None or not plan.as_told:
        return False
    good_for = FRESH if connection.model_limits else AGAIN
    return connection.limits_at is None or tools.now() - connection.limits_at >= good_for


async def _ask(tools: Tools, task: Task) -> None:
    limits = None
    try:
        account = await tools.provider(task, Exchanges()).account()
        limits = None if account is None else account.limits
    except DeskError as error:
        log.info("the limits of %s are not known: %s", task.connection, error.kind)
    tools.studio.store.connections.set_limits(task.connection_id, limits, tools.now())
