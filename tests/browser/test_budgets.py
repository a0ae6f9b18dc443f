"""Money as an admin sets it and a click obeys it: worth, balance, alert, the team's budget, and an overcharge."""

from __future__ import annotations

from decimal import Decimal

from playwright.sync_api import Locator, Page, expect

from runway_core.domain import TaskStatus
from runway_core.store import TaskQuery
from runway_core.studio.clock import now
from tests.browser.conftest import App
from tests.browser.desk import generate, open_create, wait_for_video, write_prompt


def card(page: Page) -> Locator:
    return page.locator("[class*='st-key-settings-card-sandbox']").first


def fill(page: Page, within: Locator, label: str, text: str) -> None:
    field = within.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")


def test_money_is_set_said_before_the_click_and_obeyed(app: App, page: Page) -> None:
    page.goto(f"{app.url}/settings")
    # The engine asks what is left; the page only wishes for it.
    card(page).get_by_role("button", name="Look now").click()
    expect(card(page).get_by_text("credits left, as told just now")).to_be_visible()
    card(page).get_by_text("Worth and alert", exact=True).click()
    fill(page, card(page), "One credit is worth", "0.02")
    fill(page, card(page), "Say so when less is left than", "900,000,000")
    card(page).get_by_role("button", name="Save worth and alert").click()
    expect(card(page).get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("Low balance with Sandbox:").first).to_be_visible()
    money = page.locator("[class*='st-key-settings-money-budget']")
    fill(page, money, "A month may cost", "2")
    money.get_by_role("button", name="Save budget").click()
    expect(money.get_by_text("of US$2.00, 0 %")).to_be_visible()
    # Before the click, and after it.
    open_create(page, app)
    expect(page.get_by_text("Low balance with Sandbox:").first).to_be_visible()
    page.get_by_role("radio", name="Words to video").click()
    expect(page.get_by_text("from words alone")).to_be_visible()
    write_prompt(page, "A paper boat")
    expect(page.get_by_text("to 60 % of the team's budget for")).to_be_visible()
    generate(page).click()
    wait_for_video(page)
    write_prompt(page, "Another paper boat")
    expect(page.get_by_text("over all connections, 1.2 are spent or reserved")).to_be_visible()
    expect(generate(page)).to_be_disabled()
    # A charge that is far too high stops the connection, and a person has it go on.
    studio = app.studio()
    (task,) = studio.tasks.page(TaskQuery()).tasks
    ended = [TaskStatus.SUCCEEDED]
    assert studio.store.tasks.move(task.id, ended, now=now(), charge=Decimal(90))
    page.goto(f"{app.url}/settings")
    expect(card(page).get_by_text("charged 90 credits where at most 60")).to_be_visible()
    expect(page.get_by_text("US$1.80 of US$2.00, 90 %")).to_be_visible()
    card(page).get_by_role("button", name="Go on").click()
    expect(card(page).get_by_text("Paused")).to_have_count(0)
    assert studio.connections.by_name("Sandbox").paused == ""
    studio.close()
