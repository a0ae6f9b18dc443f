"""Videos that are done are told on every page, and beyond it only to whoever asks for that."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import unescape
from typing import Any

from streamlit.testing.v1 import AppTest

from runway_core.domain import TaskStatus
from runway_core.people import Role
from runway_core.studio import Studio
from runway_core.studio.notices import Choice
from tests.ui.conftest import Open, show
from tests.ui.test_history import record

NOW = datetime.now(UTC)


def end(studio: Studio, task_id: str, status: TaskStatus = TaskStatus.FAILED) -> None:
    moved: dict[str, Any] = {"status": status, "next_at": None, "finished_at": NOW}
    assert studio.store.tasks.move(task_id, [TaskStatus.QUEUED], now=NOW, **moved)


def toasts(app: AppTest) -> list[str]:
    return [toast.value for toast in app.toast]


def scripts(app: AppTest) -> list[dict[str, Any]]:
    """What our script is told by the page."""
    bodies = [html.proto.body for html in app.get("html") if "/notices.js" in html.proto.body]
    found: list[dict[str, Any]] = [
        json.loads(unescape(body.partition('data-told="')[2].partition('"')[0])) for body in bodies
    ]
    return found


def test_what_ended_since_the_last_look_is_told_once_on_any_page(
    open_app: Open, studio: Studio
) -> None:
    fox, bear = record(studio, 'A <fox> & "friends"'), record(studio, "A bear")
    app = open_app("pricing")
    assert toasts(app) == [] and scripts(app) == []
    end(studio, fox.id)
    app.run()
    (told,) = toasts(app)
    assert "fox" in told and "Failed" in told
    (script,) = scripts(app)
    assert (script["done"], script["empty"], script["sound"]) == (1, False, False)
    app.run()
    assert toasts(app) == [] and scripts(app) == []
    end(studio, bear.id, TaskStatus.CANCELLED)
    app = show(app, "settings")
    assert len(toasts(app)) == 1
    (script,) = scripts(app)
    assert script["empty"] is True and script["body"] == "1 video has ended."


def test_a_whole_batch_is_told_by_its_number(open_app: Open, studio: Studio) -> None:
    made = [record(studio, f"scene {number}") for number in range(9)]
    app = open_app("pricing")
    for task in made:
        end(studio, task.id)
    app.run()
    assert len(toasts(app)) == 4 and toasts(app)[-1] == "6 more are done."
    assert scripts(app)[0]["done"] == 9


def test_a_new_tab_tells_nothing_of_what_ended_before(open_app: Open, studio: Studio) -> None:
    end(studio, record(studio, "A fox").id)
    app = open_app("pricing")
    app.run()
    assert toasts(app) == [] and scripts(app) == []


def test_sound_and_notification_are_off_until_somebody_wants_them(
    open_app: Open, studio: Studio
) -> None:
    fox = record(studio, "A fox")
    app = open_app("settings")
    assert [app.toggle(key=f"notices.{name}").value for name in ("sound", "browser")] == [False] * 2
    app.toggle(key="notices.sound").set_value(True).run()
    (script,) = scripts(app)
    assert script["sound"] is True and "done" not in script  # a sample, at the click
    app.toggle(key="notices.browser").set_value(True).run()
    (script,) = scripts(app)
    assert script["ask"] is True and "settings" in script["blocked"]
    assert studio.notices.choice() == Choice(sound=True, browser=True)
    app.run()
    assert scripts(app) == []
    end(studio, fox.id)
    app.run()
    (script,) = scripts(app)
    assert (script["sound"], script["browser"]) == (True, True)
    app = show(app, "settings")
    app.toggle(key="notices.sound").set_value(False).run()
    assert studio.notices.choice() == Choice(browser=True)


def test_each_person_chooses_for_themselves(open_app: Open, studio: Studio) -> None:
    people = [
        studio.people.add(name, role=role, password="seven quiet foxes in the snow")
        for name, role in (("ada", Role.ADMIN), ("mia", Role.MAKER))
    ]
    from runway_core.people import Actor

    ada, mia = (studio.acting_as(Actor.of(person)) for person in people)
    mia.notices.choose(Choice(sound=True))
    assert (mia.notices.choice().sound, ada.notices.choice().sound) == (True, False)
