"""Homes with any number of tasks, made without asking for each."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from runway_core.domain import (
    ArtifactState,
    Capability,
    Connection,
    GenerationRequest,
    TaskStatus,
)
from runway_core.store import Store
from runway_core.store.numbers import milliseconds
from runway_core.store.schema import artifacts, tasks
from runway_core.store.search import folded, index_all

LAST = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
"""When the newest was asked for."""
APART = timedelta(minutes=3)
STATUSES = (TaskStatus.SUCCEEDED,) * 18 + (TaskStatus.FAILED, TaskStatus.CANCELLED)
MODELS = ("gen4.5",) * 6 + ("gen4_turbo",) * 3 + ("veo3.1",)
_WORDS = [f"{a}{b}{c}" for a in ("sto", "la", "mer") for b in ("ri", "no", "ta") for c in "bdfgkl"]
_AT_ONCE = 2000


def fill(
    store: Store, count: int, *, owners: tuple[str, ...] = ("",), shared: bool = False
) -> None:
    """Put tasks into an empty store, one each three minutes, of these owners in turn.

    Every prompt has the word "video", each thousandth "zeppelin" and "狐狸"; the oldest has "first".
    """
    chance = random.Random(7)
    connections = [_connection(store, name) for name in ("One", "Two")]
    with store.database.write(alone=True) as sql:
        for begin in range(0, count, _AT_ONCE):
            numbers = range(begin, min(begin + _AT_ONCE, count))
            rows = [_row(n, count, connections[n % 2], owners, chance) for n in numbers]
            sql.execute(sa.insert(tasks), [row | {"shared": shared} for row in rows])
            sql.execute(sa.insert(artifacts), [a for row in rows for a in _artifacts(row)])
        index_all(sql)


def _connection(store: Store, name: str) -> Connection:
    made = Connection(
        id=f"bench-{name}",
        name=name,
        profile="openai-hk",
        base_url="https://relay.invalid",
        created_at=LAST,
    )
    store.connections.add(made, key_sealed=None)
    return made


def _row(
    number: int, count: int, connection: Connection, owners: tuple[str, ...], chance: random.Random
) -> dict[str, Any]:
    at = LAST - APART * (count - 1 - number)
    words = ["video", *chance.choices(_WORDS, k=14)]
    words += ["zeppelin", "一只狐狸在雪中"] if number % 1000 == 500 else []
    words += ["first"] if number == 0 else []
    status = STATUSES[number % len(STATUSES)]
    request = GenerationRequest(
        capability=Capability.TEXT_TO_VIDEO,
        model=MODELS[number % len(MODELS)],
        prompt=" ".join(words),
        ratio="1280:720",
        duration=5,
    )
    done = status is TaskStatus.SUCCEEDED
    return {
        "id": str(uuid.UUID(int=number + 1)),
        "draft_token": f"token-{number}",
        "connection_id": connection.id,
        "connection": connection.name,
        "profile": connection.profile,
        "request": request.model_dump(mode="json"),
        "search_text": folded(f"{request.prompt} {request.model} {connection.name}"),
        "status": status.value,
        "estimate": {"low": "60", "high": "60", "unit": "credit", "usd_high": "0.60"},
        "outputs": [],
        "artifact_state": (ArtifactState.KEPT if done else ArtifactState.NONE).value,
        "cancel_requested": False,
        "created_at": at,
        "finished_at": at + timedelta(seconds=40 + number % 90),
        "updated_at": at,
        "number": milliseconds(at),
        "model": request.model,
        "owner_id": owners[number % len(owners)],
    }


def _artifacts(row: dict[str, Any]) -> list[dict[str, Any]]:
    if row["artifact_state"] != ArtifactState.KEPT.value:
        return []
    sha256 = row["id"].replace("-", "") * 2
    path = f"videos/{sha256[:2]}/{sha256}"
    about = {"mime": "video/mp4", "size": 1_000_000, "width": 1280, "height": 720, "seconds": 5.0}
    names = {"path": f"{path}.mp4", "poster": f"{path}.jpg"}
    key = {"task_id": row["id"], "position": 0, "sha256": sha256}
    return [key | names | about | {"created_at": row["created_at"]}]
