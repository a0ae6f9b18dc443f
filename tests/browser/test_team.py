"""A team in several browsers: who sees whose videos, what each may spend, and that a door shuts at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from runway_core.domain import Period
from runway_core.people import Role
from tests.browser.conftest import App
from tests.browser.desk import generate, open_create, wait_for_video, what_to_make, write_prompt

PASSWORD = "a lantern over quiet water"
SignIn = Callable[[str, str], Page]


@pytest.fixture
def sign_in(app: App, browser: Browser) -> Iterator[SignIn]:
    """Opens a browser of somebody's own, signed in."""
    contexts = []

    def enter(name: str, password: str = PASSWORD) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.goto(app.url)
        field(page, "Name").fill(name)
        field(page, "Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name=name)).to_be_visible()
        return page

    yield enter
    for context in contexts:
        context.close()


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("textbox", name=label, exact=True)


def go(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def person(page: Page, name: str) -> Locator:
    return page.locator("[class*='st-key-team-person']").filter(has_text=name)


def change(page: Page, name: str, what: str) -> None:
    person(page, name).get_by_role("button", name="Change").click()
    page.get_by_role("menuitem", name=what).click()


def set_up(app: App, page: Page) -> None:
    """The first admin, on the open computer, and by that signed in."""
    page.goto(f"{app.url}/team")
    field(page, "Your name").fill("Ada")
    field(page, "New password").fill(PASSWORD)
    page.get_by_role("button", name="Add me as the first admin").click()
    expect(person(page, "Ada")).to_be_visible()


def add(page: Page, name: str) -> str:
    """Add a maker; gives the password that is shown."""
    field(page, "Name").fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("It is shown only now")).to_be_visible()
    password = dialog.locator("code").inner_text().strip()
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    expect(person(page, name)).to_contain_text("never signed in")
    return password


def test_a_team_makes_shares_and_is_shut_out(app: App, page: Page, sign_in: SignIn) -> None:
    set_up(app, page)
    mia = sign_in("Mia", add(page, "Mia"))
    studio = app.studio()
    studio.people.add("Bo", role=Role.MAKER, password=PASSWORD)
    bo = sign_in("Bo", PASSWORD)
    # Mia makes a video, which the admin sees and Bo does not.
    open_create(mia, app)
    what_to_make(mia, "Words to video")
    write_prompt(mia, "A paper boat")
    generate(mia).click()
    wait_for_video(mia)
    go(bo, "History")
    expect(bo.get_by_text("No videos yet")).to_be_visible()
    page.goto(f"{app.url}/history?whose=all")
    expect(page.get_by_text("A paper boat")).to_be_visible()
    expect(page.get_by_text("Mia").last).to_be_visible()
    # Mia shows it to the team: Bo can watch it, and not delete it.
    go(mia, "History")
    mia.get_by_role("button", name="Details").click()
    mia.get_by_text("Show to the team").click()
    expect(mia.get_by_role("switch", name="Show to the team")).to_be_checked()
    bo.goto(f"{app.url}/history?whose=shared")
    bo.get_by_role("button", name="Details").click()
    dialog = bo.get_by_role("dialog")
    expect(dialog.locator("video")).to_be_visible()
    expect(dialog.get_by_role("button", name="Same again")).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete")).to_have_count(0)
    # A hard budget of Bo's own refuses before anything is paid.
    sandbox = studio.connections.by_name("Sandbox")
    them = studio.people.by_name("Bo")
    studio.budgets.set(sandbox, {Period.DAY: Decimal(10)}, person_id=them.id)
    open_create(bo, app)
    what_to_make(bo, "Words to video")
    write_prompt(bo, "Too dear")
    expect(bo.get_by_text(re.compile("would be passed: .* of your own 10 credits"))).to_be_visible()
    expect(generate(bo)).to_be_disabled()
    # Disabled, Bo's open tab shows the way in at its next click, and nothing else.
    page.goto(f"{app.url}/team")
    change(page, "Bo", "Disable")
    page.get_by_role("button", name="Disable Bo").click()
    expect(person(page, "Bo").get_by_text("Disabled")).to_be_visible()
    bo.get_by_role("link", name="Pricing").first.click()
    expect(bo.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(bo.get_by_role("link", name="History")).to_have_count(0)
    # All of it is in the log.
    page.get_by_role("radio", name="Log").click()
    for act in ("person disabled", "video shared", "person added"):
        expect(page.get_by_role("cell", name=act).first).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download as CSV").click()
    assert b'"person disabled","Bo"' in started.value.path().read_bytes()
    assert studio.tasks.count_open() == 0
    studio.close()
