"""The card for a video that may have been charged, and the way to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from runway_core.domain import Connection, Task, TaskStatus
from runway_core.studio import Studio
from tests.builders import estimate, new_task
from tests.ui.conftest import Open, click, said
from tests.ui.test_history import NOW, record

BEFORE, AFTER = NOW - timedelta(minutes=2), NOW - timedelta(minutes=1)


@pytest.fixture
def relay(studio: Studio) -> Connection:
    made = studio.connections.add("Our relay", profile="runway", key="key_123456789")
    studio.store.connections.set_balance(made.id, Decimal(500), "credit", BEFORE)
    return made


def lost(studio: Studio, connection: Connection, prompt: str = "Lost", **changes: Any) -> Task:
    """A video whose create got no answer, as the engine leaves it; it costs 84 credits."""
    price = estimate(low=Decimal(84), high=Decimal(84))
    of = {"connection_id": connection.id, "connection": connection.name}
    task = new_task(prompt=prompt, profile=connection.profile, estimate=price, **of)
    rows = studio.store.tasks
    rows.add(task)
    sent: dict[str, Any] = {"attempts": 1, "status": TaskStatus.SUBMITTING}
    rows.move(task.id, [TaskStatus.QUEUED], now=BEFORE, event="SUBMITTING", **sent)
    values: dict[str, Any] = {"note": "Our relay did not answer in time.", "next_at": None}
    values |= {"status": TaskStatus.UNCERTAIN, "said": "504 <b>Gateway</b>"}
    rows.move(task.id, [TaskStatus.SUBMITTING], now=AFTER, event="UNCERTAIN", **(values | changes))
    return studio.tasks.get(task.id)


def balances(before: object, after: object) -> dict[str, Any]:
    def at(value: object, when: datetime) -> tuple[Decimal | None, datetime | None]:
        return (None, None) if value is None else (Decimal(str(value)), when)

    (one, one_at), (two, two_at) = at(before, BEFORE), at(after, AFTER)
    return {
        "balance_before": one,
        "balance_before_at": one_at,
        "balance_after": two,
        "balance_after_at": two_at,
    }


def test_the_card_says_what_happened_and_what_each_way_out_does(
    open_app: Open, studio: Studio, relay: Connection
) -> None:
    task = lost(studio, relay)
    app = open_app("history", task=task.id)
    text = said(app)
    for words in (
        "Was this video made?",
        "sent to **Our relay** on",
        "Our relay did not answer in time.",
        "**You may have been charged.**",
        "stays reserved in your budgets",
        "If its answer still comes",
        "I found its id",
        "Nothing is sent, and nothing is charged again.",
        "Nothing was made: send again",
        "a new video that is charged",
        "Write it off",
        "recorded that nobody found out",
    ):
        assert words in text, words
    assert "504 <b>Gateway</b>" in "\n".join(code.value for code in app.code)
    assert "calls back" not in text


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (500, 416, "went down by 84 credits, as much as this video costs"),
        (500, 500, "The balance did not change"),
        (500, 490, "went down by 10 credits**; this video should cost 84 credits"),
        (500, 600, "went up by 100 credits, so it tells nothing"),
        (None, 416, "not known: Our relay did not tell"),
        (500, None, "not known: Our relay did not tell"),
        (None, None, "not known: Our relay did not tell"),
    ],
)
def test_the_balance_is_shown_as_a_hint(
    open_app: Open, studio: Studio, relay: Connection, before: object, after: object, words: str
) -> None:
    task = lost(studio, relay, **balances(before, after))
    text = said(open_app("history", task=task.id))
    assert words in text
    assert ("Balance before" in text) is (before is not None or after is not None)
    assert "less sure" not in text
    if before == 500 and after == 416:
        for shown in ("500 credits", "416 credits", "−84 credits", f"at {AFTER:%H:%M:%S}"):
            assert shown in text


def test_other_videos_of_the_same_minutes_make_it_less_sure(
    open_app: Open, studio: Studio, relay: Connection
) -> None:
    task = lost(studio, relay, **balances(500, 416))
    elsewhere = studio.connections.add("Other", profile="runway", key="key_987654321")
    ended = {"status": TaskStatus.SUCCEEDED, "attempts": 1}
    record(studio, "long ago", connection=relay.id, **ended, finished_at=BEFORE - timedelta(days=1))
    record(studio, "elsewhere", connection=elsewhere.id, **ended)
    record(studio, "never sent", connection=relay.id, status=TaskStatus.CANCELLED)
    now = {"created_at": BEFORE} | ended
    assert "less sure" not in said(open_app("history", task=task.id))
    record(studio, "beside", connection=relay.id, **now)
    assert "1 other video of Our relay was under way" in said(open_app("history", task=task.id))
    record(studio, "beside too", connection=relay.id, **now)
    assert "2 other videos of Our relay were" in said(open_app("history", task=task.id))


def test_sending_again_is_asked_about_once_more(
    open_app: Open, studio: Studio, relay: Connection
) -> None:
    task = lost(studio, relay, **balances(500, 500))
    app = click(open_app("history", task=task.id), "task.send")
    (warning,) = app.warning
    assert "If it was made after all, you pay twice" in warning.value
    assert studio.tasks.get(task.id).status is TaskStatus.UNCERTAIN
    click(app, "task.send.no")
    assert not app.warning
    click(app, "task.send")
    click(app, "task.send.sure")
    found = studio.tasks.get(task.id)
    assert (found.status, found.balance_before, found.balance_after) == (
        TaskStatus.QUEUED,
        None,
        None,
    )


def test_writing_off_closes_it_and_keeps_the_doubt(
    open_app: Open, studio: Studio, relay: Connection
) -> None:
    task = lost(studio, relay)
    app = click(open_app("history", task=task.id), "task.write_off")
    found = studio.tasks.get(task.id)
    assert (found.status, found.failure_code) == (TaskStatus.FAILED, "WRITTEN_OFF")
    assert "written off" in [event.kind for event in studio.tasks.events(task.id)]
    assert "Was this video made?" not in said(app)


def test_practice_is_said_to_cost_nothing(open_app: Open, studio: Studio) -> None:
    studio.connections.all()
    task = lost(studio, studio.connections.get("sandbox"))
    text = said(open_app("history", task=task.id))
    assert "Practice is never charged" in text and "no balance to look at" in text


def test_a_provider_that_was_given_an_address_may_call_back(open_app: Open, studio: Studio) -> None:
    made = studio.connections.add(
        "HK",
        profile="custom",
        base_url="https://relay.example",
        key="hk-123456789",
        allow_host=True,
    )
    studio.callbacks.set_address("https://desk.example.com")
    task = lost(studio, made, next_at=NOW)
    text = said(open_app("history", task=task.id))
    assert "If HK calls back or its answer still comes" in text
    assert "HK is being asked what is left" in text


@pytest.mark.parametrize("page", ["create", "history"])
def test_both_pages_count_what_needs_a_decision_and_lead_there(
    open_app: Open, studio: Studio, relay: Connection, page: str
) -> None:
    assert "your decision" not in said(open_app(page))
    task = lost(studio, relay)
    app = open_app(page)
    assert "1 video needs your decision" in said(app)
    click(app, "decide.open")
    assert "Was this video made?" in said(app)
    assert app.query_params["task"] in (task.id, [task.id])
    lost(studio, relay, "Lost too")
    app = open_app(page)
    assert "2 videos need your decision" in said(app)
    click(app, "decide.open")
    assert app.segmented_control(key="history.status").value == "uncertain"
    assert "Was this video made?" not in said(app)


def test_the_same_again_is_no_way_past_the_card(
    open_app: Open, studio: Studio, relay: Connection
) -> None:
    app = open_app("history", task=lost(studio, relay).id)
    assert "Same again" not in said(app)
