"""Videos are brought and changed, pictures are made and become videos: in a real browser, with real files."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from runway_core.domain import ArtifactState, MediaKind
from runway_core.store import TaskQuery
from tests.browser.conftest import App
from tests.browser.desk import (
    KINDS,
    check_plays_and_seeks,
    generate,
    open_create,
    wait_for_video,
    what_to_make,
    write_prompt,
)
from tests.shelf import video


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "walk.mp4"
    path.write_bytes(video(size=(640, 360), frames=72))
    return path


def bring(page: Page, path: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(path)
    expect(page.get_by_text(path.name, exact=True).first).to_be_visible()


def players(page: Page) -> Locator:
    return page.locator("video")


def test_a_video_is_brought_changed_and_kept(app: App, page: Page, clip: Path) -> None:
    open_create(page, app)
    what_to_make(page, "Change a video")
    bring(page, clip)
    expect(page.get_by_text("640 × 360 · 3.0 s · 24 frames a second")).to_be_visible()
    brought = page.get_by_label("Video to change", exact=True)
    assert brought.evaluate("v => [v.preload, v.readyState]") == ["none", 0]  # nothing loaded yet
    check_plays_and_seeks(brought, seek_to=2.0)
    write_prompt(page, "Make it night")
    generate(page).click()
    expect(page.get_by_text("On its way").or_(page.get_by_text("Made –")).first).to_be_visible()
    expect(players(page)).to_have_count(2, timeout=60_000)
    check_plays_and_seeks(players(page).last, seek_to=1.0)
    studio = app.studio()
    (task,) = studio.tasks.page(TaskQuery()).tasks
    assert task.artifact_state is ArtifactState.KEPT
    assert [sent.kind for sent in task.request.media] == [MediaKind.VIDEO]
    studio.close()


def test_a_picture_is_made_downloaded_and_becomes_a_video(
    app: App, page: Page, tmp_path: Path
) -> None:
    open_create(page, app)
    what_to_make(page, "Make a picture")
    write_prompt(page, "A lighthouse at dusk")
    generate(page).click()
    made = page.get_by_alt_text("A lighthouse at dusk").first
    expect(made).to_be_visible(timeout=60_000)
    page.wait_for_function("i => i.complete && i.naturalWidth > 300", arg=made.element_handle())
    assert players(page).count() == 0
    page.get_by_role("button", name="Details").first.click()
    dialog = page.get_by_role("dialog")
    with page.expect_download() as saving:
        dialog.get_by_role("link", name="Download").click()
    name = saving.value.suggested_filename
    assert name.startswith("a-lighthouse-at-dusk-") and name.endswith((".png", ".jpg"))
    dialog.get_by_role("button", name="Use as first frame").click()
    expect(page.get_by_alt_text("First frame: what the video shows of it")).to_be_visible()
    expect(page.get_by_role("radio", name="Picture to video")).to_be_checked()
    write_prompt(page, "The lamp turns")
    generate(page).click()
    check_plays_and_seeks(wait_for_video(page), seek_to=1.0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_fits_a_telephone(
    app: App, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 780}, color_scheme=scheme)
    page = context.new_page()
    open_create(page, app)
    for kind in KINDS:
        what_to_make(page, kind)
        wide = page.evaluate(
            "() => [...document.querySelectorAll('[data-testid=stMain] *')]"
            ".filter(e => e.offsetParent && e.getBoundingClientRect().right > innerWidth + 1"
            " && !e.closest('[data-testid=stFileUploaderDropzone], .katex')).length"
        )
        assert wide == 0, kind
    context.close()
