"""The batch page: a list is checked row by row, confirmed once, and followed."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import openpyxl  # type: ignore[import-untyped] # it ships no types
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from runway_core.domain import Connection, Period
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from tests.ui.conftest import Open, click, show
from tests.ui.conftest import said as as_drawn

WRONG = "prompt,duration\na fox,5\na boat,7x\na cat,10\n"


@pytest.fixture
def sandbox(studio: Studio) -> Connection:
    return studio.connections.by_name("Sandbox")


def said(app: AppTest) -> str:
    """Everything on the page; spaces that keep a cell together are spaces."""
    return as_drawn(app).replace("\N{NO-BREAK SPACE}", " ")


def key(app: AppTest, name: str) -> str:
    return f"batch.{app.session_state['batch.draft'].edition}.{name}"


def paste(app: AppTest, text: str) -> AppTest:
    app.text_area(key=key(app, "text")).input(text).run()
    assert not app.exception
    return app


def button(app: AppTest) -> Any:
    return app.button(key="batch.make")


def opened(app: AppTest, batch_id: str) -> AppTest:
    return show(app, "batch", batch=batch_id)


def upload(app: AppTest, at: int, name: str, data: bytes) -> None:
    field: Any = app.get("file_uploader")[at]
    field.upload(name, data).run()
    assert not app.exception


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1280, 720), "teal").save(file, "PNG")
    return file.getvalue()


def test_a_wrong_row_is_named_mended_and_then_all_are_made_once(
    open_app: Open, studio: Studio
) -> None:
    app = paste(open_app("batch"), WRONG)
    shown = said(app)
    assert "1 row can't be made yet" in shown and "must be a whole number, not “7x”" in shown
    assert button(app).disabled
    paste(app, WRONG.replace("7x", "5"))
    assert not button(app).disabled and button(app).label == "Make 3 videos for free (practice)"
    button(app).click().run()
    assert not app.exception
    (progress,), total = studio.batches.page()
    assert (total, progress.batch.size, progress.waits) == (1, 3, 3)
    assert app.query_params["batch"] == progress.batch.id
    assert "Row 2" in said(app) and "Its turn comes." in said(app)
    assert studio.tasks.page(TaskQuery()).total == 0  # the engine asks, and none runs here


def test_two_tabs_with_the_same_list_make_one_batch(open_app: Open, studio: Studio) -> None:
    one = paste(open_app("batch"), "a fox\na boat")
    other = open_app("batch")
    assert other.text_area(key=key(other, "text")).value == "a fox\na boat"
    button(one).click().run()
    button(other).click().run()
    assert not one.exception and not other.exception
    assert studio.batches.page()[1] == 1
    again = open_app("batch")
    assert again.text_area(key=key(again, "text")).value == ""


def test_a_list_that_is_handed_over_fills_the_page(open_app: Open, studio: Studio) -> None:
    other = studio.connections.add("Official", profile="runway", key="key_canary_0001")
    app = open_app()
    app.session_state["batch.handed"] = {"text": "prompt\na fox\n", "connection": other.id}
    show(app, "batch")
    assert app.text_area(key=key(app, "text")).value == "prompt\na fox\n"
    assert "for at most" in button(app).label
    assert button(app).label.startswith("Make 1 video for at most")


def test_a_sheet_is_put_into_the_list_where_it_can_be_mended(open_app: Open) -> None:
    book = openpyxl.Workbook()
    for row in (["提示词", "时长"], ["a fox", 5], ["a boat", 10]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    app = open_app("batch")
    upload(app, -1, "videos.xlsx", file.getvalue())
    assert not app.exception
    assert app.text_area(key=key(app, "text")).value == "提示词,时长\na fox,5\na boat,10\n"
    assert button(app).label.startswith("Make 2 videos")
    upload(app, -1, "videos.xlsx", b"PK\x03\x04 no sheet")
    assert "can't be read as an XLSX file" in said(app)


def test_pictures_are_called_by_their_names(open_app: Open, studio: Studio) -> None:
    app = open_app("batch")
    upload(app, 0, "Fox.png", png())
    assert not app.exception
    paste(app, "prompt,image\nit turns its head,fox.PNG\nit runs,cat.png\n")
    assert "“cat.png” is no link, and none of your pictures" in said(app)
    paste(app, "prompt,image\nit turns its head,fox.PNG\n")
    button(app).click().run()
    (progress,), _ = studio.batches.page()
    (view,) = studio.batches.rows(progress.batch.id)
    assert view.row.request.frames[0].asset is not None
    again = open_app("batch")
    assert "Fox.png" not in said(again)
    paste(again, "prompt,image\nit runs,fox.png\n")  # brought in before
    assert not button(again).disabled


def test_a_matrix_is_made_of_prompts_and_seeds(open_app: Open, studio: Studio) -> None:
    app = open_app("batch")
    app.segmented_control(key=key(app, "mode")).select("matrix").run()
    app.text_area(key=key(app, "prompts")).input("a fox\na boat").run()
    app.text_input(key=key(app, "seeds")).input("1, two").run()
    assert "must be whole numbers" in said(app)
    app.text_input(key=key(app, "seeds")).input("1, 2, 3").run()
    assert button(app).label.startswith("Make 6 videos")
    button(app).click().run()
    (progress,), _ = studio.batches.page()
    seeds = [view.row.request.seed for view in studio.batches.rows(progress.batch.id)]
    assert seeds == [1, 2, 3, 1, 2, 3]


def test_what_waits_for_a_budget_is_said_before_and_after(
    open_app: Open, studio: Studio, sandbox: Connection
) -> None:
    studio.budgets.set(sandbox, {Period.DAY: Decimal(60)})
    app = paste(open_app("batch"), "a fox\na boat\na cat")
    assert "1 can be asked for now, 2 wait and go on by themselves" in said(app)
    assert "are left of the budget" in said(app)
    button(app).click().run()
    studio.feeding.feed()
    (progress,), _ = studio.batches.page()
    app = opened(open_app("batch"), progress.batch.id)
    bars: list[Any] = list(app.get("progress"))
    assert "Waiting 2" in "".join(bar.proto.text for bar in bars)
    assert "are left of the budget" in said(app)


def test_a_batch_is_paused_gone_on_with_and_stopped(open_app: Open, studio: Studio) -> None:
    app = paste(open_app("batch"), "a fox\na boat")
    button(app).click().run()
    (progress,), _ = studio.batches.page()
    studio.feeding.feed()
    click(app, "batch.pause")
    assert studio.batches.progress(progress.batch.id).rows == {"waiting": 2}
    assert "Paused: nothing more is asked for" in said(app)
    click(app, "batch.resume")
    click(app, "batch.stop")
    assert "That is free" in said(app)
    click(app, "batch.stop.sure")
    assert studio.batches.progress(progress.batch.id).rows == {"stopped": 2}
    click(app, "batch.again")
    assert "paid for once more" in said(app)
    click(app, "batch.again.sure")
    assert studio.batches.progress(progress.batch.id).rows == {"waiting": 2}


@pytest.mark.parametrize("address", ["nonsense", "' OR 1=1", "../../etc"])
def test_an_address_of_no_batch_says_so(open_app: Open, address: str) -> None:
    app = opened(open_app("batch"), address)
    assert "There is no such batch here." in said(app)
    click(app, "batch.back")
    assert "One prompt a line" in "".join(area.label for area in app.text_area)


def test_nothing_of_a_list_is_read_as_markup(open_app: Open) -> None:
    app = paste(open_app("batch"), "prompt,model\n**a** | <b> :red[x] [l](http://a.b),g|9\n")
    table = next(m.value for m in app.markdown if m.value.startswith("| Row"))
    row = table.splitlines()[2]
    assert "\\*\\*a\\*\\*" in row and "\\|" in row and "\\<b\\>" in row and "\\[l\\]" in row
    assert row.replace("\\|", "").count("|") == 6
