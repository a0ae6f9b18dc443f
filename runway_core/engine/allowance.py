"""Asks a provider what a key's plan allows, where the connection leaves that to it."""

from __future__ import annotations

import logging
from datetime import timedelta

from runway_core.domain import Task
from runway_core.engine.step import Tools
from runway_core.errors import DeskError

log = logging.getLogger(__name__)
FRESH = timedelta(hours=6)
"""For so long is what a provider said believed; tiers change with what was paid in."""
AGAIN = timedelta(minutes=10)
"""Until it is asked again after it did not say."""


async def learn_limits(tools: Tools, task: Task) -> None:
    """Ask for the plan's limits before a create, when they are not known or old; free.

    A provider that does not say holds nobody up: it queues by itself what is over its limits.
    """
    connections = tools.studio.connections
    connection = connections.get(task.connection_id)
    plan = connections.profile(connection).plan(connection.options.get("plan", ""))
    if plan is None or not plan.as_told or connection.id in tools.asking:
        return
    now = tools.now()
    good_for = FRESH if connection.model_limits else AGAIN
    if connection.limits_at is not None and now - connection.limits_at < good_for:
        return
    tools.asking.add(connection.id)
    try:
        account = await tools.provider(task, []).account()
        limits = None if account is None else account.limits
        tools.studio.store.connections.set_limits(connection.id, limits, tools.now())
    except DeskError as error:
        log.info("the limits of %s are not known: %s", connection.name, error.kind)
        tools.studio.store.connections.set_limits(connection.id, None, tools.now())
    finally:
        tools.asking.discard(connection.id)
