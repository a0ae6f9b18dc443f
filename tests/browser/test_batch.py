"""A list becomes videos: one row is wrong and mended, one fails and is made again, and the results are a table."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import App

LIST = """prompt,duration,seed
"A paper boat, drifting",2,1
The same boat at night,2x,2
fail: this one breaks,2,3
Morning fog,2,4
Lanterns on the water,2,5
A fox in the snow,2,6
"""


def _field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="One prompt a line")


def _paste(page: Page, text: str) -> None:
    _field(page).fill(text)
    _field(page).press("Control+Enter")


def _row(page: Page, number: int) -> Locator:
    return page.locator(f".st-key-batch-row-{number}")


@pytest.mark.browser
def test_six_prompts_are_checked_confirmed_made_and_the_failed_one_made_again(
    app: App, page: Page, browser: Browser
) -> None:
    page.goto(f"{app.url}/batch")
    _paste(page, LIST)
    expect(page.get_by_text("must be a whole number, not “2x”")).to_be_visible()
    make = page.get_by_role("button", name="Make 5 videos for free (practice)")
    expect(make).to_be_disabled()
    page.reload()  # what was written is still there
    expect(_field(page)).to_have_value(LIST)
    _paste(page, LIST.replace("2x", "2"))
    page.get_by_role("button", name="Make 6 videos for free (practice)").dblclick()
    expect(page.get_by_role("button", name="All batches")).to_be_visible()
    expect(page.get_by_text("Ready 5 · Failed 1")).to_be_visible(timeout=60_000)
    expect(_row(page, 3)).to_contain_text("Nothing was charged")
    _no_scroll_on_a_phone(browser, page.url)
    page.get_by_role("button", name="Try again what was not made").click()
    page.get_by_role("button", name="Make 1 video for free (practice)").click()
    expect(_row(page, 3).filter(has_text="Asked for 2 times")).to_be_visible()
    expect(page.get_by_text("Ready 5 · Failed 1")).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download results").click()
    _check_results(Path(download.value.path()).read_bytes(), app)
    studio = app.studio()
    assert studio.batches.page()[1] == 1
    studio.close()


def _no_scroll_on_a_phone(browser: Browser, url: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    phone = context.new_page()
    phone.goto(url)
    expect(phone.get_by_text("Ready 5 · Failed 1")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    context.close()


def _check_results(data: bytes, app: App) -> None:
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["row"] for row in rows] == ["2", "3", "4", "5", "6", "7"]
    assert [row["state"] for row in rows] == ["ready", "ready", "failed", *["ready"] * 3]
    assert rows[0]["prompt"] == "A paper boat, drifting" and rows[2]["why"]
    assert rows[0]["files"].startswith(f"{app.url}/app/static/desk/")
