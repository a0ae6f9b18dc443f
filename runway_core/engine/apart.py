"""The provider of a connection for what is no step of a task: within the same limits, and not while it is paused."""

from __future__ import annotations

from runway_core.domain import Connection
from runway_core.engine.meter import Meter
from runway_core.engine.step import Tools
from runway_core.errors import ConfigError
from runway_core.providers import Provider
from runway_core.studio.hosts import host_of
from runway_core.studio.limits import limits_of


def opened(tools: Tools, connection: Connection) -> Provider:
    """A provider whose requests count as looks.

    Raises:
        ConfigError: the connection is paused, or has no key.
        DeskError: it can't be opened.
    """
    connections = tools.studio.connections
    refusal = tools.studio.store.pauses.found(connection.id)
    if why := connection.paused or (refusal.why if refusal else ""):
        raise ConfigError(f"{connection.name} is paused: {why}")
    root, key = connections.root(connection), connections.key(connection)
    meter = Meter(
        line=tools.studio.store.line,
        circuits=tools.circuits,
        holds=tools.holds,
        now=tools.now,
        connection_id=connection.id,
        host=host_of(root),
        limits=limits_of(connection, connections.profile(connection), ""),
        purpose="look",
    )
    return connections.provider(
        connection, tools.http, root=root, key=key, observe=meter.note, gate=meter
    )
