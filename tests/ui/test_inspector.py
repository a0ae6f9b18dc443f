"""What went over the wire, as a person reads it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from runway_core.domain import Task, TaskStatus
from runway_core.studio import Studio
from tests.builders import exchange
from tests.ui.conftest import Open, said
from tests.ui.test_history import NOW, finished, record

HEAD = {"content-type": "application/json", "x-request-id": "req-4711"}


def with_wire(studio: Studio) -> Task:
    """A video that was made, looked at and not fetched."""
    task = finished(studio, "A fox")
    made = exchange(
        doing="create",
        request_headers={"authorization": "Bearer …0001"},
        request_body='{"promptText": "A fox"}',
        status_code=200,
        response_headers=HEAD,
        response_body='{"id":"remote-7"}',
        request_id="req-4711",
        started_at=NOW,
    )
    lost = exchange(doing="file", method="GET", error="*No* answer came.", started_at=NOW)
    slow = exchange(doing="look", method="GET", status_code=503, elapsed_ms=2345, started_at=NOW)
    odd = exchange(method="GET", status_code=200, response_body="x" * 7000, started_at=NOW)
    rows = studio.store.tasks
    rows.move(task.id, [TaskStatus.SUCCEEDED], now=NOW, exchanges=[made, lost, slow, odd])
    return task


def unfold(app: AppTest, key: str) -> AppTest:
    """Open the fold with this key."""
    app.session_state[key] = True
    app.run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [fold.label for fold in app.expander]


def test_the_wire_is_a_timeline_that_is_read_only_when_it_is_opened(
    open_app: Open, studio: Studio
) -> None:
    task = with_wire(studio)
    app = open_app("history", task=task.id)
    assert "What went over the wire" in labels(app)
    assert not [label for label in labels(app) if "Asked for the video" in label]
    app = unfold(app, f"wire.{task.id}")
    told = [label for label in labels(app) if " · " in label]
    assert [label.partition(" · ")[2] for label in told] == [
        "Asked for the video · :green[200] · 120 ms",
        "Fetched the file · :red[no answer] · 120 ms",
        "Asked how far it is · :red[503] · 2.3 s",
        "Asked the provider · :green[200] · 120 ms",
    ]
    text = said(app)
    assert "4 requests · 2.7 s of waiting" in text and "req-4711" not in text


def test_each_request_unfolds_to_all_that_was_said(open_app: Open, studio: Studio) -> None:
    task = with_wire(studio)
    app = unfold(open_app("history", task=task.id), f"wire.{task.id}")
    for number in range(4):
        key = f"wire.{task.id}.{number}.{NOW.timestamp()}"
        app.session_state[key] = True
    app.run()
    text = said(app)
    for shown in ("req-4711", "authorization: Bearer …0001", '"promptText": "A fox"'):
        assert shown in text
    assert '{\n  "id": "remote-7"\n}' in text
    assert "*No* answer came." in text
    assert "1000 more characters" in text


def test_a_video_that_waits_says_that_nothing_was_sent(open_app: Open, studio: Studio) -> None:
    task = record(studio, "A bear")
    app = unfold(open_app("history", task=task.id), f"wire.{task.id}")
    assert "Nothing has been sent yet." in said(app)
    app = unfold(app, f"wire.request.{task.id}")
    assert '"prompt": "A bear"' in said(app)
