"""Settings, history and pricing as a person uses them, on a desktop and on a phone, in light and dark."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from runway_core.store import TaskQuery
from tests.browser.conftest import App
from tests.browser.desk import (
    check_plays_and_seeks,
    choose,
    fill_form,
    generate,
    open_create,
    wait_for_video,
)
from tests.builders import request
from tests.relay import Relay, small_video

KEY = "hk-canary-key-4711"
PAGES = {
    "/": "Create",
    "/history": "History",
    "/pricing": "Pricing",
    "/settings": "Settings",
    "/team": "Team",
}


def test_a_relay_needs_nothing_but_a_base_url_and_a_key(
    tmp_path: Path, relay: Relay, page: Page, photo: Path
) -> None:
    (tmp_path / "home").mkdir()
    app = App(tmp_path / "home", private_hosts=f"127.0.0.1:{relay.port}")
    app.start()
    page.goto(f"{app.url}/settings")
    page.get_by_label("Name", exact=True).fill("Hong Kong")
    page.get_by_label("Address", exact=True).fill(f"{relay.url}/runwayml/v1/")
    page.get_by_label("API key").fill(f"  {KEY}\n")
    called = f"POST {relay.url}/runwayml/v1/image_to_video"
    expect(page.get_by_text(called).first).to_be_visible()
    page.get_by_role("button", name="Save connection").click()
    expect(page.get_by_text("key …4711").first).to_be_visible()
    card = page.locator("[class*='st-key-settings-card']").filter(has_text="Hong Kong")
    card.get_by_role("button", name="Check this connection").click()
    expect(card.get_by_text("Hong Kong can be used")).to_be_visible()
    expect(card.get_by_text("Nothing was made and nothing charged")).to_be_visible()
    assert relay.posts == 0
    assert "canary" not in page.content()
    page.get_by_role("link", name="Create").first.click()
    choose(page, "Connection", "Hong Kong")
    fill_form(page, photo, "wave")
    expect(page.get_by_text("published").first).to_be_visible()  # the price: nobody published it
    generate(page).click()
    check_plays_and_seeks(wait_for_video(page), seek_to=0.5)
    assert relay.posts == 1
    assert relay.headers[0]["Authorization"] == f"Bearer {KEY}"
    for file in filter(Path.is_file, app.home.rglob("*")):
        assert b"canary" not in file.read_bytes(), file
    assert "canary" not in app.log.read_text()
    app.kill()


def make_videos(app: App, prompts: list[str]) -> None:
    """Have the running app make some videos, and wait for them."""
    studio = app.studio()
    connection = studio.connections.by_name("Relay")
    for prompt in prompts:
        wish = request(prompt=prompt, ratio="720:1280", duration=8, seed=4242)
        studio.tasks.submit(wish, connection=connection, token=prompt)
    waiter = threading.Event()
    for _ in range(300):
        if studio.tasks.count_open() == 0:
            break
        waiter.wait(0.1)
    assert studio.tasks.count_open() == 0
    studio.close()


def cards(page: Page) -> list[str]:
    found = page.locator("[class*='st-key-history-card']")
    return found.all_inner_texts()


def test_history_pages_searches_opens_repeats_and_deletes(
    relay_app: App, relay: Relay, page: Page, browser: Browser
) -> None:
    make_videos(relay_app, [f"scene {number:02}" for number in range(12)] + ["a red fox"])
    page.goto(f"{relay_app.url}/history")
    expect(page.get_by_text("a red fox")).to_be_visible()
    expect(page.locator("[class*='st-key-history-card']")).to_have_count(12)
    page.get_by_role("button", name="Page 2").click()
    expect(page.locator("[class*='st-key-history-card']")).to_have_count(1)
    expect(page.get_by_text("scene 00")).to_be_visible()
    page.get_by_placeholder("Words in the prompt").fill("RED fox")
    page.get_by_placeholder("Words in the prompt").press("Enter")
    expect(page.get_by_text("a red fox")).to_be_visible()
    expect(page.locator("[class*='st-key-history-card']")).to_have_count(1)
    page.wait_for_url("**/history?*q=*")
    page.reload()  # the filter is in the address
    expect(page.locator("[class*='st-key-history-card']")).to_have_count(1)
    page.get_by_role("button", name="Details").click()
    dialog = page.get_by_role("dialog")
    check_plays_and_seeks(dialog.locator("video"), seek_to=0.5)
    expect(dialog.get_by_text("4242").first).to_be_visible()
    dialog.get_by_text("What went over the wire").click()
    dialog.get_by_text("Asked for the video").click()
    expect(dialog.get_by_text("/v1/text_to_video").first).to_be_visible()
    dialog.get_by_role("button", name="Same again").click()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("a red fox")
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("4242")
    expect(page.get_by_role("radio", name="8 s")).to_be_checked()
    expect(page.get_by_role("radio", name="9:16")).to_be_checked()
    expect(generate(page)).to_be_enabled()
    assert relay.posts == 13
    second = browser.new_page()
    second.goto(f"{relay_app.url}/history?q=fox")
    second.get_by_role("button", name="Details").click()
    second.get_by_role("button", name="Delete", exact=True).click()
    second.get_by_role("button", name="Delete for good").click()
    expect(second.get_by_text("Nothing matches")).to_be_visible()
    second.close()
    page.goto(f"{relay_app.url}/history?q=fox")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    studio = relay_app.studio()
    assert studio.tasks.page(TaskQuery()).total == 12
    studio.close()


def test_a_download_is_the_kept_file(relay_app: App, relay: Relay, page: Page) -> None:
    make_videos(relay_app, ["a lake"])
    page.goto(f"{relay_app.url}/history")
    page.get_by_role("button", name="Details").click()
    with page.expect_download() as started:
        page.get_by_role("dialog").get_by_role("link", name="Download").click()
    assert Path(started.value.path()).read_bytes() == small_video()
    assert started.value.suggested_filename.endswith(".mp4")


@pytest.mark.parametrize("path", PAGES)
def test_a_deep_link_to_a_fresh_server_goes_through_the_app(
    app: App, page: Page, path: str
) -> None:
    page.goto(app.url + path)
    expect(page.get_by_role("heading", name=PAGES[path], exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="History").first).to_be_visible()


def test_every_page_fits_a_phone_and_has_two_looks(
    relay_app: App, browser: Browser, photo: Path
) -> None:
    make_videos(relay_app, ["a lake at dawn with a very long name " * 5])
    grounds = {}
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        context = browser.new_context(
            viewport={"width": 360, "height": 740},
            color_scheme=scheme,
        )
        page = context.new_page()
        for path, title in PAGES.items():
            page.goto(relay_app.url + path)
            expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
            main = page.get_by_test_id("stMain")
            assert main.evaluate("m => m.scrollWidth - m.clientWidth") <= 0, path
        grounds[scheme] = page.evaluate(
            "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        )
        context.close()
    assert grounds["light"] != grounds["dark"]


def test_nothing_is_served_to_another_host_name(app: App, page: Page) -> None:
    for path in ("/", "/history", "/_stcore/health", "/app/static/desk/picture/x.jpg"):
        with httpx.Client(trust_env=False) as client:
            answer = client.get(app.url + path, headers={"Host": "evil.example"})
        assert answer.status_code == 403
        assert "not served under this name" in answer.text


def test_create_is_reachable_by_keyboard(app: App, page: Page, photo: Path) -> None:
    open_create(page, app)
    fill_form(page, photo, "wave")
    generate(page).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("change something, or make another")).to_be_visible()


def test_an_unknown_price_is_entered_where_it_is_missed(app: App, page: Page, photo: Path) -> None:
    studio = app.studio()
    studio.connections.add("Hong Kong", profile="openai-hk", key="hk-key-0001")
    studio.close()
    open_create(page, app)
    choose(page, "Connection", "Hong Kong")
    page.get_by_role("link", name="Enter the price").click()
    card = page.locator("[class*='st-key-settings-card']").filter(has_text="Hong Kong")
    card.get_by_label("Price of a 5-second video").fill("0.35")
    card.get_by_role("button", name="Save", exact=True).click()
    expect(card.get_by_text("0.35")).to_be_visible()
    page.get_by_role("link", name="Create").first.click()
    page.get_by_role("radio", name="10 s").click()
    expect(page.get_by_text("0.7").first).to_be_visible()  # 10 s = 2 × 5 s
