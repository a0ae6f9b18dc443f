"""The pricing page as people use it: on a desktop and on a phone, in light and dark, by a link, and on from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import App

KEY = "hk-canary-0001"
COLOURED = """chart => [...chart.querySelectorAll("canvas")].some(canvas => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
    let found = 0
    for (let at = 0; at < data.length; at += 4) {
        const [red, green, blue, alpha] = data.slice(at, at + 4)
        if (alpha > 200 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) found++
    }
    return found > 200
})"""
"""Whether there is more on a chart than axes and words, which are grey."""


@pytest.fixture
def priced(app: App) -> Iterator[App]:
    """The app with somebody who has published prices, somebody whose price was entered, and one without."""
    studio = app.studio()
    studio.connections.add("Official", profile="runway", key=KEY, options={"plan": "tier-1"})
    studio.connections.add(
        "Hong Kong", profile="openai-hk", key=KEY, unit_price=Decimal("0.9"), unit="CNY"
    )
    studio.connections.add("Unpriced", profile="yunwu", key=KEY)
    studio.currencies.choose("USD", {"CNY": "0.14"})
    studio.close()
    yield app


def row(page: Page, *words: str) -> Locator:
    """The row that holds these words."""
    found = page.locator("[class*='st-key-pricing-row']")
    for text in words:
        found = found.filter(has_text=text)
    return found.first


def settled(page: Page) -> None:
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")


def drawn(page: Page, name: str) -> None:
    """A chart is told in words, and there are coloured lines or bars on it."""
    chart = page.get_by_role("img", name=name)
    expect(chart).to_be_visible()
    page.wait_for_function(COLOURED, arg=chart.element_handle())


def test_prices_are_compared_shared_and_taken_to_create(
    priced: App, page: Page, browser: Browser
) -> None:
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content" in said.text else None)
    page.goto(f"{priced.url}/pricing")
    page.get_by_role("combobox", name="Models").fill("Gen-4 Turbo")
    page.get_by_role("option", name="Gen-4 Turbo").first.click()
    page.keyboard.press("Escape")
    page.get_by_role("spinbutton", name="Number of videos").fill("20")
    page.get_by_role("spinbutton", name="Number of videos").press("Enter")
    expect(row(page, "Official")).to_contain_text("500 credits")
    expect(row(page, "Official")).to_contain_text("US$5.00")
    expect(row(page, "Hong Kong")).to_contain_text("18 CNY · US$2.52 · for 20")
    expect(row(page, "Hong Kong")).to_contain_text("Cheapest")
    expect(row(page, "Unpriced")).to_contain_text("Price not known")
    expect(row(page, "Unpriced").get_by_role("link", name="Enter the price")).to_be_visible()
    drawn(page, "Cost of one by its length")
    page.get_by_role("spinbutton", name="Seconds that one takes").fill("60")
    page.get_by_role("spinbutton", name="Seconds that one takes").press("Enter")
    expect(page.get_by_text("20 videos are finished after about")).to_be_visible()
    drawn(page, "When videos are sent and finished")
    page.get_by_role("button", name="Share").click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    assert link.startswith(f"{priced.url}/pricing?") and "canary" not in link
    page.keyboard.press("Escape")
    settled(page)
    for width in (360, 1280):
        look_at_in_the_dark(browser, link, width)
    row(page, "Official").get_by_role("button", name="Use in Create").click()
    expect(page.get_by_role("heading", name="Create")).to_be_visible()
    expect(page.get_by_text("25 credits · US$0.25")).to_be_visible()
    expect(page.get_by_role("combobox", name="Connection")).to_have_value(re.compile("Official"))
    page.get_by_role("link", name="Pricing").first.click()  # it is as it was left
    expect(row(page, "Official")).to_contain_text("500 credits")
    assert refused == []


def look_at_in_the_dark(browser: Browser, link: str, width: int) -> None:
    """Somebody else opens a link to the page."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark", device_scale_factor=1
    )
    page = context.new_page()
    page.goto(link)
    expect(row(page, "Official")).to_contain_text("500 credits")
    expect(page.get_by_text("20 videos are finished after about")).to_be_visible()
    drawn(page, "Cost of one by its length")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("m => m.scrollWidth - m.clientWidth") <= 0
    context.close()


def test_a_list_is_priced_from_a_file_mended_and_handed_to_batch(
    priced: App, page: Page, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text("prompt,duration\na fox in the snow,5\na ship at sea,40\n")
    page.goto(f"{priced.url}/pricing?models=gen4_turbo&sort=connection&takes=30")
    expect(page.get_by_role("heading", name="A list of prompts")).to_be_visible()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("1 row can't be made as it is")).to_be_visible()
    expect(page.get_by_role("row", name="a ship at sea")).to_contain_text(
        "makes 2 to 10 s, not 40 s"
    )
    expect(page.get_by_text("1 video: 25 credits · US$0.25")).to_be_visible()
    field = page.get_by_role("textbox", name="Prompts, one in each line")
    expect(field).to_have_value(file.read_text())
    field.fill("prompt,duration\na fox in the snow,5\na ship at sea,10\n")
    page.get_by_role("button", name="Price them").click()
    expect(page.get_by_text("2 videos: 75 credits · US$0.75")).to_be_visible()
    page.get_by_role("button", name="Go on in Batch").click()
    expect(page.get_by_role("heading", name="Batch")).to_be_visible()
