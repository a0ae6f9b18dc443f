"""However a person clicks: each wish is one paid POST and one record."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from runway_core.domain import TaskStatus
from runway_core.store import TaskQuery
from tests.browser.conftest import App
from tests.browser.desk import fill_form, generate, open_create
from tests.relay import Relay

Gesture = Callable[[Page], None]


def five_clicks(page: Page) -> None:
    for _ in range(5):
        generate(page).click(force=True, no_wait_after=True)


def click_and_reload(page: Page) -> None:
    click_and_send(page)
    page.reload()


def click_and_close(page: Page) -> None:
    click_and_send(page)
    page.close()


def click_and_send(page: Page) -> None:
    """Click, and go on as soon as the browser has sent it: a click that never left it pays for nothing."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    sent: list[object] = []
    devtools.on("Network.webSocketFrameSent", lambda frame: sent.append(frame))
    generate(page).click()
    while not sent:
        page.evaluate("0")  # lets what has happened be heard


def click_and_touch_another_widget(page: Page) -> None:
    generate(page).click()
    page.get_by_role("radio", name="10 s").click()


def enter_and_click(page: Page) -> None:
    page.get_by_role("textbox", name="Prompt").press("Control+Enter")
    generate(page).click()


def double_click(page: Page) -> None:
    generate(page).dblclick()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


def check_paid_once(app: App, relay: Relay) -> None:
    """Wait for the end of whatever was sent, then count on both sides of the wire."""
    studio = app.studio()
    waiter = threading.Event()
    for _ in range(300):
        tasks = studio.tasks.page(TaskQuery()).tasks
        if tasks and not any(task.is_open for task in tasks):
            break
        waiter.wait(0.1)
    assert [task.status for task in tasks] == [TaskStatus.SUCCEEDED]
    assert relay.posts == 1
    assert list(relay.created) == [tasks[0].remote_id]
    studio.close()


@pytest.mark.parametrize(
    "gesture",
    [
        five_clicks,
        double_click,
        click_and_reload,
        click_and_close,
        click_and_touch_another_widget,
        enter_and_click,
    ],
)
def test_one_wish_is_paid_once(
    relay_app: App, relay: Relay, context: BrowserContext, photo: Path, gesture: Gesture
) -> None:
    page = context.new_page()
    open_create(page, relay_app)
    fill_form(page, photo, "wave")
    gesture(page)
    check_paid_once(relay_app, relay)


def test_the_same_form_in_two_tabs_is_paid_once(
    relay_app: App, relay: Relay, browser: Browser, photo: Path
) -> None:
    first, second = browser.new_page(), browser.new_page()
    open_create(first, relay_app)
    fill_form(first, photo, "wave")
    open_create(second, relay_app)
    expect(second.get_by_role("textbox", name="Prompt")).to_have_value("wave")
    expect(generate(second)).to_be_enabled()
    generate(first).click()
    generate(second).click(force=True)
    check_paid_once(relay_app, relay)
    first.close()
    second.close()


def test_another_one_is_a_click_of_its_own(
    relay_app: App, relay: Relay, context: BrowserContext, photo: Path
) -> None:
    page = context.new_page()
    open_create(page, relay_app)
    fill_form(page, photo, "wave")
    generate(page).click()
    page.get_by_role("button", name="Make another like this").click()
    expect(page.get_by_text("change something, or make another")).to_be_hidden()
    generate(page).click()
    expect(page.get_by_text("change something, or make another")).to_be_visible()
    seeds = _seeds(relay_app)
    assert len(seeds) == len(set(seeds)) == 2


@pytest.mark.parametrize("milliseconds", [35, 70, 110])
def test_a_click_on_the_page_of_the_last_draft_brings_none_of_its_fields_along(
    relay_app: App, relay: Relay, context: BrowserContext, photo: Path, milliseconds: int
) -> None:
    page = context.new_page()
    open_create(page, relay_app)
    fill_form(page, photo, "wave")
    generate(page).click()
    another = page.get_by_role("button", name="Make another like this")
    expect(another).to_be_visible()
    # The browser still shows the first draft, and sends its seed with the second click.
    page.evaluate(
        "([a, b, ms]) => { a.click(); setTimeout(() => b.click(), ms); }",
        [another.element_handle(), generate(page).element_handle(), milliseconds],
    )
    page.wait_for_timeout(milliseconds)
    expect(page.get_by_test_id("stStatusWidget")).to_be_hidden()
    page.get_by_role("textbox", name="Prompt").fill("a second wish")
    generate(page).click()
    expect(page.get_by_text("a second wish").nth(1)).to_be_visible()
    seeds = _seeds(relay_app)[1:]
    assert len(seeds) == len(set(seeds))


def _seeds(app: App) -> list[int | None]:
    studio = app.studio()
    seeds = [task.request.seed for task in studio.tasks.page(TaskQuery()).tasks]
    studio.close()
    return seeds


def test_a_new_prompt_needs_one_click_only(
    relay_app: App, relay: Relay, context: BrowserContext, photo: Path
) -> None:
    page = context.new_page()
    open_create(page, relay_app)
    fill_form(page, photo, "wave")
    generate(page).click()
    expect(page.get_by_text("change something, or make another")).to_be_visible()
    page.get_by_role("textbox", name="Prompt").fill("a second wish")
    generate(page).click()
    expect(page.get_by_text("a second wish").nth(1)).to_be_visible()
    studio = relay_app.studio()
    prompts = [task.request.prompt for task in studio.tasks.page(TaskQuery()).tasks]
    assert prompts == ["a second wish", "wave"]
    studio.close()
