"""What a person does on the pages, in a person's words."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.browser.conftest import App

KINDS = {
    "Picture to video": "First frame",
    "Words to video": "from words alone",
    "Change a video": "Video to change",
    "Act out a character": "Acting",
    "Enlarge a video": "Video to enlarge",
    "Make a picture": "Pictures to follow",
}
"""What can be made, each with words that stand only above its own fields."""


def open_create(page: Page, app: App) -> None:
    page.goto(app.url)
    expect(page.get_by_role("heading", name="Create")).to_be_visible()
    expect(generate(page)).to_be_visible()


def generate(page: Page) -> Locator:
    return page.get_by_role("button", name="Generate")


def choose_photo(page: Page, photo: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(photo)
    expect(page.get_by_text(photo.name, exact=True).first).to_be_visible()
    expect(page.get_by_alt_text("First frame: what the video shows of it")).to_be_visible()


def write_prompt(page: Page, words: str) -> None:
    field = page.get_by_role("textbox", name="Prompt")
    field.fill(words)
    field.blur()  # Ctrl+Enter would generate
    expect(page.get_by_text(f"{len(words)} / 1000")).to_be_visible()


def what_to_make(page: Page, kind: str) -> None:
    """Choose a kind, and wait for its fields: those of the kind before stay until the redraw reaches them."""
    page.get_by_role("radio", name=kind).click()
    expect(page.get_by_text(_as_written(KINDS[kind])).first).to_be_visible()
    for other, words in KINDS.items():
        if other != kind:
            expect(page.get_by_text(_as_written(words))).to_have_count(0)
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")


def _as_written(words: str) -> re.Pattern[str]:
    """A label and not the same words in a sentence: what is no pattern is looked for in any case."""
    return re.compile(re.escape(words))


def choose(page: Page, field: str, option: str) -> None:
    """Pick from a list. A page that is just being redrawn shuts the list again: then open it once more."""
    for _ in range(10):
        page.get_by_role("combobox", name=field).click()
        try:
            page.get_by_role("option", name=option).click(timeout=3_000)
        except TimeoutError:
            page.keyboard.press("Escape")
        else:
            return
    raise AssertionError(f"{field} never offered {option}")


def fill_form(page: Page, photo: Path, words: str) -> None:
    """Everything that Generate needs; then it can be pressed."""
    choose_photo(page, photo)
    write_prompt(page, words)
    expect(generate(page)).to_be_enabled()


def wait_for_video(page: Page) -> Locator:
    """The newest card has become a player."""
    video = page.locator("video").first
    expect(video).to_be_visible(timeout=60_000)
    return video


def check_plays_and_seeks(video: Locator, *, seek_to: float) -> None:
    """The browser decodes it, time passes, and a jump lands where it was asked to."""
    video.evaluate("v => { v.muted = true; return v.play() }")
    video.page.wait_for_function("v => v.currentTime > 0.1", arg=video.element_handle())
    landed = video.evaluate(
        """(v, at) => new Promise(done => {
            v.pause(); v.onseeked = () => done(v.currentTime); v.currentTime = at })""",
        seek_to,
    )
    assert abs(landed - seek_to) < 0.1
