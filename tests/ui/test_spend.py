"""The Spend page: figures in own units and in one currency, what is not known, and the provider's own count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import TaskStatus
from runway_core.people import LOCAL, Actor, Role
from runway_core.store import Used
from runway_core.store.tasks import NewTask
from runway_core.studio import Studio
from tests.builders import connection, estimate, new_task, request
from tests.team import person
from tests.ui.becoming import Become, becoming
from tests.ui.conftest import Open, click, said

TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
DONE: dict[str, Any] = {"status": TaskStatus.SUCCEEDED}
RUNWAY, RELAY = "runway-1", "relay-1"


@pytest.fixture
def become(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Become:
    return becoming(studio, monkeypatch)


@pytest.fixture
def paid(studio: Studio) -> Studio:
    """A home with Runway itself and a relay."""
    rows = studio.store.connections
    rows.add_once(
        connection(id=RUNWAY, name="Our Runway", profile="runway", base_url="https://r.test")
    )
    rows.add_once(
        connection(id=RELAY, name="Our relay", profile="yunwu", base_url="https://y.test")
    )
    return studio


def made(
    studio: Studio,
    where: str = RUNWAY,
    *,
    price: int | None = 60,
    unit: str = "credit",
    days: int = 0,
    **changes: Any,
) -> str:
    """A video of 5 seconds, asked for so many days ago."""
    new: NewTask = new_task(
        connection_id=where,
        profile={RUNWAY: "runway", RELAY: "yunwu"}.get(where, "sandbox"),
        estimate=estimate(low=price, high=price, unit=unit),
        request=request(),
        created_at=TODAY - timedelta(days=days),
    )
    assert studio.store.tasks.add(new)
    engine, at = studio.store.acting_as(LOCAL), new.created_at
    ended = {"submitted_at": at, "sent_at": at, "finished_at": at + timedelta(seconds=50)}
    assert engine.tasks.move(new.id, [TaskStatus.QUEUED], now=at, **ended | DONE | changes)
    return new.id


def figures(app: AppTest) -> dict[str, str]:
    """Each figure by its label, as a person reads it."""
    return {m.label.replace("\\", ""): str(m.value) for m in app.metric}


def tables(app: AppTest) -> str:
    return said(app).replace("\u00a0", " ")


def test_an_empty_home_says_what_will_be_here(open_app: Open) -> None:
    app = open_app("spend")
    assert "No videos were asked for in this time." in said(app)
    assert not app.metric and "Make a video" in [
        getattr(link, "label", "") for link in app.get("page_link")
    ]


def test_practice_costs_nothing_and_is_shown_only_when_it_is_asked_for(
    open_app: Open, studio: Studio
) -> None:
    sandbox = studio.connections.by_name("Sandbox")
    made(studio, sandbox.id, charge=Decimal(60))
    app = open_app("spend")
    assert "Nothing was paid in this time." in said(app)
    assert "1 practice video is left out" in said(app)
    click(app, "spend.practice")
    assert figures(app)["Spent"] == "US$0.00"
    assert "Practice: nothing was really paid." in said(app)
    assert app.query_params["connection"] == sandbox.id


def test_amounts_are_told_in_own_units_and_in_the_currency_as_far_as_that_is_known(
    open_app: Open, paid: Studio
) -> None:
    made(paid, charge=Decimal(50))
    failed: dict[str, Any] = {"status": TaskStatus.FAILED, "failure_code": "SAFETY.INPUT.TEXT"}
    made(paid, charge=Decimal(60), days=1, **failed)
    made(paid, RELAY, price=7, unit="point")
    made(paid, RELAY, price=None, unit="point")
    app = open_app("spend")
    found = figures(app)
    assert (found["Spent"], found["Failed, but charged"]) == ("US$1.10", "US$0.60")
    assert "**110 credits**" in said(app)
    assert "**7 points + 1 not known**" in said(app)
    text = said(app)
    assert "1 video is not in these figures: nobody has said what its provider's unit" in text
    assert "1 video cost something that nobody knows. It is in no figure." in text
    assert "Estimated at 120 credits, came to 110 credits: 8.3 % less." in text
    assert "22 credits per finished second" in text
    assert "| US$0.50 |" in tables(app) and "| 2 not known |" in tables(app)
    assert "50 s" in tables(app) and "50 %" in tables(app)  # the usual wait; one of two failed


def test_what_nobody_knows_is_never_nothing(open_app: Open, paid: Studio) -> None:
    made(paid, RELAY, price=None)
    app = open_app("spend")
    assert figures(app)["Spent"] == "not known"
    assert "**1 not known**" in said(app)
    assert "US$0.00" not in said(app)


@pytest.mark.parametrize("by", ["day", "connection", "model"])
def test_rows_are_put_together_as_the_address_says(open_app: Open, paid: Studio, by: str) -> None:
    made(paid, charge=Decimal(50))
    made(paid, RELAY, price=7, unit="point", days=1)
    app = open_app("spend", by=by)
    text = tables(app)
    expected = {"day": "By day", "connection": "Our relay", "model": "gen4.5"}
    assert expected[by] in text and "yunwu relay" in text
    assert "50 credits" in text and "7 points" in text and "not known" in text


def test_the_address_chooses_and_nonsense_in_it_is_harmless(open_app: Open, paid: Studio) -> None:
    made(paid, charge=Decimal(50))
    made(paid, RELAY, price=7, unit="point", days=40)
    only = open_app("spend", connection=RELAY, period="90d")
    assert figures(only)["Videos"] == "1" and "7 points" in said(only)
    days = (TODAY - timedelta(days=40)).date().isoformat()
    chosen = open_app("spend", period="days", **{"from": days, "to": days})
    assert figures(chosen)["Videos"] == "1"
    assert (chosen.query_params["from"], chosen.query_params["to"]) == (days, days)
    wild = open_app(
        "spend", period="<b>", connection="nobody", by="all", **{"from": "x", "to": "9"}
    )
    assert figures(wild)["Videos"] == "1" and "connection" not in wild.query_params
    strange = open_app("spend", period="days", **{"from": "1066-01-01", "to": "9999-99-99"})
    assert figures(strange)["Videos"] == "1"


def test_the_chart_is_told_to_those_who_do_not_see_it(open_app: Open, paid: Studio) -> None:
    made(paid, charge=Decimal(50))
    made(paid, charge=Decimal(70), days=2)
    (chart,) = open_app("spend").get("echarts_chart")
    proto: Any = getattr(chart, "proto", None)
    assert "US$1.20 from" in repr(proto) and "US$0.70" in repr(proto)


def test_a_maker_sees_what_is_their_own_and_no_account(
    paid: Studio, open_app: Open, become: Become
) -> None:
    ada, mia = person(paid, "Ada", Role.ADMIN), person(paid, "Mia")
    made(paid.acting_as(Actor.of(mia)), charge=Decimal(50))
    made(paid.acting_as(Actor.of(ada)), charge=Decimal(70))
    become(ada)
    app = open_app("spend", by="person")
    assert figures(app)["Spent"] == "US$1.20" and "Mia" in said(app)
    assert "Beside the provider's own count" in said(app)
    become(mia)
    own = open_app("spend", by="person")
    assert figures(own)["Spent"] == "US$0.50" and "Ada" not in said(own)
    assert own.session_state["spend.by"] == "day"
    assert "Beside the provider's own count" not in said(own)


# --- the provider's own count ------------------------------------------------------------------


def told(studio: Studio, *credits: tuple[int, str, int]) -> None:
    """Have Runway say that so many days ago a model used so much."""
    today = TODAY.date()
    used = [Used(today - timedelta(days=n), model, Decimal(of)) for n, model, of in credits]
    rows, now = studio.store.acting_as(LOCAL).usage, datetime.now(UTC)
    assert rows.claim(RUNWAY, None, now)
    rows.keep(RUNWAY, today - timedelta(days=89), today + timedelta(days=1), used, now)


def test_the_providers_own_count_stands_beside_the_ledger(open_app: Open, paid: Studio) -> None:
    made(paid, charge=Decimal(50))
    made(paid, days=1)
    told(paid, (0, "gen4.5", 50), (1, "gen4.5", 60), (1, "act_two", 25))
    app = open_app("spend")
    text = tables(app)
    assert "The provider counts 25 credits more than this desk." in text
    assert "another key of the same account" in text
    assert "| 85 credits | 60 credits, 60 of it assumed | **+25** |" in text
    assert "| 50 credits | 50 credits | :material/check: 0 |" in text
    assert "| All days | 135 credits | 110 credits, 60 of it assumed | **+25** |" in text
    assert "| act two | 25 credits | 0 credits | **+25** |" in text.replace("_", " ")


def test_a_click_only_writes_that_the_count_is_wished_for(open_app: Open, paid: Studio) -> None:
    made(paid, charge=Decimal(50))
    app = open_app("spend")
    assert "It is asked once a day where there is something to compare." in said(app)
    click(app, f"spend.usage.ask.{RUNWAY}")
    read = paid.store.usage.reads()[RUNWAY]
    assert read.pending and read.tried_at is None
    assert "Asking the provider…" in said(app)
    assert app.button(key=f"spend.usage.ask.{RUNWAY}").disabled
    rows = paid.store.acting_as(LOCAL).usage
    assert rows.claim(RUNWAY, None, datetime.now(UTC))
    rows.fail(RUNWAY, "Runway refuses the API key.")
    app.run()
    assert "Runway refuses the API key." in said(app)
    assert not app.button(key=f"spend.usage.ask.{RUNWAY}").disabled


def test_a_relay_says_that_it_does_not_tell(open_app: Open, paid: Studio) -> None:
    made(paid, RELAY, price=7, unit="point")
    app = open_app("spend", connection=RELAY)
    assert "This provider has no call that tells what was used each day." in said(app)


# --- one video ---------------------------------------------------------------------------------


def test_a_video_shows_its_lines(open_app: Open, paid: Studio) -> None:
    task_id = made(paid, charge=Decimal(50))
    app = open_app("history", task=task_id)
    assert "What it cost, line by line" in [fold.label for fold in app.expander]
    text = tables(app)
    assert "| Charge | 50 credits | told by the provider | told by the provider |" in text
    assert "| Held | 60 credits | estimated | asked for |" in text
    assert "| No longer held | 60 credits |" in text
