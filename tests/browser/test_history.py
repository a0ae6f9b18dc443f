"""Finding, judging, downloading and deleting videos in a real browser, on a desktop and on a phone."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from runway_core.domain import Capability, GenerationRequest
from runway_core.store import Mark
from runway_core.studio import Studio
from tests.browser.conftest import App

PROMPTS = ("A lighthouse in a storm", "一只狐狸在雪中", "A kettle boils")


def _made(studio: Studio) -> list[str]:
    """Three finished videos of the sandbox, by id, the oldest first."""
    studio.connections.all()
    sandbox, ids = studio.connections.get("sandbox"), []
    for prompt in PROMPTS:
        request = GenerationRequest(
            capability=Capability.TEXT_TO_VIDEO,
            model="gen4.5",
            prompt=prompt,
            ratio="1280:720",
            duration=5,
        )
        ids.append(studio.tasks.submit(request, connection=sandbox, token=prompt).id)
    ends = time.monotonic() + 60
    while not all(studio.tasks.get(task_id).artifacts for task_id in ids):
        assert time.monotonic() < ends
        time.sleep(0.1)
    return ids


def _cards(page: Page) -> Locator:
    return page.locator("[class*='st-key-history-card-']")


def _settled(page: Page) -> None:
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")


def test_videos_are_judged_found_downloaded_and_deleted(
    app: App, page: Page, browser: Browser, tmp_path: Path
) -> None:
    studio = app.studio()
    lighthouse, fox, kettle = _made(studio)
    page.goto(f"{app.url}/history")
    expect(_cards(page)).to_have_count(3)

    # judged on the card, and in full beside its five frames
    page.locator(f".st-key-history-mark-{fox}").get_by_role("radio", name="Keep").click()
    expect(page.locator(f".st-key-history-mark-{fox} [aria-checked=true]")).to_have_text("Keep")
    _cards(page).filter(has_text="A kettle").get_by_role("button", name="Details").click()
    dialog = page.get_by_role("dialog")
    frames = dialog.get_by_alt_text("Five frames, from the beginning to the end")
    expect(frames).to_be_visible()
    page.wait_for_function("i => i.naturalWidth > 1000", arg=frames.element_handle())
    note = dialog.get_by_role("textbox", name="Note")
    note.fill("steam is good")
    note.press("Control+Enter")
    _settled(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    # found by the note, and by two signs without a space; the address says so
    search = page.get_by_role("searchbox", name="Search")
    search.fill("steam")
    search.press("Enter")
    expect(_cards(page)).to_have_count(1)
    search.fill("狐狸")
    search.press("Enter")
    page.wait_for_url("**/history?*q=*")
    expect(page.get_by_text("1 video", exact=True)).to_be_visible()
    expect(_cards(page)).to_contain_text("一只狐狸在雪中")
    page.goto(f"{app.url}/history?mark=keep")
    expect(_cards(page)).to_have_count(1)
    assert studio.reviews.of([fox])[fox].mark is Mark.KEEP

    # chosen and downloaded as one file
    page.goto(f"{app.url}/history")
    for task_id in (fox, kettle):
        page.locator(f".st-key-history-pick-{task_id}").get_by_text("Choose").click()
        _settled(page)
    expect(page.get_by_text("2 videos chosen")).to_be_visible()
    expect(page.get_by_role("button", name="Compare")).to_be_enabled()
    page.locator(".st-key-history-do-download button").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download as ZIP").click()
    waiting.value.save_as(tmp_path / "videos.zip")
    with zipfile.ZipFile(tmp_path / "videos.zip") as packed:
        assert packed.testzip() is None and len(packed.namelist()) == 3
        assert "steam is good" in packed.read("videos.csv").decode()

    # deleted after a second question; the third stays
    page.locator(".st-key-history-do-delete button").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(_cards(page)).to_have_count(1)
    expect(_cards(page)).to_contain_text("A lighthouse")
    assert studio.tasks.get(lighthouse).artifacts
    studio.close()

    # the table, on a phone in the dark
    phone = browser.new_context(viewport={"width": 360, "height": 760}, color_scheme="dark")
    small = phone.new_page()
    small.goto(f"{app.url}/history?view=table")
    expect(small.locator("[data-testid=stDataFrame]")).to_be_visible()
    assert small.evaluate("document.documentElement.scrollWidth") <= 360
    small.goto(f"{app.url}/history")
    expect(_cards(small)).to_have_count(1)
    assert small.evaluate("document.documentElement.scrollWidth") <= 360
    phone.close()
