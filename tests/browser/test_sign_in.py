"""Coming in and going out in a real browser: deep links, live tabs, a phone, and a first start for others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from runway_core.people import Role
from tests.browser.conftest import App
from tests.team import PASSWORD, person

PAGES = {"": "Create", "history": "History", "pricing": "Pricing", "settings": "Settings"}
PAGES |= {"team": "Team", "account": "Your account"}
NEW = "tin whistle at dawn 3"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app with an admin and some makers, for all of these tests."""
    home = tmp_path_factory.mktemp("desk") / "home"
    home.mkdir()
    started = App(home)
    studio = started.studio()
    person(studio, "Ada", Role.ADMIN)
    for name in ("Mo", "Bo", "Cy"):
        person(studio, name)
    studio.close()
    started.start()
    yield started
    started.kill()


@pytest.fixture
def faults(page: Page) -> list[str]:
    """What the browser's policy, or a script, has complained of."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def field(page: Page, name: str, words: str) -> None:
    page.get_by_role("textbox", name=name, exact=True).fill(words)


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    heading(page, "Sign in")
    field(page, "Name", name)
    field(page, "Password", password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def choose_in_menu(page: Page, name: str, entry: str) -> None:
    page.get_by_text(name, exact=True).first.click()
    page.get_by_text(entry, exact=True).first.click()


def new_tab(browser: Browser) -> tuple[BrowserContext, Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    return context, context.new_page()


def test_a_deep_link_leads_through_the_form_and_every_page_works_under_the_policy(
    desk: App, page: Page, faults: list[str]
) -> None:
    for path in ["history", "team", "account", "settings", "pricing", ""]:
        page.goto(f"{desk.url}/{path}")
        heading(page, "Sign in")
        expect(page.get_by_role("heading")).to_have_count(1)
        expect(page.get_by_text("Ada")).to_have_count(0)
    page.goto(f"{desk.url}/history")
    name, password = (page.get_by_role("textbox", name=n, exact=True) for n in ("Name", "Password"))
    assert [name.get_attribute("autocomplete"), password.get_attribute("autocomplete")] == [
        "username",
        "current-password",
    ]
    sign_in(page, "ada", "wrong")
    expect(page.get_by_text("The name or the password is wrong.")).to_be_visible()
    expect(password).to_have_value("")
    sign_in(page, "ada")
    heading(page, "History")
    assert page.url == f"{desk.url}/history"
    for path, title in PAGES.items():
        page.goto(f"{desk.url}/{path}")
        heading(page, title)
        expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)
    assert faults == []


def test_the_cookie_can_not_be_read_by_scripts_and_a_reload_shows_no_form(
    desk: App, page: Page
) -> None:
    page.goto(f"{desk.url}/history")
    sign_in(page, "Mo")
    heading(page, "History")
    cookie = next(c for c in page.context.cookies() if c["name"] == "desk")
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["path"] == "/"
    assert cookie["expires"] == -1
    assert "desk=" not in page.evaluate("document.cookie")
    page.add_init_script(
        """new MutationObserver(() => {
            if (document.querySelector("input[type=password]")) window.formSeen = true
        }).observe(document, {subtree: true, childList: true})"""
    )
    page.reload()
    heading(page, "History")
    assert page.evaluate("window.formSeen") is None


def test_signing_out_ends_every_tab_and_a_copied_cookie(
    desk: App, page: Page, browser: Browser
) -> None:
    page.goto(desk.url)
    sign_in(page, "Ada")
    heading(page, "Create")
    other = page.context.new_page()
    other.goto(f"{desk.url}/history")
    heading(other, "History")
    thief, stolen = new_tab(browser)
    copied = next(c for c in page.context.cookies() if c.get("name") == "desk")
    thief.add_cookies([{"name": "desk", "value": str(copied.get("value")), "url": desk.url}])
    stolen.goto(f"{desk.url}/settings")
    heading(stolen, "Settings")
    choose_in_menu(page, "Ada", "Sign out")
    heading(page, "Sign in")
    assert [c["name"] for c in page.context.cookies() if c["name"] == "desk"] == []
    other.get_by_text("Finished", exact=True).first.click()
    heading(other, "Sign in")
    expect(other.get_by_role("heading", name="History")).to_have_count(0)
    stolen.reload()
    heading(stolen, "Sign in")
    thief.close()


def test_a_link_to_sign_out_asks_first(desk: App, page: Page) -> None:
    page.goto(f"{desk.url}/sign-out")
    sign_in(page, "Mo")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert [c["name"] for c in page.context.cookies() if c["name"] == "desk"] == ["desk"]
    page.get_by_role("button", name="Sign out").click()
    heading(page, "Sign in")


def test_a_disabled_person_sees_the_form_at_the_next_click(desk: App, page: Page) -> None:
    page.goto(f"{desk.url}/history")
    sign_in(page, "Bo")
    heading(page, "History")
    studio = desk.studio()
    studio.people.disable(studio.people.by_name("Bo"))
    studio.close()
    page.get_by_text("Finished", exact=True).first.click()
    heading(page, "Sign in")
    expect(page.get_by_role("heading", name="History")).to_have_count(0)
    sign_in(page, "Bo")
    expect(page.get_by_text("The name or the password is wrong.")).to_be_visible()


def test_ones_own_password_and_browsers_on_a_phone(desk: App, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    phone, (elsewhere, laptop) = context.new_page(), new_tab(browser)
    for tab in (phone, laptop):
        tab.goto(f"{desk.url}/account")
        sign_in(tab, "Cy")
        heading(tab, "Your account")
    phone.reload()
    expect(phone.get_by_text(re.compile("Chrome on Linux"))).to_have_count(2)
    field(phone, "Present password", PASSWORD)
    field(phone, "New password", "password1234")
    phone.get_by_role("button", name="Change password").click()
    expect(phone.get_by_text("too easily guessed")).to_be_visible()
    field(phone, "Present password", PASSWORD)
    field(phone, "New password", NEW)
    phone.get_by_role("button", name="Change password").click()
    expect(phone.get_by_text("Your password has changed")).to_be_visible()
    expect(phone.get_by_text(re.compile("Chrome on Linux"))).to_have_count(1)
    laptop.reload()
    sign_in(laptop, "Cy", NEW)
    heading(laptop, "Your account")
    phone.get_by_test_id("stExpandSidebarButton").click()
    phone.get_by_text("Sign out", exact=True).first.click()
    heading(phone, "Sign in")
    elsewhere.close()
    context.close()


def test_a_start_for_others_prints_a_link_that_makes_the_first_admin_once(
    tmp_path: Path, page: Page
) -> None:
    (tmp_path / "home").mkdir()
    app = App(tmp_path / "home", STREAMLIT_SERVER_ADDRESS="0.0.0.0")
    app.start()
    try:
        page.goto(f"{app.url}/settings")
        heading(page, "Set up Runway Desk")
        expect(page.get_by_text("Nobody has been added yet")).to_be_visible()
        expect(page.get_by_role("textbox")).to_have_count(0)
        found = re.search(r"once: (http://\S+)", app.log.read_text())
        assert found, app.log.read_text()
        page.goto(found[1])
        field(page, "Name", "Ada")
        field(page, "Password", "password1234")
        page.get_by_role("button", name="Set up").click()
        expect(page.get_by_text("too easily guessed")).to_be_visible()
        assert "token" not in page.url
        field(page, "Password", NEW)
        page.get_by_role("button", name="Set up").click()
        heading(page, "Create")
        expect(page.get_by_text("Ada", exact=True).first).to_be_visible()
        page.context.clear_cookies()
        page.goto(found[1])
        heading(page, "Sign in")
    finally:
        app.kill()
