"""The first minute, being told when it is done, and what went over the wire, as somebody new meets them."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.conftest import App
from tests.browser.desk import generate, open_create, wait_for_video
from tests.builders import request
from tests.relay import Relay

SPY = """
(() => {
  window.told = [];
  window.tones = 0;
  const Real = window.Notification;
  window.Notification = class extends Real {
    constructor(title, options) { super(title, options); window.told.push([title, options.body]); }
  };
  const play = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) { window.tones += 1; return play.call(this, at); };
  window.leave = away => {
    Object.defineProperty(document, "hidden", { value: away, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };
})()
"""
"""Notes what the browser is asked for, and lets a test say that somebody looks elsewhere."""


def test_somebody_new_makes_a_video_in_three_clicks_and_reads_what_went_over_the_wire(
    app: App, page: Page
) -> None:
    open_create(page, app)
    steps = page.locator(".st-key-first-steps")
    expect(steps.get_by_text("Press Generate")).to_be_visible()
    steps.get_by_role("button", name="Fill in an example").click()
    expect(page.get_by_alt_text("First frame: what the video shows of it")).to_be_visible()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value(re.compile("^The sun sinks"))
    expect(generate(page)).to_be_enabled()
    generate(page).click()
    expect(steps).to_have_count(0)
    wait_for_video(page)
    expect(page.get_by_test_id("stToast").get_by_text("Your video is ready")).to_be_visible()
    page.get_by_role("button", name="Details").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("What went over the wire").click()
    dialog.get_by_text("Asked for the video").click()
    expect(dialog.get_by_text("/v1/image_to_video").first).to_be_visible()
    expect(dialog.get_by_text("data:image/jpeg;base64,…").first).to_be_visible()
    expect(dialog.get_by_text("Fetched the file")).to_be_visible()
    with page.expect_download() as started:
        dialog.get_by_role("button", name="Download for a support ticket").click()
    assert started.value.suggested_filename.endswith(".har")
    log = json.loads(Path(started.value.path()).read_text("utf-8"))["log"]
    doing = [entry["_doing"] for entry in log["entries"]]
    assert doing[0] == "create" and doing[-1] == "file"


def test_who_looks_elsewhere_is_told_by_the_title_and_by_no_more_than_they_asked_for(
    relay_app: App, relay: Relay, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["notifications"])
    context.add_init_script(SPY)
    page, faults = context.new_page(), list[str]()

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{relay_app.url}/settings")
    sound = page.get_by_role("switch", name="Play a sound when everything is done")
    expect(sound).not_to_be_checked()

    ended_elsewhere(page, relay_app, relay, "one")  # quiet by default: the title alone
    expect(page).to_have_title("(1) Runway Desk")
    assert page.evaluate("[window.told, window.tones]") == [[], 0]
    page.evaluate("leave(false)")
    expect(page).to_have_title("Runway Desk")

    page.get_by_text("Play a sound when everything is done").click()
    page.wait_for_function("() => window.tones === 2")  # how it sounds, at the click
    page.get_by_text("Show a notification when everything is done").click()
    expect(page.get_by_role("switch", name="Show a notification")).to_be_checked()
    page.reload()
    expect(sound).to_be_checked()
    assert page.evaluate("[window.told, window.tones]") == [[], 0]
    ended_elsewhere(page, relay_app, relay, "two", "three")
    expect(page).to_have_title("(2) Runway Desk")
    page.wait_for_function("() => window.told.length === 1 && window.tones === 2")
    assert page.evaluate("window.told[0][0]") == "Runway Desk: everything is done"
    assert faults == []
    context.close()


def ended_elsewhere(page: Page, app: App, relay: Relay, *prompts: str) -> None:
    """Videos are being made when the page is opened, and done while the person looks at something else."""
    gate = threading.Event()

    def hold() -> None:
        gate.wait(30)

    relay.hold = hold
    studio = app.studio()
    connection = studio.connections.by_name("Relay")
    for prompt in prompts:
        studio.tasks.submit(request(prompt=prompt), connection=connection, token=prompt)
    studio.close()
    page.reload()
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    expect(page.get_by_role("switch", name="Play a sound")).to_be_attached()
    page.evaluate("leave(true)")
    gate.set()
