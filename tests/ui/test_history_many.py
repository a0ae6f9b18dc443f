"""The history with many videos: filters in the address, views, marks, and what is done with several at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import Task, TaskStatus
from runway_core.store import Mark, TaskQuery
from runway_core.studio import Studio
from runway_core.web.zips import ids_of
from tests.builders import artifact
from tests.ui.conftest import Open, click, said
from tests.ui.test_history import cards, record


def finished(studio: Studio, prompt: str) -> Task:
    """A task whose file is said to be kept."""
    done = {"status": TaskStatus.SUCCEEDED, "remote_id": f"remote of {prompt}"}
    task = record(studio, prompt, **done)
    studio.store.tasks.attach(task.id, [artifact(prompt.encode())], now=task.created_at)
    return studio.tasks.get(task.id)


def _choose(app: AppTest, *tasks: Task) -> AppTest:
    for task in tasks:
        app.checkbox(key=f"history.pick.{task.id}").check().run()
    assert not app.exception
    return app


def test_a_mark_a_tag_and_a_note_are_kept_and_filtered_by(open_app: Open, studio: Studio) -> None:
    fox, owl = finished(studio, "A fox"), finished(studio, "An owl")
    app = open_app("history", task=fox.id)
    app.segmented_control(key=f"task.mark.{fox.id}").select("keep").run()
    app.multiselect(key=f"task.tags.{fox.id}").set_value(["spring"]).run()
    app.text_area(key=f"task.note.{fox.id}").input("too [dark](https://evil)").run()
    review = studio.reviews.of([fox.id])[fox.id]
    assert (review.mark, review.tags, review.note) == (
        "keep",
        ("spring",),
        "too [dark](https://evil)",
    )
    app = open_app("history")
    assert "too \\[dark\\]" in "\n".join(c.value for c in app.caption)
    app.segmented_control(key=f"history.mark.{owl.id}").select("reject").run()
    assert studio.reviews.of([owl.id])[owl.id].mark is Mark.REJECT
    app.selectbox(key="history.mark").select("keep").run()
    assert cards(app) == [fox.id] and app.query_params["mark"] == "keep"
    assert cards(open_app("history", tag="SPRING")) == [fox.id]
    assert cards(open_app("history", q="dark")) == [fox.id]
    assert cards(open_app("history", mark="reject")) == [owl.id]


def test_days_models_files_and_orders_are_in_the_address(open_app: Open, studio: Studio) -> None:
    fox = finished(studio, "A fox")
    today = datetime.now(UTC).date()
    app = open_app("history", **{"from": today.isoformat(), "to": today.isoformat()})
    assert cards(app) == [fox.id]
    app.date_input(key="history.to").set_value(today - timedelta(days=1)).run()
    assert cards(app) == [] and "Nothing matches" in said(app)
    click(app, "history.clear")
    assert cards(app) == [fox.id] and not app.query_params
    for query in ({"model": "gen4_turbo"}, {"file": "expired"}, {"connection": "sandbox"}):
        shown = cards(open_app("history", **query))
        assert shown == ([fox.id] if "connection" in query else []), query
    owl = finished(studio, "An owl")
    assert cards(open_app("history", sort="oldest")) == [fox.id, owl.id]
    assert cards(open_app("history", sort="dearest", file="kept", model="gen4.5")) != []


@pytest.mark.parametrize(
    "query",
    [
        {"from": "nonsense", "to": "9999-12-31", "sort": "drop table", "view": "x"},
        {"from": "0001-01-01", "mark": "love", "file": "none", "page": "٣"},
        {"connection": "x'; --", "model": "x" * 5000, "tag": "\x00", "page": "9" * 40},
        {"q": '"*' * 300, "whose": "someone", "status": "", "page": "-1"},
    ],
)
def test_nothing_in_the_address_breaks_the_page(
    open_app: Open, studio: Studio, query: dict[str, str]
) -> None:
    finished(studio, "A fox")
    app = open_app("history", **query)
    assert app.title[0].value == "History" and not app.error


def test_a_view_is_kept_opened_and_deleted(open_app: Open, studio: Studio) -> None:
    fox, owl = finished(studio, "A fox"), finished(studio, "An owl")
    studio.reviews.mark([owl.id], Mark.KEEP)
    app = open_app("history", mark="keep", sort="oldest")
    app.text_input(key="history.view.name").input("The kept ones").run()
    click(app, "history.view.keep")
    app = open_app("history")
    assert len(cards(app)) == 2
    click(app, "history.view.open.0")
    assert cards(app) == [owl.id] and app.query_params == {"mark": "keep", "sort": "oldest"}
    click(app, "history.view.forget.0")
    assert studio.reviews.views() == [] and fox.id
    click(app, "history.view.keep")
    assert "Name** is missing" in said(app)


def test_several_are_chosen_over_pages_tagged_and_downloaded(
    open_app: Open, studio: Studio
) -> None:
    tasks = [finished(studio, f"Take {n}") for n in range(13)]
    app = _choose(open_app("history"), tasks[12], tasks[11])
    pages: Any = app.get("pagination")[0]
    pages.set_value(2).run()
    _choose(app, tasks[0])
    assert "3 videos chosen" in said(app)
    click(app, "history.do.tag")
    click(app, "history.mark.all.keep")
    reviews = studio.reviews.of([task.id for task in tasks])
    chosen = [tasks[12].id, tasks[11].id, tasks[0].id]
    assert [i for i in chosen if reviews[i].mark is Mark.KEEP] == chosen
    assert sum(1 for review in reviews.values() if review.mark) == 3
    click(app, "history.do.download")
    (link,) = [x for x in app.get("link_button") if "videos.zip" in x.proto.url]
    assert ids_of(link.proto.url.partition("v=")[2]) == chosen
    assert "3 files" in said(app)
    click(app, "history.chosen.none")
    assert "chosen" not in said(app)


def test_several_are_deleted_after_a_second_question(open_app: Open, studio: Studio) -> None:
    fox, owl = finished(studio, "A fox"), finished(studio, "An owl")
    waiting = record(studio, "Waiting")
    app = _choose(open_app("history"), fox, owl, waiting)
    click(app, "history.do.delete")
    assert "Delete 3 videos for good?" in said(app)
    click(app, "history.delete.no")
    assert studio.tasks.page(TaskQuery()).total == 3
    click(app, "history.do.delete")
    click(app, "history.delete.sure")
    assert cards(app) == [waiting.id]
    assert "1 video chosen" in said(app)  # what could not be deleted
    (entry,) = [e for e in studio.store.audit.newest(limit=9) if e.act == "videos deleted"]
    assert entry.subject == "2" and set(entry.detail.split()) == {fox.id[:8], owl.id[:8]}


def test_several_are_made_again_at_a_price_that_is_shown_and_paid_once(
    open_app: Open, studio: Studio
) -> None:
    relay = studio.connections.add("Relay", profile="runway", key="key_123456789")
    done = {"status": TaskStatus.FAILED, "failure": "It broke."}
    fox = record(studio, "A fox", connection=relay.id, **done)
    owl = record(studio, "An owl", connection=relay.id, **done)
    lost = record(studio, "Lost", status=TaskStatus.UNCERTAIN, finished_at=None)
    app = _choose(open_app("history"), fox, owl, lost)
    click(app, "history.do.again")
    text = said(app)
    each = studio.repeating.priced([fox.id])[0].estimate
    assert each is not None and each.high is not None
    assert f"In all: {each.high * 2} credits" in text and each.high > Decimal(0)
    assert "decide that first" in text and "Make 2 videos" in text
    assert studio.tasks.page(TaskQuery()).total == 3
    click(app, "history.again.sure")
    new = [t for t in studio.tasks.page(TaskQuery()).tasks if t.id not in (fox.id, owl.id, lost.id)]
    assert sorted(t.request.prompt for t in new) == ["A fox", "An owl"]
    assert all(t.request in (fox.request, owl.request) for t in new)
    assert all(t.status is TaskStatus.QUEUED and t.connection_id == relay.id for t in new)
    assert "asked for" not in said(app)  # told by a toast
    assert [t.value for t in app.toast] == ["2 videos asked for"]


def test_the_same_click_twice_asks_once(studio: Studio) -> None:
    fox = finished(studio, "A fox")
    first = studio.repeating.submit([fox.id], "one click")
    again = studio.repeating.submit([fox.id, fox.id], "one click")
    assert [r.made.id for r in first if r.made] == [r.made.id for r in again if r.made]
    assert studio.tasks.page(TaskQuery()).total == 2


def test_the_table_shows_what_the_cards_show(open_app: Open, studio: Studio) -> None:
    fox = finished(studio, "A fox")
    studio.reviews.note(fox.id, "for the opening")
    app = open_app("history", view="table")
    (table,) = app.dataframe
    (row,) = table.value.to_dict("records")
    assert (row["Prompt"], row["Status"], row["Note"]) == ("A fox", "Ready", "for the opening")
    assert row["Cost"] == "Free" and "Made by" not in row
