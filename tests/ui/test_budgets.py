"""Budgets on the pages: set in Settings, said before the click, and refused with the reason."""

from __future__ import annotations

from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import Connection, Period
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from tests.builders import request
from tests.ui.conftest import Open, choose, click, field_key, said, show


@pytest.fixture
def sandbox(studio: Studio) -> Connection:
    return studio.connections.by_name("Sandbox")


def words_to_video(app: AppTest, prompt: str = "A fox in the snow") -> AppTest:
    """Fill in the form for 60 credits of practice."""
    choose(app, "text_to_video", "gen4.5")
    app.text_area(key=field_key(app, "prompt")).input(prompt).run()
    assert not app.exception
    return app


def ask(studio: Studio, connection: Connection, prompt: str) -> None:
    studio.tasks.submit(request(prompt=prompt), connection=connection, token=prompt)


def total(studio: Studio) -> int:
    return studio.tasks.page(TaskQuery()).total


def put(app: AppTest, connection: Connection, period: str, amount: str) -> None:
    app.text_input(key=f"settings.budget.{connection.id}.{period}.amount").input(amount).run()
    assert not app.exception


def links(app: AppTest) -> list[str]:
    return [getattr(link, "label", "") for link in app.get("page_link")]


def opened(app: AppTest) -> list[str]:
    """Labels of the expanders that are open."""
    found = [getattr(expander, "proto", None) for expander in app.get("expander")]
    return [proto.label for proto in found if proto is not None and proto.expanded]


# --- before the click --------------------------------------------------------------------------


def test_the_bar_says_where_a_click_takes_the_budget(
    open_app: Open, studio: Studio, sandbox: Connection
) -> None:
    app = words_to_video(open_app())
    assert "budget" not in said(app).lower()
    studio.budgets.set(sandbox, {Period.MONTH: Decimal(500)})
    ask(studio, sandbox, "one")
    app.run()
    assert "This takes you to 24 % of the budget for" in said(app)
    assert "(120 of 500 credits)" in said(app)
    assert not app.button(key="create.generate").disabled
    click(app, "create.generate")
    assert "This takes you" not in said(app)  # what was sent is in it already
    assert total(studio) == 2


def test_a_soft_budget_warns_and_lets_the_click_through(
    open_app: Open, studio: Studio, sandbox: Connection
) -> None:
    studio.budgets.set(sandbox, {Period.DAY: Decimal(50)}, hard=False)
    app = words_to_video(open_app())
    (warning,) = [m.value for m in app.markdown if "This takes you over" in m.value]
    assert ":orange[" in warning and "60 of 50 credits, 120 %" in warning
    assert "Change the budget" in links(app)
    click(app, "create.generate")
    assert total(studio) == 1


def test_a_hard_budget_disables_the_button_and_says_why(
    open_app: Open, studio: Studio, sandbox: Connection
) -> None:
    studio.budgets.set(sandbox, {Period.MONTH: Decimal(100)})
    ask(studio, sandbox, "one")
    app = words_to_video(open_app())
    assert app.button(key="create.generate").disabled
    assert "**Budget** would be passed: this may cost 60 credits" in said(app)
    assert "so 40 are left. It starts anew on" in said(app)
    studio.budgets.set(sandbox, {Period.MONTH: Decimal(120)})
    app.run()
    assert not app.button(key="create.generate").disabled
    click(app, "create.generate")
    assert total(studio) == 2


def test_a_click_that_comes_after_another_tab_took_the_room_is_refused(
    open_app: Open, studio: Studio, sandbox: Connection
) -> None:
    studio.budgets.set(sandbox, {Period.MONTH: Decimal(60)})
    app = words_to_video(open_app())
    ask(studio, sandbox, "in another tab")
    click(app, "create.generate")
    assert total(studio) == 1
    (error,) = app.error
    assert "would be passed" in error.value and "Charged: no, nothing was sent" in error.value


def test_an_unknown_price_is_asked_for(open_app: Open, studio: Studio) -> None:
    relay = studio.connections.add("Relay", profile="yunwu", key="key-very-secret-7788")
    studio.budgets.set(relay, {Period.MONTH: Decimal(10)})
    app = open_app()
    app.selectbox(key=field_key(app, "connection")).select(relay.id).run()
    assert app.button(key="create.generate").disabled
    assert "**Price** is not known, so the budget can't be kept." in said(app)
    assert "Enter the price" in links(app)
    studio.budgets.set(relay, {Period.MONTH: Decimal(10)}, hard=False)
    app.run()
    assert "Its cost is not known, so it is not counted in the budget for" in said(app)


def test_a_paused_connection_says_why_before_the_click(
    open_app: Open, studio: Studio, sandbox: Connection
) -> None:
    studio.connections.pause(sandbox.id, "The provider charged *too* much.")
    app = words_to_video(open_app())
    assert "Sandbox is paused: what you ask for waits. The provider charged *too* much." in said(
        app
    )
    click(app, "create.generate")
    assert total(studio) == 1


# --- settings ----------------------------------------------------------------------------------


def test_budgets_are_set_shown_changed_and_removed(
    open_app: Open, studio: Studio, sandbox: Connection
) -> None:
    ask(studio, sandbox, "one")
    app = open_app("settings")
    put(app, sandbox, "day", "1,000")
    put(app, sandbox, "month", "120,5")
    app.checkbox(key="settings.budget.sandbox.day.hard").uncheck().run()
    click(app, "settings.budget.sandbox.save")
    day, month = studio.budgets.all(sandbox)
    assert (day.amount, day.hard, month.amount, month.hard) == (
        Decimal(1000),
        False,
        Decimal("120.5"),
        True,
    )
    assert "60 of 1,000 credits, 6 %" in said(app) and "60 of 120.5 credits, 49 %" in said(app)
    assert "60 held for what is on its way, 60.5 left. Starts anew on 1 " in said(app)
    again = open_app("settings")
    assert again.text_input(key="settings.budget.sandbox.month.amount").value == "120.5"
    assert not again.checkbox(key="settings.budget.sandbox.day.hard").value
    put(again, sandbox, "month", "")
    click(again, "settings.budget.sandbox.save")
    assert [budget.period for budget in studio.budgets.all(sandbox)] == [Period.DAY]


@pytest.mark.parametrize("amount", ["much", "-5", "0"])
def test_a_wrong_amount_is_told_beside_its_field_and_nothing_changes(
    open_app: Open, studio: Studio, sandbox: Connection, amount: str
) -> None:
    app = open_app("settings")
    put(app, sandbox, "day", "5")
    put(app, sandbox, "month", amount)
    click(app, "settings.budget.sandbox.save")
    assert "**Budget for a month**" in said(app)
    assert studio.budgets.all(sandbox) == []
    put(app, sandbox, "month", "7")
    click(app, "settings.budget.sandbox.save")
    assert "**Budget for a month**" not in said(app)
    assert [str(budget.amount) for budget in studio.budgets.all(sandbox)] == ["5", "7"]


def test_the_link_of_a_refusal_opens_the_budget(
    open_app: Open, studio: Studio, sandbox: Connection
) -> None:
    app = show(open_app(), "settings", budget=sandbox.id)
    assert opened(app) == ["Budget"]
    assert opened(open_app("settings")) == []


def test_a_person_lifts_a_pause(open_app: Open, studio: Studio, sandbox: Connection) -> None:
    studio.connections.pause(sandbox.id, "It charged 300 credits.")
    app = open_app("settings")
    assert "**Paused.** It charged 300 credits." in said(app)
    click(app, "settings.resume.sandbox")
    assert studio.connections.get(sandbox.id).paused == ""
    assert "Paused" not in said(app)
