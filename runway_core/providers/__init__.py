"""One client a protocol, behind one interface. A new protocol is one file here and one line in `PROVIDERS`."""

from __future__ import annotations

from collections.abc import Mapping

from runway_core.catalog import Profile
from runway_core.http import Http, Observe
from runway_core.providers.address import Endpoint, normalise_base_url, prefix_for
from runway_core.providers.base import (
    Account,
    Balance,
    DayUsage,
    Gate,
    Memory,
    Outline,
    Probe,
    Provider,
)
from runway_core.providers.doitong import Doitong
from runway_core.providers.runwayml import RunwayML

PROVIDERS: dict[str, type[Provider]] = {"runwayml": RunwayML, "doitong": Doitong}


def open_provider(
    profile: Profile,
    base_url: str,
    *,
    key: str,
    http: Http,
    observe: Observe | None = None,
    options: Mapping[str, str] | None = None,
    memory: Memory | None = None,
    gate: Gate | None = None,
) -> Provider:
    """A client for a connection; nothing is sent yet. An empty `base_url` means the profile's own.

    Raises:
        InvalidInputError: the base URL or the connection's own prefix is none; names the field.
    """
    root = normalise_base_url(base_url or profile.root)
    own_prefix = (options or {}).get("prefix", "")
    endpoint = Endpoint(root=root, prefix=prefix_for(root, profile, own_prefix))
    protocol = PROVIDERS[profile.protocol]
    return protocol(
        profile,
        endpoint,
        key=key,
        http=http,
        observe=observe,
        options=options,
        memory=memory,
        gate=gate,
    )


__all__ = [
    "PROVIDERS",
    "Account",
    "Balance",
    "DayUsage",
    "Endpoint",
    "Gate",
    "Memory",
    "Outline",
    "Probe",
    "Provider",
    "normalise_base_url",
    "open_provider",
    "prefix_for",
]
