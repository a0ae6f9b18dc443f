"""An app in which nothing was made yet explains itself."""

from __future__ import annotations

from runway_core.domain import TaskStatus
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from tests.ui.conftest import Open, click, said
from tests.ui.test_history import record

STEPS = ("Choose a picture", "Say what moves", "Press Generate")


def test_an_empty_app_says_what_to_do_in_three_steps(open_app: Open) -> None:
    text = said(open_app())
    assert all(step in text for step in STEPS)
    assert "Practice costs nothing" in text


def test_one_click_fills_in_an_example_and_one_more_makes_it(
    open_app: Open, studio: Studio
) -> None:
    studio.connections.add("Relay", profile="runway", key="key-123456789")
    app = click(open_app(), "first.example")
    assert "sample.jpg" in said(app)
    assert (app.text_area[0].value or "").startswith("The sun sinks")
    assert not app.button(key="create.generate").disabled
    app = click(app, "create.generate")
    (task,) = studio.tasks.page(TaskQuery()).tasks
    assert (task.profile, task.status) == ("sandbox", TaskStatus.QUEUED)
    assert not any(step in said(app) for step in STEPS)


def test_whoever_has_made_something_is_not_told_again(open_app: Open, studio: Studio) -> None:
    record(studio, "A fox")
    assert not any(step in said(open_app()) for step in STEPS)
