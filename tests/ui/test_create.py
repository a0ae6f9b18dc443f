"""The create page: what is kept, what is refused, and what is paid once."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from runway_core.domain import TaskStatus
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from tests.ui.conftest import Open, choose, click, field_key, said, show


def words_to_video(app: AppTest, prompt: str = "A fox in the snow") -> AppTest:
    choose(app, "text_to_video", "gen4.5")
    app.text_area(key=field_key(app, "prompt")).input(prompt).run()
    assert not app.exception
    return app


def prompts(studio: Studio) -> list[str]:
    return [task.request.prompt for task in studio.tasks.page(TaskQuery(limit=100)).tasks]


def picture(width: int = 1600, height: int = 900, kind: str = "PNG", red: int = 90) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), (red, 140, 200)).save(out, kind)
    return out.getvalue()


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    app.file_uploader[0].upload(name, data).run()
    assert not app.exception
    return app


@pytest.mark.parametrize("name", ["create", "history", "pricing", "settings"])
def test_every_page_opens_on_an_empty_home(open_app: Open, name: str) -> None:
    app = open_app(name)
    assert not app.exception and not app.error
    assert app.title[0].value == name.capitalize()


def test_the_sandbox_is_ready_and_free_from_the_start(open_app: Open) -> None:
    app = open_app()
    assert "Sandbox · practice: free" in app.selectbox(key=field_key(app, "connection")).options
    assert "Free" in said(app)
    assert app.button(key="create.generate").disabled
    assert "First frame** gen4_turbo needs a picture" in said(app)


def test_a_sample_picture_and_one_click_make_one_task(open_app: Open, studio: Studio) -> None:
    app = click(open_app(), "create.first.sample")
    assert "sample.jpg" in said(app)
    click(app, "create.generate")
    (task,) = studio.tasks.page(TaskQuery()).tasks
    assert task.status is TaskStatus.QUEUED and task.request.frames[0].asset
    assert task.request.seed == app.number_input(key=field_key(app, "seed")).value
    assert "Waiting to be sent" in [bar.text for bar in app.get("progress")]


def test_five_clicks_make_one_task(open_app: Open, studio: Studio) -> None:
    words_to_video(open_app())
    tabs = [open_app() for _ in range(5)]
    for tab in tabs:
        click(tab, "create.generate")
        assert "On its way** – change something, or make another" in said(tab)
    assert prompts(studio) == ["A fox in the snow"]


def test_a_reload_and_a_second_tab_with_the_same_form_make_one_task(
    open_app: Open, studio: Studio
) -> None:
    first = words_to_video(open_app())
    second = open_app()
    assert second.text_area(key=field_key(second, "prompt")).value == "A fox in the snow"
    click(first, "create.generate")
    second.button(key="create.generate").click().run()
    third = open_app()
    assert "change something, or make another" in said(third)
    click(third, "create.generate")
    assert prompts(studio) == ["A fox in the snow"]


def test_two_tabs_opened_on_a_new_home_share_one_draft(open_app: Open, studio: Studio) -> None:
    first, second = open_app(), open_app()
    words_to_video(first)
    words_to_video(second)
    click(first, "create.generate")
    click(second, "create.generate")
    assert prompts(studio) == ["A fox in the snow"]


def test_changed_content_makes_a_second_task(open_app: Open, studio: Studio) -> None:
    app = click(words_to_video(open_app()), "create.generate")
    app.text_area(key=field_key(app, "prompt")).input("A fox in the rain").run()
    assert "make another" not in said(app)
    click(app, "create.generate")
    assert prompts(studio) == ["A fox in the rain", "A fox in the snow"]
    app.text_area(key=field_key(app, "prompt")).input("A fox in the snow").run()
    click(app, "create.generate")
    assert prompts(studio) == ["A fox in the rain", "A fox in the snow"]


def test_the_last_change_and_the_click_may_come_together(open_app: Open, studio: Studio) -> None:
    app = words_to_video(open_app())
    app.text_area(key=field_key(app, "prompt")).input("Typed just before the click")
    app.button(key="create.generate").click().run()
    assert prompts(studio) == ["Typed just before the click"]


def test_make_another_is_a_new_task_with_a_new_seed(open_app: Open, studio: Studio) -> None:
    app = click(words_to_video(open_app()), "create.generate")
    click(click(app, "create.another"), "create.generate")
    newer, older = studio.tasks.page(TaskQuery()).tasks
    assert newer.request.prompt == older.request.prompt
    assert newer.request.seed != older.request.seed


def test_make_another_keeps_the_seed_when_told_to(open_app: Open, studio: Studio) -> None:
    app = words_to_video(open_app())
    app.checkbox(key=field_key(app, "seed_kept")).check().run()
    click(click(click(app, "create.generate"), "create.another"), "create.generate")
    newer, older = studio.tasks.page(TaskQuery()).tasks
    assert newer.request == older.request


def test_the_form_survives_other_pages_and_a_new_session(open_app: Open) -> None:
    app = words_to_video(open_app(), "Kept")
    app.pills(key=field_key(app, "ratio")).select("720:1280").run()
    app.pills(key=field_key(app, "duration")).select(8).run()
    app.number_input(key=field_key(app, "seed")).set_value(77).run()
    for again in (show(show(app, "history"), "create"), open_app()):
        assert again.text_area(key=field_key(again, "prompt")).value == "Kept"
        assert again.selectbox(key=field_key(again, "model")).value == "gen4.5"
        assert again.pills(key=field_key(again, "ratio")).value == "720:1280"
        assert again.pills(key=field_key(again, "duration")).value == 8
        assert again.number_input(key=field_key(again, "seed")).value == 77


def test_a_model_without_the_ratio_gets_the_nearest_and_says_so(open_app: Open) -> None:
    app = open_app()
    app.pills(key=field_key(app, "ratio")).select("1104:832").run()
    choose(app, "text_to_video", "gen4.5")
    chosen = app.pills(key=field_key(app, "ratio"))
    assert chosen.value == "1280:720" and len(chosen.options) == 2
    assert any("1280:720" in note.value and "1104:832" in note.value for note in app.info)
    choose(app, "image_to_video", "gen3a_turbo")
    assert app.pills(key=field_key(app, "ratio")).value == "1280:768"
    assert any("Runway ended gen3a_turbo" in note.value for note in app.warning)


@pytest.mark.parametrize("text", ["x" * 1001, "🦊" * 500 + "x"])
def test_a_prompt_too_long_by_one_is_refused_by_name_and_kept(
    open_app: Open, studio: Studio, text: str
) -> None:
    app = words_to_video(open_app(), text)
    click(app, "create.generate")
    assert prompts(studio) == []
    assert "Prompt** is 1 too long" in said(app) and "1001 / 1000" in said(app)
    assert app.text_area(key=field_key(app, "prompt")).value == text


@pytest.mark.parametrize("text", ["x" * 1000, "🦊" * 500])
def test_a_prompt_of_exactly_the_limit_may_be_sent(open_app: Open, text: str) -> None:
    app = words_to_video(open_app(), text)
    assert not app.button(key="create.generate").disabled
    assert "1000 / 1000" in said(app)


@pytest.mark.parametrize(
    "data",
    [b"", b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', picture()[:400], b"\0" * 2000],
    ids=["empty", "svg", "cut off", "zeros"],
)
def test_a_bad_picture_is_named_and_the_one_before_stays(open_app: Open, data: bytes) -> None:
    app = upload(open_app(), "good.png", picture())
    upload(app, "bad.png", data)
    assert "First frame**: bad.png" in said(app)
    assert "good.png" in said(app) and "The file you had stays" in said(app)
    assert not app.button(key="create.generate").disabled
    upload(app, "better.jpg", picture(kind="JPEG", red=200))
    assert "bad.png" not in said(app) and "better.jpg" in said(app)


def test_a_crop_is_offered_only_when_something_is_cut(open_app: Open, studio: Studio) -> None:
    app = upload(open_app(), "wide.png", picture(1280, 720))
    assert not app.slider
    app.pills(key=field_key(app, "ratio")).select("720:1280").run()
    assert app.slider[0].label == "Keep: left to right"
    app.slider[0].set_value(80).run()
    click(app, "create.generate")
    (task,) = studio.tasks.page(TaskQuery()).tasks
    assert task.request.frames[0].focus == (0.8, 0.5)


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("http://example.com/a.png", "https"),
        ("https://127.0.0.1/a.png", "site"),
        ("nonsense", "https"),
    ],
)
def test_a_bad_link_is_named_beside_its_field(open_app: Open, link: str, why: str) -> None:
    app = open_app()
    app.segmented_control(key=field_key(app, "first.mode")).select("link").run()
    app.text_input(key=field_key(app, "first.link")).input(link).run()
    assert app.button(key="create.generate").disabled
    assert "The link must" in said(app) and why in said(app)


def test_a_good_link_is_asked_for_as_it_is(open_app: Open, studio: Studio) -> None:
    app = open_app()
    app.segmented_control(key=field_key(app, "first.mode")).select("link").run()
    app.text_input(key=field_key(app, "first.link")).input(" https://example.com/a.png ").run()
    assert "can't be shown or cropped here" in said(app)
    click(app, "create.generate")
    (task,) = studio.tasks.page(TaskQuery()).tasks
    assert task.request.frames[0].uri == "https://example.com/a.png"


def test_a_relay_without_a_price_says_so_and_a_disputed_last_frame_is_told(
    open_app: Open, studio: Studio
) -> None:
    relay = studio.connections.add("Relay", profile="openai-hk", key="hk-secret-0001")
    app = open_app()
    app.selectbox(key=field_key(app, "connection")).select(relay.id).run()
    assert not app.exception
    assert "Price not known" in said(app)
    assert "takes only a first frame" in said(app)
    assert app.pills(key=field_key(app, "duration")).options == ["5 s", "10 s"]


def test_new_video_empties_the_form(open_app: Open, studio: Studio) -> None:
    app = click(words_to_video(open_app()), "create.generate")
    click(app, "create.new")
    assert app.text_area(key=field_key(app, "prompt")).value == ""
    assert app.selectbox(key=field_key(app, "model")).value == "gen4.5"
    click(words_to_video(app), "create.generate")
    assert len(prompts(studio)) == 2


def test_a_queued_video_is_cancelled_for_nothing(open_app: Open, studio: Studio) -> None:
    app = click(words_to_video(open_app()), "create.generate")
    (task,) = studio.tasks.page(TaskQuery()).tasks
    stop = app.button(key=f"create.cancel.{task.id}")
    assert "Free" in stop.help
    stop.click().run()
    assert studio.tasks.get(task.id).status is TaskStatus.CANCELLED


def test_markup_in_a_prompt_is_shown_as_text(open_app: Open) -> None:
    evil = "![x](https://evil/p.png) <script>alert(1)</script>"
    app = click(words_to_video(open_app(), evil), "create.generate")
    assert evil in [text.value for text in app.text]
    for kind in ("markdown", "caption", "html", "info"):
        assert not [e for e in app.get(kind) if "evil/p.png" in str(getattr(e, "value", e))]
