"""What has grown around the form: links, drafts, prompts, files from before, several videos by one click."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from runway_core.domain import Capability, MediaKind, Period, Task
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from tests.pictures import near, opened
from tests.shelf import MP4, picture
from tests.ui.conftest import Open, choose, click, field_key, said, show
from tests.ui.filling import widgets
from tests.ui.test_kept_pictures import keep as keep_task


def write(app: AppTest, prompt: str) -> AppTest:
    app.text_area(key=field_key(app, "prompt")).input(prompt).run()
    assert not app.exception
    return app


def prompt_of(app: AppTest) -> str:
    return str(app.text_area(key=field_key(app, "prompt")).value)


def words_to_video(open_app: Open, prompt: str = "A fox turns its head in soft light") -> AppTest:
    return write(choose(open_app(), Capability.TEXT_TO_VIDEO), prompt)


def made(studio: Studio) -> tuple[Task, ...]:
    return studio.tasks.page(TaskQuery(limit=50)).tasks


def open_link(open_app: Open, **query: str) -> AppTest:
    app = open_app()
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def paid(studio: Studio, **more: Any) -> None:
    """A connection with Runway's published prices."""
    studio.connections.add("Official", profile="runway", key="key_canary_0123456789", **more)


# --- links -----------------------------------------------------------------------------------------


def test_a_link_fills_the_form_sends_nothing_and_loses_nothing(
    open_app: Open, studio: Studio
) -> None:
    words_to_video(open_app, "What I had begun")
    app = open_link(
        open_app,
        make="text_to_video",
        model="gen4.5",
        prompt="A boat at dawn",
        shape="720:1280",
        seconds="8",
        seed="42",
        files="first",
    )
    form = app.session_state["create.form"]
    assert (form.prompt, form.ratio, form.duration, form.seed) == (
        "A boat at dawn",
        "720:1280",
        8,
        42,
    )
    assert "A link has filled this form" in said(app) and "First frame" in said(app)
    assert made(studio) == ()
    assert not dict(app.query_params)  # a reload does not fill it again
    click(app, "create.drafts")
    assert "What I had begun" in said(app)
    click(app, "create.drafts.unfinished.0.open")
    assert prompt_of(app) == "What I had begun"
    click(app, "create.drafts")
    assert "A boat at dawn" in said(app)  # nor is that one lost


def test_the_link_of_the_form_opens_the_same_form(open_app: Open, studio: Studio) -> None:
    app = words_to_video(open_app, "Rain & neon? 100 %")
    before = app.session_state["create.form"]
    click(app, "create.way.link")
    (link,) = [code.value for code in app.code if code.value.startswith("http")]
    again = open_link(open_app, **dict(parse_qsl(link.partition("?")[2])))
    after = again.session_state["create.form"]
    same = {"prompt", "model", "capability", "ratio", "duration", "seed", "connection_id"}
    assert after.model_dump(include=same) == before.model_dump(include=same)
    assert after.draft_id != before.draft_id


# --- drafts and prompts ----------------------------------------------------------------------------


def test_drafts_have_names_and_each_opened_one_is_a_wish_of_its_own(
    open_app: Open, studio: Studio
) -> None:
    app = words_to_video(open_app, "The first wish in soft light")
    click(app, "create.drafts")
    click(app, "create.drafts.keep")
    assert "give it one to find it by" in said(app)
    app.text_input(key="create.drafts.name").input("  For  Monday ").run()
    click(app, "create.drafts.keep")
    assert "For Monday" in said(app)
    click(app, "create.generate")
    click(app, "create.drafts.draft.0.open")
    click(app, "create.generate")
    assert [task.request.prompt for task in made(studio)] == ["The first wish in soft light"] * 2
    click(app, "create.drafts")
    click(app, "create.drafts.draft.0.forget")
    assert studio.shelf.drafts() == [] and "Nothing is kept yet" in said(app)


def test_chips_write_plain_words_at_the_end(open_app: Open) -> None:
    app = words_to_video(open_app, "A fox.")
    app.pills(key="create.chip.Camera").select("slow push in").run()
    app.pills(key="create.chip.Light and mood").select("golden hour").run()
    assert prompt_of(app) == "A fox. Slow push in, golden hour"
    assert app.pills(key="create.chip.Camera").value is None
    app.pills(key="create.chip.Camera").select("pull back").run()
    assert "are at odds" in said(app)


def test_prompts_from_before_are_found_by_words_and_kept_by_name(
    open_app: Open, studio: Studio
) -> None:
    app = words_to_video(open_app, "A lighthouse in a storm, low angle")
    click(app, "create.generate")
    write(app, "Ships in the harbour, wide shot")
    click(app, "create.generate")
    click(app, "create.prompts")
    app.text_input(key="create.prompts.q").input("lighthouse").run()
    assert [b.label for b in app.button if (b.key or "").startswith("create.prompts.used")] == [
        "A lighthouse in a storm, low angle"
    ]
    click(app, "create.prompts.used.0")
    assert prompt_of(app) == "A lighthouse in a storm, low angle"
    click(app, "create.prompts")
    app.text_input(key="create.prompts.name").input("Storm").run()
    click(app, "create.prompts.keep")
    assert [(kept.name, kept.content) for kept in studio.shelf.prompts()] == [
        ("Storm", "A lighthouse in a storm, low angle")
    ]
    click(app, "create.prompts.example.0")
    assert "Slow push in" in prompt_of(app)


# --- files -----------------------------------------------------------------------------------------


def test_a_file_from_before_is_used_again(open_app: Open, studio: Studio) -> None:
    asset = studio.assets.add(picture(), filename="lake.png")
    studio.assets.add(BytesIO(MP4), filename="walk.mp4", kinds=(MediaKind.VIDEO,))
    app = open_app()
    click(app, "create.first.library")
    assert "lake.png" in said(app) and "walk.mp4" not in said(app)
    click(app, f"create.library.{asset.sha256}")
    assert app.session_state["create.form"].first.asset == asset.sha256
    assert not [b for b in app.button if (b.key or "").startswith("create.library.")]


def test_a_shot_goes_on_with_its_last_frame(open_app: Open, studio: Studio) -> None:
    task_id = keep_task(studio, MP4, ".mp4", "video/mp4", prompt="The light turns", seed=7)
    app = show(open_app(), "history", task=task_id)
    app.button(key="task.continue.0").click().run()
    show(app, "create")
    form = app.session_state["create.form"]
    assert (form.capability, form.prompt, form.model) == (
        "image_to_video",
        "The light turns",
        "gen4.5",
    )
    assert form.seed != 7
    frame: Image.Image = opened(studio.assets.path(form.first.asset).read_bytes())
    assert frame.size == (320, 180) and near(frame, (160, 90), (0, 0, 255))  # it begins red
    assert widgets(app)["prompt"].value == "The light turns"


# --- several at once -------------------------------------------------------------------------------


def test_four_seeds_are_priced_together_and_paid_once_each(open_app: Open, studio: Studio) -> None:
    paid(studio)
    app = words_to_video(open_app)
    official = studio.connections.by_name("Official")
    app.selectbox(key=field_key(app, "connection")).select(official.id).run()
    click(app, "create.way.samples")
    assert "240 credits" in said(app) and "60 credits" in said(app) and made(studio) == ()
    sure = next(b.key or "" for b in app.button if "samples.sure" in (b.key or ""))
    click(app, sure)
    tasks = made(studio)
    assert len(tasks) == len({task.request.seed for task in tasks}) == 4
    assert "Nothing is paid twice" in app.success[0].value
    again = open_app()  # another tab, or after a reload
    click(again, "create.way.samples")
    assert "All 4 are on their way" in again.success[0].value and len(made(studio)) == 4
    click(again, "create.samples.more")
    click(again, "create.samples.sure.1")
    assert len(made(studio)) == 8


def test_a_hard_budget_refuses_all_four_before_the_first(open_app: Open, studio: Studio) -> None:
    paid(studio)
    official = studio.connections.by_name("Official")
    studio.budgets.set(official, {Period.DAY: Decimal(100)}, hard=True)
    app = words_to_video(open_app)
    app.selectbox(key=field_key(app, "connection")).select(official.id).run()
    assert not app.button(key="create.generate").disabled  # one fits
    click(app, "create.way.samples")
    assert app.button(key="create.samples.sure.0").disabled


def test_the_keys_for_generate_are_the_button_itself_and_not_in_a_window(open_app: Open) -> None:
    app = words_to_video(open_app)
    assert app.button(key="create.generate").proto.shortcut == "ctrl+enter"
    click(app, "create.drafts")
    assert app.button(key="create.generate").proto.shortcut == ""


@pytest.mark.parametrize("tab", [0, 1, 2])
def test_code_names_the_environment_and_no_key(open_app: Open, studio: Studio, tab: int) -> None:
    paid(studio)
    app = words_to_video(open_app, "A fox, close-up")
    official = studio.connections.by_name("Official")
    app.selectbox(key=field_key(app, "connection")).select(official.id).run()
    click(app, "create.way.code")
    text = app.code[tab].value
    assert "A fox, close-up" in text and "canary" not in text
    assert ("RUNWAY_API_KEY" in text) == (tab < 2)
