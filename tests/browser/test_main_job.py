"""A picture becomes a video that is still there tomorrow."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from runway_core.domain import ArtifactState
from runway_core.store import TaskQuery
from tests.browser.conftest import App
from tests.browser.desk import (
    check_plays_and_seeks,
    fill_form,
    generate,
    open_create,
    wait_for_video,
    what_to_make,
    write_prompt,
)


def test_a_photograph_becomes_a_video_that_plays_and_seeks(
    app: App, page: Page, photo: Path
) -> None:
    open_create(page, app)
    fill_form(page, photo, "The light moves slowly over the water")
    generate(page).click()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    video = wait_for_video(page)
    check_plays_and_seeks(video, seek_to=3.5)
    assert video.evaluate("v => [v.videoWidth, v.videoHeight]") == [1280, 720]
    assert abs(video.evaluate("v => v.duration") - 5) < 0.1
    # The form is as it was, beside the new card.
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value(
        "The light moves slowly over the water"
    )
    expect(page.get_by_text("change something, or make another")).to_be_visible()
    # Nobody pressed reload: the page is the one that was opened.
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1


def test_a_reload_a_closed_tab_and_a_killed_server_lose_nothing(
    app: App, browser: Browser, photo: Path
) -> None:
    app.stop()
    app.environment["RUNWAY_SANDBOX_SPEED"] = "4"
    app.start()
    first = browser.new_page()
    open_create(first, app)
    fill_form(first, photo, "Waves roll in")
    generate(first).click()
    expect(first.get_by_role("progressbar").first).to_be_visible()
    first.reload()
    expect(first.get_by_role("textbox", name="Prompt")).to_have_value("Waves roll in")
    expect(first.get_by_role("progressbar").first).to_be_visible()
    expect(first.get_by_text("change something, or make another")).to_be_visible()
    first.close()
    app.kill()
    app.start()
    second = browser.new_page()
    second.goto(app.url)
    check_plays_and_seeks(wait_for_video(second), seek_to=2.0)
    expect(second.get_by_role("textbox", name="Prompt")).to_have_value("Waves roll in")
    second.close()
    studio = app.studio()
    (task,) = studio.tasks.page(TaskQuery()).tasks
    assert task.artifact_state is ArtifactState.KEPT
    assert [event.kind for event in studio.tasks.events(task.id)].count("SUBMITTING") == 1
    studio.close()


def test_the_work_goes_on_with_no_browser_open(app: App, browser: Browser, photo: Path) -> None:
    tab = browser.new_page()
    open_create(tab, app)
    fill_form(tab, photo, "Clouds drift")
    generate(tab).click()
    expect(tab.get_by_text("change something, or make another")).to_be_visible()
    tab.close()
    studio = app.studio()
    (task,) = studio.tasks.page(TaskQuery()).tasks
    for _ in range(600):
        if not studio.tasks.get(task.id).is_open:
            break
        browser_rests()
    assert studio.tasks.get(task.id).artifact_state is ArtifactState.KEPT
    studio.close()


def browser_rests() -> None:
    import select

    select.select([], [], [], 0.1)


def test_the_form_survives_other_pages(app: App, page: Page, photo: Path) -> None:
    open_create(page, app)
    fill_form(page, photo, "A fox turns its head")
    page.get_by_role("radio", name="10 s").click()
    expect(page.get_by_text("· 10 s").first).to_be_visible()
    page.get_by_role("link", name="Pricing").first.click()
    expect(page.get_by_role("heading", name="Pricing")).to_be_visible()
    page.get_by_role("link", name="Create").first.click()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A fox turns its head")
    expect(page.get_by_text("· 10 s").first).to_be_visible()
    expect(page.get_by_alt_text("First frame: what the video shows of it")).to_be_visible()


def test_words_alone_become_a_video(app: App, page: Page) -> None:
    open_create(page, app)
    what_to_make(page, "Words to video")
    write_prompt(page, "A paper boat on a stream")
    generate(page).click()
    check_plays_and_seeks(wait_for_video(page), seek_to=2.0)
