"""“Bring in” on the history page: a video by its id, and the tester's whole history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import ArtifactState, Connection, TaskStatus
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from runway_core.web.runtime import reset, runtime
from tests.relay import Relay
from tests.ui.conftest import Open, click, said, show

FAILED = {
    "id": "task-1",
    "status": "FAILED",
    "createdAt": "2025-03-04T06:06:07.000Z",
    "failure": "too dark",
    "model": "gen4_turbo",
    "promptText": "a night",
}


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Relay]:
    server = Relay()
    monkeypatch.setenv("RUNWAY_PRIVATE_HOSTS", f"127.0.0.1:{server.port}")
    reset()
    yield server
    server.close()


@pytest.fixture
def connection(relay: Relay) -> Connection:
    return runtime().studio.connections.add(
        "Our relay", profile="custom", base_url=relay.url, key="sk-canary-0001"
    )


def total() -> int:
    return runtime().studio.tasks.page(TaskQuery()).total


def adopt(app: AppTest, connection: Connection, remote_id: str) -> AppTest:
    app.selectbox(key="bring.connection").select(connection.id).run()
    app.text_input(key="bring.remote_id").input(remote_id).run()
    return click(app, "bring.adopt")


def test_a_video_is_brought_in_by_its_id_and_opened(
    open_app: Open, relay: Relay, connection: Connection
) -> None:
    remote_id = relay.make({})
    app = open_app("history")
    assert "nothing is charged" in said(app)
    app = adopt(app, connection, remote_id)
    (task,) = runtime().studio.tasks.page(TaskQuery()).tasks
    assert app.query_params["task"] == task.id
    assert (task.remote_id, task.artifact_state) == (remote_id, ArtifactState.DOWNLOADING)
    text = said(app)
    for words in ("its prompt is not known", "not known", remote_id, "Our relay", "Saving"):
        assert words in text
    for nonsense in ("None", "0 s", "task.again"):
        assert nonsense not in text.splitlines()
    assert not [b for b in app.button if b.key == "task.again"]
    assert relay.posts == 0


def test_what_the_provider_does_not_know_is_said_and_not_recorded(
    open_app: Open, relay: Relay, connection: Connection
) -> None:
    app = adopt(open_app("history"), connection, "no-such-task")
    assert "does not know this task" in said(app)
    assert "Looking is free" in said(app) and "Charged" not in said(app)
    assert total() == 0
    app = adopt(app, connection, " ")
    assert "is empty" in said(app)
    assert "does not know this task" not in said(app)


def test_the_tester_s_history_comes_in_once(
    open_app: Open, relay: Relay, connection: Connection
) -> None:
    data = json.dumps({"runwayml-store": [FAILED, {"status": "x"}]}).encode()
    app = open_app("history")
    app.selectbox(key="bring.connection").select(connection.id).run()
    assert app.button(key="bring.import").disabled
    app = bring(app, data)
    text = told(app)
    for words in ("1 came in", "1 could not be read", "runwayml-store[1]: has no id of a task"):
        assert words in text
    assert "a night" in text
    app = bring(app, data)
    assert "0 came in" in told(app) and "1 were here already" in told(app)
    assert total() == 1
    assert relay.posts == 0
    app = show(show(app, "pricing"), "history")
    assert "came in" not in told(app)


def told(app: AppTest) -> str:
    return "\n".join([said(app), *(box.value for box in app.success)])


def bring(app: AppTest, data: bytes) -> AppTest:
    app.file_uploader[0].upload("copied.json", data).run()
    return click(app, "bring.import")


def test_a_file_that_is_no_history_says_how_to_get_one(
    open_app: Open, connection: Connection
) -> None:
    app = bring(open_app("history"), b"not json")
    assert "is no JSON" in said(app)
    assert "copy(JSON.stringify(localStorage))" in said(app)
    assert total() == 0


@pytest.mark.parametrize("known", [{}, {"promptText": "a night", "model": "gen4_turbo"}])
@pytest.mark.parametrize(
    "told",
    [
        {"status": "FAILED"},
        {"status": "CANCELLED"},
        {"status": "RUNNING", "progress": 0.2},
        {"status": "SUCCEEDED", "output": ["https://files.example/a.mp4"]},
    ],
)
def test_every_page_copes_with_a_video_of_which_little_is_known(
    open_app: Open, studio: Studio, known: dict[str, str], told: dict[str, object]
) -> None:
    sandbox = studio.connections.by_name("Sandbox")
    data = json.dumps([{"id": "task-1"} | known | told]).encode()
    (task_id,) = studio.importing.load(data, connection=sandbox).added
    app = open_app("create")
    assert not app.exception and not app.error
    app = show(app, "history", task=task_id)
    text = said(app)
    assert "task-1" in text
    assert ("a night" in text) == bool(known)
    again = [b for b in app.button if b.key == "task.again"]
    assert len(again) == (1 if known else 0)
    if again:
        app = click(app, "task.again")
        assert app.title[0].value == "Create"
        assert app.text_area[0].value == "a night"


def test_a_lost_file_can_be_asked_for_again(open_app: Open, studio: Studio) -> None:
    sandbox = studio.connections.by_name("Sandbox")
    data = json.dumps([{"id": "task-1", "status": "SUCCEEDED"}]).encode()
    (task_id,) = studio.importing.load(data, connection=sandbox).added
    studio.store.tasks.move(
        task_id,
        [TaskStatus.SUCCEEDED],
        now=studio.tasks.get(task_id).updated_at,
        artifact_state=ArtifactState.EXPIRED,
        next_at=None,
    )
    app = open_app("history", task=task_id)
    assert "could not be fetched" in said(app)
    click(app, "task.fetch")
    assert studio.tasks.get(task_id).artifact_state is ArtifactState.DOWNLOADING
