"""What each role finds on the other pages: nothing that it may not do, and whom to ask for it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import Period, TaskStatus
from runway_core.people import Person, Role
from runway_core.studio import Studio
from runway_core.ui import visit
from tests.team import person as join
from tests.ui.becoming import Become, becoming, working_as
from tests.ui.conftest import Open, click, said, show
from tests.ui.test_history import cards, record

NOW = datetime.now(UTC)


@pytest.fixture
def become(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Become:
    return becoming(studio, monkeypatch)


@pytest.fixture
def team(studio: Studio) -> dict[str, Person]:
    roles = {"Ada": Role.ADMIN, "Mia": Role.MAKER, "Bo": Role.MAKER, "Vic": Role.VIEWER}
    return {name: join(studio, name, role) for name, role in roles.items()}


def videos(app: AppTest) -> set[str]:
    return set(cards(app))


def done(app: AppTest) -> set[str]:
    """Everything that can be done with the video that is open."""
    keys = [widget.key or "" for kind in ("button", "toggle") for widget in app.get(kind)]
    return {key.split(".")[1] for key in keys if key.startswith("task.")}


def test_a_viewer_looks_and_does_nothing(
    open_app: Open, studio: Studio, team: dict[str, Person], become: Become
) -> None:
    mia = working_as(studio, team["Mia"])
    shown = record(mia, "shown", status=TaskStatus.FAILED, failure="It broke.")
    mia.tasks.share(shown.id, True)
    become(team["Vic"])
    app = open_app()
    text = said(app)
    assert "Your role does not make any" in text
    assert "Ask an admin to let you make videos: Ada." in text
    assert not app.text_area and not app.button
    app = show(app, "history", task=shown.id)
    assert videos(app) == {shown.id} and "Bring in" not in said(app)
    assert "Mia" in [caption.value.rsplit(" ", 1)[-1] for caption in app.caption]
    assert done(app) == set() and "It broke" in said(app)


def test_a_maker_sees_connections_without_keys_or_forms(
    open_app: Open, studio: Studio, team: dict[str, Person], become: Become
) -> None:
    relay = studio.connections.add("Our relay", profile="openai-hk", key="hk-secret-canary-7788")
    studio.store.connections.set_balance(relay.id, Decimal(1200), "point", NOW)
    studio.connections.pause(relay.id, "It charged too much.")
    studio.budgets.set(relay, {Period.DAY: Decimal(40)}, person_id=team["Mia"].id)
    become(team["Mia"])
    app = open_app("settings", edit=relay.id)
    text = said(app)
    assert "Our relay" in text and "1,200 points left" in text and "It charged too much." in text
    assert "Your own budget for" in text and "0 of 40 " in text
    assert "Ask an admin to add or change connections, prices and budgets: Ada." in text
    for hidden in ("7788", "Add a connection", "Public address", "Status", "Your data", "Version"):
        assert hidden not in text
    assert not app.button and not app.text_input
    assert [box.key for box in app.selectbox] == ["speech.choice"]


def test_a_maker_is_told_whom_to_ask_and_may_not_enter_the_price(
    open_app: Open, studio: Studio, team: dict[str, Person], become: Become
) -> None:
    studio.connections.remove("sandbox")
    studio.connections.add("Our relay", profile="yunwu", key="key-very-secret-7788")
    become(team["Mia"])
    app = open_app()
    assert "Ask an admin to enter the price: Ada." in said(app)
    assert "Enter the price" not in [getattr(link, "label", "") for link in app.get("page_link")]


def test_the_history_is_ones_own_until_others_share(
    open_app: Open, studio: Studio, team: dict[str, Person], become: Become
) -> None:
    mia, bo = working_as(studio, team["Mia"]), working_as(studio, team["Bo"])
    hers = record(mia, "hers", status=TaskStatus.CANCELLED)
    his = record(bo, "his", status=TaskStatus.CANCELLED)
    become(team["Mia"])
    app = open_app("history")
    assert videos(app) == {hers.id}
    assert "Whose" not in [field.label for field in app.selectbox]
    assert "There is no such task here" in said(show(app, "history", task=his.id))
    bo.tasks.share(his.id, True)
    app = open_app("history")
    assert videos(app) == {hers.id}
    app.selectbox(key="history.whose").select("shared").run()
    assert videos(app) == {his.id} and ":material/person: Bo" in said(app)
    assert app.query_params["whose"] == "shared"
    app.selectbox(key="history.whose").select("all").run()
    assert videos(app) == {hers.id, his.id}
    assert done(show(app, "history", task=his.id)) == {"again"}
    bo.tasks.share(his.id, False)
    assert videos(open_app("history", whose="shared")) == {hers.id}


def test_an_admin_looks_at_everybodys_or_at_one_persons(
    open_app: Open, studio: Studio, team: dict[str, Person], become: Become
) -> None:
    hers = record(working_as(studio, team["Mia"]), "hers", status=TaskStatus.UNCERTAIN)
    his = record(working_as(studio, team["Bo"]), "his", status=TaskStatus.CANCELLED)
    become(team["Ada"])
    app = open_app("history")
    assert videos(app) == set() and "No videos yet" in said(app)
    assert "1 video needs your decision" in said(app)
    app = click(app, "decide.open")
    assert videos(app) == {hers.id}
    app = open_app("history", whose="all")
    assert videos(app) == {hers.id, his.id}
    app.selectbox(key="history.whose").select(team["Bo"].id).run()
    assert videos(app) == {his.id}
    assert {"again", "delete"} == done(show(app, "history", task=his.id))


def test_the_newest_on_create_are_ones_own(
    open_app: Open, studio: Studio, team: dict[str, Person], become: Become
) -> None:
    record(working_as(studio, team["Mia"]), "a secret of hers", status=TaskStatus.CANCELLED)
    become(team["Ada"])
    assert "a secret of hers" not in said(open_app())


def test_an_own_video_is_shown_to_the_team_and_taken_back(
    open_app: Open, studio: Studio, team: dict[str, Person], become: Become
) -> None:
    task = record(working_as(studio, team["Mia"]), "hers", status=TaskStatus.CANCELLED)
    become(team["Mia"])
    app = open_app("history", task=task.id)
    switch = app.toggle(key=f"task.shared.{task.id}")
    assert not switch.value
    switch.set_value(True).run()
    assert studio.tasks.get(task.id).shared
    assert "Shown to the team" in said(app.run())
    app.toggle(key=f"task.shared.{task.id}").set_value(False).run()
    assert not studio.tasks.get(task.id).shared


def test_others_videos_that_need_a_decision_are_not_ones_own(
    open_app: Open, studio: Studio, team: dict[str, Person], become: Become
) -> None:
    bo = working_as(studio, team["Bo"])
    lost = record(bo, "lost", status=TaskStatus.UNCERTAIN)
    bo.tasks.share(lost.id, True)
    become(team["Mia"])
    app = open_app("history", task=lost.id, whose="shared")
    assert "need your decision" not in said(app) and "needs your decision" not in said(app)
    assert any("Whoever made it, or an admin, has to decide" in i.value for i in app.info)
    assert done(app) == set()
    become(team["Bo"])
    assert {"adopt", "send_again", "write_off"} & done(open_app("history", task=lost.id))


def test_what_a_role_does_not_allow_is_said_without_alarm(
    open_app: Open,
    studio: Studio,
    team: dict[str, Person],
    become: Become,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A role that changes between the drawing of a button and its click."""
    monkeypatch.setattr(visit, "SAME_RUN", 0.0)  # the click comes at once, a person's does not
    become(team["Mia"])
    task = record(working_as(studio, team["Mia"]), "hers", status=TaskStatus.CANCELLED)
    app = open_app("history", task=task.id)
    click(app, "task.delete")
    studio.people.set_role(team["Mia"], Role.VIEWER)
    app.toggle(key=f"task.shared.{task.id}").set_value(True).run()
    (warning,) = [shown.value for shown in app.warning]
    assert "Your role only lets you look at videos." in warning
    assert "Nothing was changed. Ask an admin of your team." in warning
    assert not studio.tasks.get(task.id).shared
    assert done(app) == {"shared"} and app.toggle(key=f"task.shared.{task.id}").disabled
