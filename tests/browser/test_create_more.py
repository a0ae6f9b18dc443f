"""The grown form in a real browser: a link, words by a click, keys that pay once, and a shot that goes on."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from runway_core.domain import Task
from runway_core.store import TaskQuery
from tests.browser.conftest import App
from tests.browser.desk import generate, wait_for_video

STILL = """() => Promise.allSettled(
    document.getAnimations()
        .filter((one) => one.effect.getTiming().iterations !== Infinity)
        .map((one) => one.finished)
).then(() => null)"""
"""Waits until nothing slides open any more: a click on what still moves is lost."""
LINK = (
    "/?make=text_to_video&model=gen4.5&prompt=A+fox+in+the+snow.&shape=1280%3A720&seconds=5&seed=42"
)


def tasks(app: App) -> tuple[Task, ...]:
    studio = app.studio()
    found = studio.tasks.page(TaskQuery()).tasks
    studio.close()
    return found


def test_from_a_link_to_a_video_by_keys_and_on_from_its_last_frame(app: App, page: Page) -> None:
    page.goto(app.url + LINK)
    prompt = page.get_by_role("textbox", name="Prompt")
    expect(page.get_by_text("A link has filled this form")).to_be_visible()
    expect(prompt).to_have_value("A fox in the snow.")
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("42")
    page.get_by_text("Words for camera, motion and light").click()
    page.evaluate(STILL)
    page.get_by_role("radio", name="golden hour").click()
    expect(prompt).to_have_value("A fox in the snow. Golden hour")
    # In a window the keys are not those of the button under it.
    page.get_by_role("button", name="Drafts").click()
    name = page.get_by_role("textbox", name="Name for the form as it is now")
    name.fill("Fox")
    name.press("Control+Enter")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_role("dialog").get_by_text("Fox", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert tasks(app) == ()
    # What is typed goes with the keys that send it, and more keys and clicks send nothing more.
    expect(generate(page)).to_contain_text("Ctrl + Enter")  # with the redraw after the window
    prompt.fill("A boat leaves the harbour, wide shot")
    for _ in range(3):
        prompt.press("Control+Enter")
    expect(page.get_by_text("change something, or make another")).to_be_visible()
    generate(page).click()
    wait_for_video(page)
    (made,) = tasks(app)
    assert (made.request.prompt, made.request.seed) == ("A boat leaves the harbour, wide shot", 42)
    # On from its last frame, with the same wish.
    page.get_by_role("button", name="Details").click()
    page.get_by_role("button", name="Continue this shot").click()
    expect(page.get_by_role("heading", name="Create")).to_be_visible()
    frame = page.get_by_alt_text("First frame: what the video shows of it")
    expect(frame).to_be_visible()
    expect(prompt).to_have_value("A boat leaves the harbour, wide shot")
    expect(generate(page)).to_be_enabled()
    # That frame is among the files from before now.
    page.get_by_role("button", name="Remove").click()
    expect(frame).to_have_count(0)
    before = page.get_by_role("button", name="Files from before")
    expect(before).to_have_count(1)  # while the page is drawn, the old one stands there too
    before.click()
    page.get_by_role("dialog").get_by_role("button", name="Use").first.click()
    expect(frame).to_be_visible()
