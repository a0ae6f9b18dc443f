"""When something is wrong: what happened, did it cost money, what to do now, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from runway_core.domain import TaskStatus
from runway_core.store import TaskQuery
from tests.browser.conftest import App
from tests.browser.desk import choose, choose_photo, fill_form, generate, open_create, write_prompt
from tests.relay import Call, Relay


def make_one(page: Page, app: App, photo: Path) -> None:
    open_create(page, app)
    fill_form(page, photo, "wave")
    generate(page).click()


def open_details(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    for _ in range(
        3
    ):  # the list draws itself anew while something runs, and a click just then is lost
        page.get_by_role("button", name="Details").first.click()
        with suppress(AssertionError):
            expect(dialog).to_be_visible(timeout=6_000)
            return
    expect(dialog).to_be_visible()


def test_a_wrong_key_is_said_with_the_providers_words_below(
    relay_app: App, relay: Relay, page: Page, photo: Path
) -> None:
    refusal = {"error": {"message": "no such token (request id: 77)", "type": "new_api_error"}}
    relay.creates.append(lambda call: call.answer(401, refusal))
    make_one(page, relay_app, photo)
    expect(page.get_by_text("refused the API key").first).to_be_visible()
    open_details(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Charged: no").first).to_be_visible()
    dialog.get_by_text("What the provider said").click()
    expect(dialog.get_by_text("no such token (request id: 77)").first).to_be_visible()
    assert "canary" not in page.content()


def html(call: Call) -> None:
    call.answer(200, b"<html><h1>Welcome</h1></html>", Content_Type="text/html")


def reset(call: Call) -> None:
    call.reset()


@pytest.mark.parametrize("answer", [html, reset])
def test_an_unclear_answer_asks_the_person_and_never_pays_twice(
    relay_app: App, relay: Relay, page: Page, photo: Path, answer: Callable[[Call], None]
) -> None:
    relay.creates.append(answer)
    make_one(page, relay_app, photo)
    expect(page.get_by_text("may have been charged").first).to_be_visible()
    open_details(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Nothing was made: send again")).to_be_visible()
    expect(dialog.get_by_role("button", name="Write it off")).to_be_visible()
    remote_id = relay.make({"promptText": "wave"})
    dialog.get_by_label("Its id at the provider").fill(remote_id)
    dialog.get_by_role("button", name="I found its id").click()
    expect(dialog.locator("video")).to_be_visible(timeout=30_000)
    assert relay.posts == 1


def test_the_card_of_a_lost_answer_shows_the_balance_and_asks_before_it_pays_again(
    relay_app: App, relay: Relay, page: Page, photo: Path
) -> None:
    studio = relay_app.studio()
    studio.connections.add(
        "Our relay",
        profile="custom",
        base_url=relay.url,
        key="hk-canary-0002",
        unit_price=Decimal(25),
        unit="unit",
    )
    studio.close()
    relay.left = 500

    def charged_and_lost(call: Call) -> None:
        relay.left = 475
        call.reset()

    relay.creates.append(charged_and_lost)
    open_create(page, relay_app)
    choose(page, "Connection", "Our relay")
    fill_form(page, photo, "wave")
    generate(page).click()
    expect(page.get_by_text("1 video needs your decision")).to_be_visible()
    page.get_by_role("button", name="Decide").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Was this video made?")).to_be_visible()
    hint = "went down by 25 units, as much as this video costs"
    expect(dialog.get_by_text(hint)).to_be_visible(timeout=30_000)
    again = dialog.get_by_role("button", name="Nothing was made: send again")
    again.click()
    expect(dialog.get_by_text("If it was made after all, you pay twice.")).to_be_visible()
    dialog.get_by_role("button", name="Not now").click()
    expect(dialog.get_by_text("you pay twice")).to_have_count(0)
    dialog.get_by_label("Its id at the provider").fill(relay.make({"promptText": "wave"}))
    dialog.get_by_role("button", name="I found its id").click()
    expect(dialog.locator("video")).to_be_visible(timeout=30_000)
    page.keyboard.press("Escape")
    expect(page.get_by_text("Nothing needs your decision").first).to_be_visible()
    assert relay.posts == 1


def test_an_unreachable_provider_costs_nothing_and_is_tried_again(
    relay_app: App, relay: Relay, page: Page, photo: Path
) -> None:
    relay.close()
    make_one(page, relay_app, photo)
    expect(page.get_by_text("can't be reached").first).to_be_visible()
    page.get_by_role("button", name="Cancel").first.click()
    expect(page.get_by_text("Cancelled").first).to_be_visible()
    studio = relay_app.studio()
    (task,) = studio.tasks.page(TaskQuery()).tasks
    assert task.status is TaskStatus.CANCELLED
    studio.close()


BAD_PICTURES = {
    "empty.png": (b"", "empty"),
    "drawing.png": (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "SVG"),
    "torn.jpg": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 200, "torn.jpg"),
}


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_a_bad_picture_is_named_beside_its_field_and_the_good_one_stays(
    app: App, page: Page, photo: Path, name: str
) -> None:
    data, says = BAD_PICTURES[name]
    open_create(page, app)
    choose_photo(page, photo)
    mime = "image/jpeg" if name.endswith("jpg") else "image/png"
    page.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": mime, "buffer": data}
    )
    expect(page.get_by_text(says).first).to_be_visible()
    expect(page.get_by_text(photo.name, exact=True).first).to_be_visible()


def test_a_prompt_that_is_one_too_long_is_kept_whole_and_refused(
    app: App, page: Page, photo: Path
) -> None:
    open_create(page, app)
    fill_form(page, photo, "x" * 1000)
    write_prompt_over = "x" * 999 + "🦊"  # the fox counts as two
    field = page.get_by_role("textbox", name="Prompt")
    field.fill(write_prompt_over)
    field.blur()
    expect(page.get_by_text("1001 / 1000")).to_be_visible()
    expect(page.get_by_text("too long").first).to_be_visible()
    expect(field).to_have_value(write_prompt_over)
    write_prompt(page, "x" * 1000)
    expect(generate(page)).to_be_enabled()


def test_another_model_never_keeps_a_shape_that_it_lacks_and_says_so(
    app: App, page: Page, photo: Path
) -> None:
    open_create(page, app)
    fill_form(page, photo, "wave")
    page.get_by_role("radio", name="21:9").click()
    choose(page, "Model", "Gen-3 Alpha Turbo")
    expect(page.get_by_role("radio", name="5:3")).to_be_checked()
    expect(page.get_by_role("radio", name="21:9")).to_have_count(0)
    expect(page.get_by_text("2026-07-30").first).to_be_visible()
    expect(page.get_by_text("1280 × 768").first).to_be_visible()


def test_a_database_that_cant_be_read_is_said_in_words(app: App, page: Page) -> None:
    app.stop()
    (app.home / "desk.db").write_bytes(b"this is no database at all, only words" * 50)
    app.start()
    page.goto(app.url)
    expect(page.get_by_text("is not a Runway Desk database").first).to_be_visible()
    assert "Traceback" not in page.content()
    assert (app.home / "desk.db").read_bytes().startswith(b"this is no database")
