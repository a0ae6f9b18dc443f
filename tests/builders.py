"""Makes nouns for tests: what a test does not say is some plain, valid value."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runway_core.domain import (
    Artifact,
    Capability,
    Connection,
    Estimate,
    Exchange,
    GenerationRequest,
)
from runway_core.store import NewTask, Store, open_store
from runway_core.studio import Studio
from runway_core.studio.connections import Connections
from runway_core.vault import Vault

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
RELAY = "relay-1"
"""Id of the connection that `connection` makes and `new_task` uses."""


def connection(**changes: Any) -> Connection:
    values: dict[str, Any] = {
        "id": RELAY,
        "name": "Our relay",
        "profile": "openai-hk",
        "base_url": "https://api.openai-hk.com",
        "created_at": NOW,
    }
    return Connection(**values | changes)


def request(**changes: Any) -> GenerationRequest:
    values: dict[str, Any] = {
        "capability": Capability.TEXT_TO_VIDEO,
        "model": "gen4.5",
        "prompt": "a fox in the snow",
        "ratio": "1280:720",
        "duration": 5,
    }
    return GenerationRequest(**values | changes)


def estimate(**changes: Any) -> Estimate:
    values: dict[str, Any] = {"low": Decimal(60), "high": Decimal(60), "unit": "credit"}
    return Estimate(**values | changes)


def new_task(token: str = "", *, prompt: str = "", **changes: Any) -> NewTask:
    values: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "draft_token": token or str(uuid.uuid4()),
        "connection_id": RELAY,
        "connection": "Our relay",
        "profile": "openai-hk",
        "request": request(prompt=prompt) if prompt else request(),
        "estimate": estimate(),
        "created_at": NOW,
    }
    return NewTask(**values | changes)


def artifact(content: bytes = b"a video", **changes: Any) -> Artifact:
    sha256 = hashlib.sha256(content).hexdigest()
    values: dict[str, Any] = {
        "sha256": sha256,
        "path": f"videos/{sha256[:2]}/{sha256}.mp4",
        "mime": "video/mp4",
        "size": len(content),
        "created_at": NOW,
    }
    return Artifact(**values | changes)


def exchange(**changes: Any) -> Exchange:
    values: dict[str, Any] = {
        "method": "POST",
        "url": "https://api.openai-hk.com/runwayml/v1/text_to_video",
        "started_at": NOW,
        "elapsed_ms": 120,
    }
    return Exchange(**values | changes)


def store_with_relay(folder: Path, **options: Any) -> Store:
    """The store of a home folder that has the one connection."""
    store = open_store(folder / "desk.db", **options)
    store.connections.add_once(connection())
    return store


def connections_at(studio: Studio, url: str) -> Connections:
    """The connections of a studio whose operator has named the host of `url` as a private one."""
    place = urlsplit(url)
    port = place.port or (443 if place.scheme == "https" else 80)
    settings = replace(studio.settings, private_hosts=frozenset({(place.hostname or "", port)}))
    return Connections(settings, store=studio.store, vault=Vault(settings.master_key))
