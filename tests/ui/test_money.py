"""Money in Settings and before the click: the team's budgets, worth of units, currency, alerts, learnt prices."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import Connection, Period, TaskStatus
from runway_core.people import Role
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from runway_core.studio.clock import now
from tests.builders import NOW, estimate, new_task
from tests.team import person as join
from tests.ui.becoming import Become, becoming
from tests.ui.conftest import Open, click, field_key, said
from tests.ui.test_budgets import ask, links, words_to_video


@pytest.fixture
def relay(studio: Studio) -> Connection:
    return studio.connections.add("Relay", profile="openai-hk", key="hk-very-secret-7788")


@pytest.fixture
def become(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Become:
    return becoming(studio, monkeypatch)


def put(app: AppTest, key: str, text: str) -> None:
    app.text_input(key=key).input(text).run()
    assert not app.exception


# --- the team's budget -------------------------------------------------------------------------


def test_the_tightest_budget_is_said_before_the_click(open_app: Open, studio: Studio) -> None:
    sandbox = studio.connections.by_name("Sandbox")
    studio.connections.set_prices(sandbox.id, unit_price=None, unit="", worth="0.02 USD")
    studio.budgets.set(sandbox, {Period.MONTH: Decimal(5000)})
    app = open_app("settings")
    put(app, "settings.budget.all.month.amount", "5")
    click(app, "settings.budget.all.save")
    assert studio.budgets.all(None)[0].unit == "USD"
    ask(studio, sandbox, "one")
    app = words_to_video(open_app())
    (says,) = [c.value for c in app.caption if "This takes you" in c.value]
    assert "to 48 % of the team's budget for" in says and "US\\$2.40 of US\\$5.00" in says
    studio.budgets.set(None, {Period.MONTH: Decimal(2)})
    app.run()
    assert app.button(key="create.generate").disabled
    assert "over all connections, 1.2 are spent or reserved, so 0.8 are left" in said(app)
    studio.budgets.set(None, {Period.MONTH: Decimal(2)}, hard=False)
    app.run()
    assert "This takes you over the team's budget for" in said(app)
    assert "Change the budget" in links(app)
    click(app, "create.generate")
    assert studio.tasks.page(TaskQuery()).total == 2


def test_what_nobody_said_is_asked_for_by_a_hard_budget_and_said_by_a_soft_one(
    open_app: Open, studio: Studio
) -> None:
    yunwu = studio.connections.add(
        "Yunwu", profile="yunwu", key="sk-very-secret-7788", unit_price=Decimal(3), unit="coin"
    )
    studio.budgets.set(None, {Period.MONTH: Decimal(10)})
    app = open_app()
    app.selectbox(key=field_key(app, "connection")).select(yunwu.id).run()
    assert app.button(key="create.generate").disabled
    assert "is in USD, and what one coin is worth in that is not known" in said(app)
    studio.budgets.set(None, {Period.MONTH: Decimal(10)}, hard=False)
    app.run()
    assert "What one coin is worth in USD is not known, so it is not counted in" in said(app)
    assert "Yunwu: what one coin is worth is not known" in said(open_app("settings"))


def test_a_budget_in_another_currency_is_asked_to_be_saved_again(
    open_app: Open, studio: Studio
) -> None:
    studio.budgets.set(None, {Period.MONTH: Decimal(10)})
    studio.currencies.choose("EUR")
    app = open_app("settings")
    assert "It was set in USD, and amounts are in EUR by now: save it again." in said(app)
    click(app, "settings.budget.all.save")
    assert "save it again" not in said(app)
    assert studio.budgets.all(None)[0].unit == "EUR"


def test_an_admin_sets_what_one_person_may_spend_over_all_connections(
    open_app: Open, studio: Studio, become: Become
) -> None:
    ada, mia = join(studio, "Ada", Role.ADMIN), join(studio, "Mia", Role.MAKER)
    become(ada)
    app = open_app("team", show="budgets")
    app.selectbox(key="team.budgets.whose").select(mia.id).run()
    put(app, f"team.budget.{mia.id}.all.day.amount", "2")
    click(app, f"team.budget.{mia.id}.all.save")
    (hers,) = studio.budgets.all(None, mia.id)
    assert (hers.amount, hers.unit, hers.hard) == (Decimal(2), "USD", True)
    become(mia)
    assert "Your own budget over all connections for" in said(open_app("settings"))


def test_the_words_of_a_whole_month_are_in_the_readers_language(studio: Studio) -> None:
    from runway_core.language import speaking
    from runway_core.ui.budget_words import period, starts_anew

    studio.budgets.set(None, {Period.MONTH: Decimal(10), Period.DAY: Decimal(1)})
    day, month = studio.store.budgets.outlooks_of("", "", NOW)
    assert (period(day), period(month)) == ("22 November", "November")
    assert "1 December 2026 at 00:00 UTC" in starts_anew(month)
    with speaking("zh_CN"):
        assert (period(day), period(month)) == ("11月22日", "十一月")
    with speaking("tr"):
        assert period(day) == "22 Kasım"


# --- a connection's card -----------------------------------------------------------------------


def test_the_worth_of_a_unit_and_an_alert_are_entered_on_the_card(
    open_app: Open, studio: Studio, relay: Connection
) -> None:
    app = open_app("settings")
    assert "Published: 1 point = 0 CNY" not in said(app)
    assert "1 point = 0.0001 CNY (www.openai-hk.com/docs/en/price.html, 2026-11-22)" in said(app)
    own = f"settings.money.{relay.id}"
    put(app, f"{own}.worth", "0,0002")
    put(app, f"{own}.alert", "5,000")
    click(app, f"{own}.save")
    found = studio.connections.get(relay.id)
    assert found.options["unit_worth"] == "0.0002 CNY" and found.alert_below == 5000
    put(app, f"{own}.worth", "much")
    put(app, f"{own}.alert", "7")
    click(app, f"{own}.save")
    assert "**What one unit of its credit is worth** must be a number" in said(app)
    assert studio.connections.get(relay.id).alert_below == 5000
    put(app, f"{own}.worth", "")
    put(app, f"{own}.alert", "")
    click(app, f"{own}.save")
    found = studio.connections.get(relay.id)
    assert "unit_worth" not in found.options and found.alert_below is None


def test_the_balance_is_said_with_its_age_and_looked_for_by_the_engine_alone(
    open_app: Open, studio: Studio, relay: Connection
) -> None:
    app = open_app("settings")
    assert "What is left is not known yet." in said(app)
    click(app, f"settings.balance.{relay.id}")
    assert studio.balances.asks()[relay.id].pending
    assert "It is asked as soon as the engine runs." in said(app)
    three_hours = now() - timedelta(hours=3)
    studio.store.connections.set_balance(relay.id, Decimal(1200), "point", three_hours)
    studio.store.balance_asks.end(relay.id, now())
    app.run()
    assert "1,200 points left, as told 3 h ago" in said(app)
    assert "Low balance" not in said(app)
    studio.balances.set_alert(studio.connections.get(relay.id), Decimal(5000))
    for page in (open_app("settings"), open_app("pricing"), open_app()):
        assert "Low balance with Relay: 1,200 points left, as told 3 h ago." in said(page)
    studio.store.balance_asks.ask(relay.id, now())
    studio.store.balance_asks.end(relay.id, now(), "This provider does not tell what is left.")
    assert "This provider does not tell what is left." in said(open_app("settings"))


def test_makers_see_a_low_balance_where_they_would_use_it(
    open_app: Open, studio: Studio, relay: Connection, become: Become
) -> None:
    join(studio, "Ada", Role.ADMIN)
    mia = join(studio, "Mia", Role.MAKER)
    studio.store.connections.set_balance(relay.id, Decimal(1200), "point", now())
    studio.connections.set_prices(relay.id, unit_price=Decimal(1500), unit="point", worth="")
    become(mia)
    app = open_app()
    app.selectbox(key=field_key(app, "connection")).select("sandbox").run()
    assert "left at the provider" not in said(app)
    app.selectbox(key=field_key(app, "connection")).select(relay.id).run()
    short = "This may cost 1,500 points, more than is left at the provider: 1,200 points left"
    assert short in said(app)
    studio.balances.set_alert(studio.connections.get(relay.id), Decimal(5000))
    app.run()
    assert "Low balance with Relay: 1,200 points left, as told just now." in said(app)
    app.selectbox(key=field_key(app, "connection")).select("sandbox").run()
    assert "Low balance" not in said(app)


def test_a_learnt_price_is_taken_by_one_click(
    open_app: Open, studio: Studio, relay: Connection
) -> None:
    new = new_task(connection_id=relay.id, estimate=estimate(low=None, high=None, unit="point"))
    assert studio.store.tasks.add(new)
    ended: dict[str, Any] = {
        "status": TaskStatus.SUCCEEDED,
        "finished_at": NOW,
        "charge": Decimal(2100),
    }
    assert studio.store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, sent_at=NOW, **ended)
    app = open_app("settings")
    assert "Price not known" in said(app)
    assert "Your own videos of 5 s with gen4.5 have cost 2,100 points" in said(app)
    click(app, f"settings.learnt.{relay.id}")
    found = studio.connections.get(relay.id)
    assert (found.unit_price, found.unit) == (Decimal(2100), "point")
    assert "5 s = 2,100 points" in said(app) and "have cost" not in said(app)


def test_an_overcharge_stops_the_connection_and_says_so_with_the_way_on(
    open_app: Open, studio: Studio
) -> None:
    sandbox = studio.connections.by_name("Sandbox")
    studio.connections.set_prices(sandbox.id, unit_price=None, unit="", worth="0.01 USD")
    studio.budgets.set(None, {Period.MONTH: Decimal(10)})
    ask(studio, sandbox, "dear")
    (task,) = studio.tasks.page(TaskQuery()).tasks
    told: dict[str, Any] = {"status": TaskStatus.SUCCEEDED, "charge": Decimal(73)}
    assert studio.store.tasks.move(task.id, [TaskStatus.QUEUED], now=now(), **told)
    app = open_app("settings")
    assert "charged 73 credits where at most 60 credits had been expected" in said(app)
    assert "US$0.73 of US$10.00, 7 %" in said(app)
    click(app, "settings.resume.sandbox")
    assert studio.connections.get(sandbox.id).paused == ""


# --- the currency ------------------------------------------------------------------------------


def test_the_currency_and_its_rates_are_entered_and_never_looked_up(
    open_app: Open, studio: Studio, relay: Connection
) -> None:
    app = open_app("settings")
    assert "Relay: 1 point = 0.0001 CNY, as published" in said(app)
    put(app, "settings.currency.USD.CNY", "0.14")
    click(app, "settings.currency.save")
    assert studio.currencies.reporting().rates == {"CNY": Decimal("0.14")}
    app.selectbox(key="settings.currency.code").select("EUR").run()
    put(app, "settings.currency.EUR.CNY", "much")
    click(app, "settings.currency.save")
    assert "**CNY** must be a number" in said(app)
    assert studio.currencies.reporting().currency == "USD"
    put(app, "settings.currency.EUR.CNY", "0.13")
    click(app, "settings.currency.save")
    told = studio.currencies.reporting()
    assert (told.currency, told.rates) == ("EUR", {"CNY": Decimal("0.13")})


def test_a_currency_that_few_use_is_kept_and_shown(open_app: Open, studio: Studio) -> None:
    studio.currencies.choose("SEK", {"USD": "9.5"})
    app = open_app("settings")
    assert app.selectbox(key="settings.currency.code").value == "SEK"
    assert app.text_input(key="settings.currency.SEK.USD").value == "9.5"
    put(app, "settings.currency.SEK.USD", "")
    click(app, "settings.currency.save")
    assert studio.currencies.reporting().rates == {}
