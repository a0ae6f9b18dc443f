"""A home with people in it: Ann's videos, and everybody who might want to get at them."""

from __future__ import annotations

import hashlib
import io
import shutil
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from runway_core.domain import Asset, Connection, Frame, Task, TaskStatus
from runway_core.people import ANYBODY, LOCAL, Actor, Person, Role
from runway_core.settings import Settings
from runway_core.store import Batch, NewRow, Session
from runway_core.studio import Studio, open_studio
from tests.builders import NOW, RELAY, artifact, connection, estimate, exchange, new_task, request

ROLES = {
    "owner": Role.MAKER,
    "teammate": Role.MAKER,
    "viewer": Role.VIEWER,
    "admin": Role.ADMIN,
    "disabled": Role.MAKER,
}
WHO = (*ROLES, "anonymous")


@dataclass(frozen=True)
class World:
    """What the functions are called with."""

    connection: Connection
    finished: Task
    """Each of these is the owner's."""
    queued: Task
    uncertain: Task
    remote_id: str
    token: str
    asset: str
    """SHA-256 of a picture that the owner brought in."""
    frame: Frame
    person: Person
    """The owner."""
    session: str
    """Id of one of the owner's sessions."""
    shared: Task
    """The owner's too, shown to the team."""
    batch: Batch
    """The owner's, of one row that waits."""

    def elsewhere(self) -> World:
        """The same, of ids that nothing has."""
        sha256 = hashlib.sha256(b"nowhere").hexdigest()
        return replace(
            self,
            finished=_other(self.finished),
            queued=_other(self.queued),
            uncertain=_other(self.uncertain),
            remote_id="of-nobody",
            token="of-nobody",
            asset=sha256,
            frame=Frame(uri=f"asset:{sha256}"),
            session="of-nobody",
            batch=self.batch.model_copy(update={"id": str(uuid.uuid4())}),
        )


def _other(task: Task) -> Task:
    return task.model_copy(update={"id": str(uuid.uuid4())})


def people(studio: Studio) -> dict[str, Actor]:
    """Everybody by what they are to the videos."""
    found = {person.name: Actor.of(person) for person in studio.store.people.all()}
    return {**found, "anonymous": ANYBODY, "this computer": LOCAL}


def build(home: Path) -> World:
    """Make the home; `open_copy` gives each test its own."""
    studio = open_studio(Settings(home=home))
    studio.store.connections.add_once(connection(base_url="https://relay.invalid"))
    everybody = {name: _add(studio, name, role) for name, role in ROLES.items()}
    studio.store.people.change(everybody["disabled"].id, disabled_at=NOW)
    owner = studio.acting_as(Actor.of(everybody["owner"]))
    picture = owner.assets.add(_png(), filename="hers.png")
    studio.store.sessions.add(_session(everybody["owner"]), token_hash="hash")
    world = World(
        connection=owner.connections.get("relay-1"),
        finished=_finished(owner, studio, picture, "finished"),
        queued=_task(owner, "queued"),
        uncertain=_task(owner, "uncertain"),
        remote_id="remote-finished",
        token="finished",
        asset=picture.sha256,
        frame=Frame(uri=picture.uri),
        person=everybody["owner"],
        session="session-1",
        shared=_finished(owner, studio, None, "shared"),
        batch=_batch(owner),
    )
    sent: dict[str, Any] = {"status": TaskStatus.UNCERTAIN, "next_at": None}
    studio.store.tasks.move(world.uncertain.id, [TaskStatus.QUEUED], now=NOW, event="lost", **sent)
    owner.tasks.share(world.shared.id, True)
    owner.drafts.save({"prompt": "the owner's draft"})
    world = replace(world, uncertain=owner.tasks.get(world.uncertain.id))
    studio.close()
    return world


def _add(studio: Studio, name: str, role: Role) -> Person:
    person = Person(id=f"person-{name}", name=name, role=role, created_at=NOW)
    first = {"first": Person(id="person-first", name="first", role=Role.ADMIN, created_at=NOW)}
    if not studio.store.people.any():  # nobody of the test: the first one is given what was before
        studio.store.people.add(first["first"], password_hash="hash")
    assert studio.store.people.add(person, password_hash="hash")
    return person


def _session(person: Person) -> Session:
    times = {"created_at": NOW, "seen_at": NOW, "expires_at": NOW + timedelta(days=3650)}
    return Session(id="session-1", person_id=person.id, browser="Firefox on Linux", **times)


def _task(owner: Studio, token: str, **changes: Any) -> Task:
    assert owner.store.tasks.add(new_task(token, prompt=f"the owner's {token}", **changes))
    task = owner.store.tasks.by_token(token)
    assert task is not None
    return task


def _finished(owner: Studio, studio: Studio, picture: Asset | None, token: str) -> Task:
    frames = () if picture is None else (Frame(uri=picture.uri),)
    task = _task(owner, token, request=request(prompt=f"the owner's {token}", frames=frames))
    done: dict[str, Any] = {
        "status": TaskStatus.SUCCEEDED,
        "remote_id": f"remote-{token}",
        "finished_at": NOW,
    }
    engine = studio.store.tasks
    engine.move(
        task.id, [TaskStatus.QUEUED], now=NOW, event="SUCCEEDED", exchanges=[exchange()], **done
    )
    engine.attach(task.id, [artifact(token.encode())], now=NOW)
    return owner.tasks.get(task.id)


def _batch(owner: Studio) -> Batch:
    batch = Batch(
        id=str(uuid.uuid4()),
        connection_id=RELAY,
        connection="Our relay",
        name="the owner's list",
        state="running",
        size=1,
        created_at=NOW,
        updated_at=NOW,
    )
    row = NewRow(position=1, row=1, request=request(prompt="the owner's"), estimate=estimate())
    assert owner.store.batches.add(batch, [row], token=f"batch {batch.id}")
    return batch


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (640, 360), "teal").save(file, "PNG")
    return file.getvalue()


def open_copy(home: Path, to: Path) -> Studio:
    """A home of its own, exactly like the one that was built."""
    shutil.copytree(home, to)
    return open_studio(Settings(home=to))
