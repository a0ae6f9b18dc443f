"""The Spend page in a browser: what videos have cost, how that is kept, and the provider's own count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from runway_core.domain import TaskStatus
from runway_core.studio import Studio
from tests.browser.conftest import App
from tests.builders import connection, new_task, request
from tests.sandbox.conftest import wait_until

PAINTED = """() => [...document.querySelectorAll("canvas")].some(canvas =>
    canvas.width > 100 && canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height).data.some(value => value > 0))"""
"""Whether a chart is drawn, and not only there."""


def make(studio: Studio, prompt: str) -> str:
    """A practice video, really made by the app's engine."""
    sandbox = studio.connections.by_name("Sandbox")
    task = studio.tasks.submit(request(prompt=prompt), connection=sandbox, token=prompt)
    wait_until(
        lambda: studio.tasks.get(task.id).status in (TaskStatus.SUCCEEDED, TaskStatus.FAILED)
    )
    return task.id


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_what_was_spent_is_found_downloaded_and_held_against_the_providers_count(
    app: App, page: Page, tmp_path: Path
) -> None:
    studio = app.studio()
    made, failed = make(studio, "A paper boat"), make(studio, "fail: a kite")
    page.goto(f"{app.url}/spend")
    expect(page.get_by_text("Nothing was paid in this time.")).to_be_visible()
    page.get_by_role("button", name="Show practice").click()
    expect(page.get_by_text("Practice: nothing was really paid.")).to_be_visible()
    expect(page.get_by_role("cell", name="2 (1 failed)")).to_be_visible()
    expect(page.get_by_role("cell", name="60 credits").first).to_be_visible()
    # The provider has not been asked; the page only writes that it is wished for.
    page.get_by_role("button", name="Ask now").click()
    expect(page.get_by_text("Both count the same.")).to_be_visible()
    expect(page.get_by_text("Told just now.")).to_be_visible()
    # The address keeps what is looked at; nothing in it is a secret.
    page.get_by_role("radio", name="Model").click()
    expect(page.get_by_role("cell", name="gen4.5").first).to_be_visible()
    expect(page).to_have_url(f"{app.url}/spend?connection=sandbox&by=model")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download as CSV").click()
    text = started.value.path().read_text("utf-8-sig")
    assert made in text and failed in text and '"charge","60","credit","confirmed"' in text
    # One video's own lines.
    page.goto(f"{app.url}/history?task={made}")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("What it cost, line by line").click()
    expect(dialog.get_by_role("cell", name="No longer held")).to_be_visible()
    studio.close()


def test_a_phone_in_the_dark_reads_it_without_scrolling_sideways(app: App, page: Page) -> None:
    paid_on_two_days(app)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{app.url}/spend?period=7d")
    expect(page.get_by_role("heading", name="By day, in USD")).to_be_visible()
    expect(page.get_by_text("US$0.75").first).to_be_visible()
    page.wait_for_function(PAINTED)
    expect(page.get_by_role("heading", name="How connections have served")).to_be_visible()
    expect(page.get_by_text("Beside the provider's own count")).to_be_visible()
    assert no_sideways_scroll(page)
    page.get_by_role("combobox", name="Time").click()
    page.get_by_role("option", name="Last month").click()
    expect(page.get_by_text("No videos were asked for in this time.")).to_be_visible()
    assert no_sideways_scroll(page)


def paid_on_two_days(app: App) -> None:
    """Two videos that Runway itself has charged, today and yesterday."""
    studio = app.studio()
    own = {"connection_id": "runway-1", "connection": "Runway", "profile": "runway"}
    studio.store.connections.add_once(
        connection(
            id="runway-1", name="Runway", profile="runway", base_url="https://runway.invalid"
        )
    )
    for days, charge in ((0, 50), (1, 25)):
        at = datetime.now(UTC) - timedelta(days=days)
        new = new_task(**own, created_at=at)
        studio.store.tasks.add(new)
        ended: dict[str, Any] = {"status": TaskStatus.SUCCEEDED, "next_at": None}
        ended |= {"charge": Decimal(charge), "finished_at": at}
        studio.store.tasks.move(new.id, list(TaskStatus), now=at, **ended)
    studio.close()
