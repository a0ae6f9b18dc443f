"""A home with a public address, tasks of every kind, and calls for them."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from runway_core.domain import Connection, Task, TaskStatus
from runway_core.studio import Studio
from runway_core.web.runtime import runtime
from tests.builders import new_task, request

SECRET = "a-signing-secret"
FAR = timedelta(hours=1)


class Desk:
    """A home with a public address, and a server that takes calls for it."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.studio: Studio = runtime().studio
        self.studio.callbacks.set_address(str(client.base_url))
        add = self.studio.connections.add
        self.relay = add("Relay", profile="openai-hk", key="hk-12345678")
        rest = {"api": "rest"}
        self.signing = add("Signing", profile="doitong", key="dt-12345678", options=rest)

    def task(self, connection: Connection, **changes: Any) -> Task:
        """A task as the engine would have left it; PENDING and looked at in an hour unless said."""
        new = new_task(
            connection_id=connection.id,
            connection=connection.name,
            profile=connection.profile,
            request=request(model="gen4_turbo"),
        )
        now = datetime.now(UTC)
        rows = self.studio.store.tasks
        rows.add(new)
        rows.move(
            new.id, [TaskStatus.QUEUED], now=now, event="SUBMITTING", status=TaskStatus.SUBMITTING
        )
        values: dict[str, Any] = {"status": TaskStatus.PENDING, "next_at": now + FAR}
        values["remote_id"] = f"r-{new.id}"
        rows.move(new.id, [TaskStatus.SUBMITTING], now=now, **(values | changes))
        return self.studio.tasks.get(new.id)

    def lost(self, connection: Connection, **changes: Any) -> Task:
        gone = {"status": TaskStatus.UNCERTAIN, "remote_id": None, "next_at": None}
        return self.task(connection, **(gone | changes))

    def path(self, task: Task) -> str:
        """The way to the address that the task's provider is given."""
        found = self.studio.callbacks.url_for(task)
        assert found.startswith(str(self.client.base_url))
        return found.removeprefix(str(self.client.base_url).rstrip("/"))

    def call(self, task: Task, body: object, **headers: str) -> int:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(self.path(task), content=raw, headers=headers).status_code

    def calls(self, task: Task) -> list[str]:
        """What the calls said that had an effect."""
        events = self.studio.tasks.events(task.id)
        return [event.detail for event in events if event.kind == "called back"]

    def is_due(self, task: Task) -> bool:
        due = self.studio.tasks.get(task.id).next_at
        return due is not None and due <= datetime.now(UTC)


def signature(raw: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
