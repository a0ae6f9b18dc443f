"""The history page: finding, opening, repeating, deleting and settling videos."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import (
    Artifact,
    ArtifactState,
    Capability,
    Exchange,
    GenerationRequest,
    Task,
    TaskStatus,
)
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from tests.ui.conftest import Open, click, field_key, said

NOW = datetime.now(UTC)


def record(studio: Studio, prompt: str, *, connection: str = "sandbox", **changes: Any) -> Task:
    """A task as the engine would have left it."""
    request = GenerationRequest(
        capability=Capability.TEXT_TO_VIDEO,
        model="gen4.5",
        prompt=prompt,
        ratio="720:1280",
        duration=7,
        seed=4242,
    )
    studio.connections.all()
    found = studio.connections.get(connection)
    task = studio.tasks.submit(request, connection=found, token=f"token of {prompt}")
    if changes:
        changes = {"next_at": None, "finished_at": NOW} | changes
        studio.store.tasks.move(task.id, [TaskStatus.QUEUED], now=NOW, **changes)
    return studio.tasks.get(task.id)


def finished(studio: Studio, prompt: str) -> Task:
    task = record(studio, prompt, status=TaskStatus.SUCCEEDED, remote_id="remote-7")
    kept = Artifact(
        sha256="a" * 64,
        path="a.mp4",
        poster="a.jpg",
        mime="video/mp4",
        size=1_234_567,
        width=720,
        height=1280,
        seconds=7.0,
        created_at=NOW,
    )
    studio.store.tasks.attach(task.id, [kept], now=NOW)
    return studio.tasks.get(task.id)


def cards(app: AppTest) -> list[str]:
    shown = [b.key or "" for b in app.button]
    return [key.removeprefix("history.open.") for key in shown if key.startswith("history.open.")]


def test_an_empty_history_explains_itself(open_app: Open) -> None:
    assert "No videos yet" in said(open_app("history"))


def test_a_finished_video_plays_from_our_own_address(open_app: Open, studio: Studio) -> None:
    task = finished(studio, "A fox")
    app = open_app("history", task=task.id)
    (video,) = app.get("video")
    assert video.proto.url == f"/app/static/desk/{task.id}/0/video.mp4"
    assert not video.proto.autoplay
    text = said(app)
    for fact in ("4242", "720 × 1280", "1.2 MB", "7.0 s", "remote-7", "Ready"):
        assert fact in text
    posters = [html.proto.body for html in app.get("html")]
    assert any(f"/app/static/desk/{task.id}/0/poster.jpg" in body for body in posters)


def test_filters_find_by_status_words_and_connection(open_app: Open, studio: Studio) -> None:
    relay = studio.connections.add("Relay", profile="runway", key="key-123456789")
    fox = finished(studio, "A fox in the snow")
    bear = record(studio, "A bear", status=TaskStatus.FAILED, failure="It broke.")
    owl = record(studio, "An owl", connection=relay.id)
    app = open_app("history")
    assert set(cards(app)) == {fox.id, bear.id, owl.id}
    app.segmented_control(key="history.status").select("failed").run()
    assert cards(app) == [bear.id] and app.query_params["status"] == "failed"
    app.segmented_control(key="history.status").select("all").run()
    app.text_input(key="history.q").input("SNOW fox").run()
    assert cards(app) == [fox.id] and app.query_params["q"] == "SNOW fox"
    click(app.text_input(key="history.q").input("zebra").run(), "history.clear")
    app.selectbox(key="history.connection").select(relay.id).run()
    assert cards(app) == [owl.id]


def test_filters_are_taken_from_the_address(open_app: Open, studio: Studio) -> None:
    finished(studio, "A fox")
    bear = record(studio, "A bear", status=TaskStatus.CANCELLED)
    assert cards(open_app("history", status="cancelled")) == [bear.id]
    assert len(cards(open_app("history", status="nonsense", page="nonsense"))) == 2


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"status": "open"}, "Nothing is being made now."),
        ({"status": "uncertain"}, "Nothing needs your decision."),
        ({"status": "failed"}, "No failed videos."),
        ({"status": "failed", "connection": "sandbox"}, "No failed videos with this connection."),
        ({"status": "failed", "q": "zebra"}, "Nothing matches."),
    ],
)
def test_an_empty_list_says_what_there_is_none_of(
    open_app: Open, studio: Studio, filters: dict[str, str], words: str
) -> None:
    finished(studio, "A fox")
    assert words in said(open_app("history", **filters))


def test_twelve_cards_a_page_newest_first(open_app: Open, studio: Studio) -> None:
    ids = [record(studio, f"Take {n}", status=TaskStatus.CANCELLED).id for n in range(14)]
    app = open_app("history")
    assert cards(app) == ids[:1:-1]
    pages: Any = app.get("pagination")[0]
    pages.set_value(2).run()
    assert cards(app) == ids[1::-1] and app.query_params["page"] == "2"
    app.segmented_control(key="history.status").select("cancelled").run()
    assert cards(app) == ids[:1:-1]
    assert cards(open_app("history", page="99")) == ids[1::-1]


def test_details_open_and_stay_in_the_address(open_app: Open, studio: Studio) -> None:
    task = finished(studio, "A fox")
    app = click(open_app("history"), f"history.open.{task.id}")
    assert app.query_params["task"] == task.id
    assert app.get("video")


def test_a_wrong_id_in_the_address_is_told(open_app: Open) -> None:
    assert "There is no such task here" in said(open_app("history", task="nonsense"))


def test_delete_asks_a_second_time(open_app: Open, studio: Studio) -> None:
    task = finished(studio, "A fox")
    app = click(open_app("history", task=task.id), "task.delete")
    assert studio.tasks.page(TaskQuery()).total == 1
    click(click(app, "task.delete.no"), "task.delete")
    click(app, "task.delete.sure")
    assert cards(app) == [] and "task" not in app.query_params
    assert studio.tasks.page(TaskQuery()).total == 0


def test_same_again_fills_everything_with_the_seed(open_app: Open, studio: Studio) -> None:
    task = finished(studio, "A fox in the snow")
    app = click(open_app("history", task=task.id), "task.again")
    assert app.title[0].value == "Create"
    assert app.selectbox(key=field_key(app, "model")).value == "gen4.5"
    assert app.text_area(key=field_key(app, "prompt")).value == "A fox in the snow"
    assert app.pills(key=field_key(app, "ratio")).value == "720:1280"
    assert app.pills(key=field_key(app, "duration")).value == 7
    assert app.number_input(key=field_key(app, "seed")).value == 4242
    click(app, "create.generate")
    newer, older = studio.tasks.page(TaskQuery()).tasks
    assert newer.request == older.request and newer.id != older.id


def test_a_failure_is_explained_with_the_providers_words_below(
    open_app: Open, studio: Studio
) -> None:
    task = record(
        studio,
        "A bear",
        status=TaskStatus.FAILED,
        failure="The provider's filter refused the words.",
        failure_code="SAFETY.INPUT.TEXT",
        hint="Say it in other words.",
        said="content policy violation <b>x</b>",
        charge=Decimal(0),
    )
    app = open_app("history", task=task.id)
    (shown,) = app.error
    for words in ("safety check refused", "Change the prompt", "Charged: no, this was practice"):
        assert words in shown.value
    assert "What the provider said" in [e.label for e in app.expander]
    (code,) = (c.value for c in app.code if "SAFETY" in c.value)
    assert "content policy violation <b>x</b>" in code


def test_cancel_says_what_it_costs(open_app: Open, studio: Studio) -> None:
    relay = studio.connections.add("Relay", profile="runway", key="key_123456789")
    queued = record(studio, "Queued", connection=relay.id)
    running = record(
        studio,
        "Running",
        connection=relay.id,
        status=TaskStatus.RUNNING,
        remote_id="r",
        finished_at=None,
        next_at=NOW,
        progress=0.45,
    )
    assert "Free: it has not been sent yet" in said(
        click(open_app("history", task=queued.id), "task.cancel")
    )
    app = click(open_app("history", task=running.id), "task.cancel")
    assert "usually charges" in said(app)
    assert "Making your video 45 %" in [bar.text for bar in app.get("progress")]
    click(app, "task.cancel.sure")
    assert studio.tasks.get(running.id).cancel_requested


def test_an_expired_file_can_be_fetched_again(open_app: Open, studio: Studio) -> None:
    task = record(studio, "Late", status=TaskStatus.SUCCEEDED, artifact_state=ArtifactState.EXPIRED)
    click(open_app("history", task=task.id), "task.fetch")
    assert studio.tasks.get(task.id).artifact_state is ArtifactState.DOWNLOADING


def test_an_uncertain_video_is_adopted_by_its_id(open_app: Open, studio: Studio) -> None:
    task = record(studio, "Lost", status=TaskStatus.UNCERTAIN, finished_at=None)
    app = click(open_app("history", task=task.id), "task.adopt")
    assert "Its id at the provider** is empty" in said(app)
    app.text_input(key="task.remote_id").input("found-1").run()
    click(app, "task.adopt")
    found = studio.tasks.get(task.id)
    assert (found.status, found.remote_id) == (TaskStatus.PENDING, "found-1")


def test_the_wire_is_shown_without_markup(open_app: Open, studio: Studio) -> None:
    task = record(studio, "A fox")
    exchange = Exchange(
        method="POST",
        url="https://api.example.com/v1/text_to_video",
        status_code=502,
        response_body="<html>![x](https://evil/p.png)</html>",
        started_at=NOW,
        elapsed_ms=31,
    )
    studio.store.tasks.move(task.id, [TaskStatus.QUEUED], now=NOW, exchanges=[exchange])
    app = open_app("history", task=task.id)
    app.session_state[f"wire.{task.id}"] = True
    app.session_state[f"wire.{task.id}.0.{NOW.timestamp()}"] = True
    app.run()
    assert not app.exception
    assert [fold.label for fold in app.expander if fold.label.endswith(":red[502] · 31 ms")]
    codes = [code.value for code in app.code]
    assert "POST https://api.example.com/v1/text_to_video" in codes
    assert "<html>![x](https://evil/p.png)</html>" in codes
    assert not [m for m in [*app.markdown, *app.caption] if "evil/p.png" in m.value]
    assert not [html for html in app.get("html") if "evil/p.png" in html.proto.body]


def test_markup_in_a_prompt_is_shown_as_text(open_app: Open, studio: Studio) -> None:
    evil = "![x](https://evil/p.png) <script>alert(1)</script> :smile:"
    task = finished(studio, evil)
    app = open_app("history", task=task.id)
    assert [text.value for text in app.text].count(evil) == 2
    for html in app.get("html"):
        assert "<script>" not in html.proto.body
    assert not [m for m in app.markdown if "evil/p.png" in m.value]


def test_a_video_is_found_by_the_name_of_its_model_on_the_card(
    open_app: Open, studio: Studio
) -> None:
    record(studio, "A quiet lake")
    app = open_app("history", q="Gen-4.5 lake")
    assert "A quiet lake" in said(app)
    assert "A quiet lake" not in said(open_app("history", q="Gen-3"))
