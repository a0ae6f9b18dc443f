"""Every page for everybody: axe-core finds no grave fault, the keyboard reaches all, a phone shows all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from runway_core.domain import TaskStatus
from runway_core.people import Role
from runway_core.store import TaskQuery
from tests.browser.conftest import ROOT, App
from tests.browser.test_pages import make_videos
from tests.builders import exchange
from tests.relay import Relay
from tests.team import PASSWORD, person
from tests.ui.test_history import record

Scheme = Literal["light", "dark"]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
LOOKS: tuple[tuple[int, Scheme], ...] = ((1280, "light"), (360, "dark"))
FAULTS = """async only => {
  // Streamlit's own drawer menu, on a phone, has the headings of its sections as direct children of its list.
  const its = (rule, node) => rule.startsWith("list")
    && document.querySelector(node.target[0]).closest('[data-testid=stSidebarNavItems]');
  const found = await axe.run(document, { resultTypes: ["violations"], ...(only && { runOnly: only }) });
  return found.violations.filter(rule => ["serious", "critical"].includes(rule.impact)).flatMap(
    rule => rule.nodes.filter(node => !its(rule.id, node)).map(
      node => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`))
}"""
QUIET = """() => !document.querySelector('[data-stale=true], [data-testid=stSkeleton]')
  && document.getAnimations().every(one => !(one instanceof CSSTransition) || one.playState !== "running")"""
REACHED = """() => {
  const one = document.activeElement;
  if (one === document.body) return "";
  const group = one.closest('[role=radiogroup]');
  (group ? [...group.querySelectorAll('[role=radio], input')] : [one]).forEach(e => e.dataset.reached = 1);
  return one.outerHTML.slice(0, 120);
}"""
MISSED = """() => [...document.querySelectorAll(
    'button, a[href], input, textarea, select, summary, [role=combobox], [role=radio], [role=switch], video')]
  .filter(one => !one.disabled && !one.dataset.reached && one.checkVisibility({visibilityProperty: true})
    && !one.querySelector('[data-reached]')
    && !(one.tabIndex < 0 && one.parentElement.closest('[data-testid^=st]')?.querySelector('[data-reached]'))
    && !one.closest('[aria-hidden=true]')
    && one.getBoundingClientRect().width > 2)
  .map(one => one.outerHTML.slice(0, 160))"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app with a video in each state in which a person may find it."""
    relay, home = Relay(), tmp_path_factory.mktemp("desk") / "home"
    home.mkdir()
    app = App(home, private_hosts=f"127.0.0.1:{relay.port}")
    studio = app.studio()
    shown = studio.connections.add("Relay", profile="sandbox", base_url=relay.url, key="hk-key-01")
    states: tuple[tuple[TaskStatus, dict[str, Any]], ...] = (
        (TaskStatus.FAILED, {"failure": "It broke.", "failure_code": "INTERNAL"}),
        (TaskStatus.UNCERTAIN, {"note": "Sent, but no answer came."}),
        (TaskStatus.CANCELLED, {}),
        (TaskStatus.RUNNING, {"progress": 0.4}),
    )
    wire = exchange(doing="create", status_code=200, response_body='{"id": "remote"}')
    for status, more in states:
        changes = {"status": status, "exchanges": [wire], **more}
        record(studio, f"A lake at dawn, {status}", connection=shown.id, **changes)
    studio.close()
    app.start()
    make_videos(app, ["a red fox with a very long name " * 5])
    yield app
    app.kill()
    relay.close()


def ready(page: Page) -> None:
    page.wait_for_function(QUIET)


def look(page: Page, width: int, scheme: Scheme) -> None:
    """Show the page in another width and another light."""
    page.set_viewport_size({"width": width, "height": 900 if width > 400 else 740})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.wait_for_function(
        "wanted => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === wanted",
        arg=scheme,
    )
    ready(page)


def examine(page: Page, axe: str, where: str) -> list[str]:
    """What axe-core and a ruler find in every look of what is shown now."""
    found = []
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe)
    for width, scheme in LOOKS:
        look(page, width, scheme)
        name = f"{where} {width} {scheme}"
        only = ["color-contrast"] if scheme == "dark" else None  # the rest is the same in any light
        found += [f"{name}: {fault}" for fault in page.evaluate(FAULTS, only)]
        wide = page.get_by_test_id("stMain").evaluate("m => m.scrollWidth - m.clientWidth")
        found += [f"{name}: {wide} px too wide"] if wide > 0 else []
    return found


def axe_core() -> str:
    """The judge itself, by Deque Systems; MPL 2.0."""
    found = find_spec("axe_playwright_python")
    assert found is not None and found.origin is not None
    return Path(found.origin).with_name("axe.min.js").read_text("utf-8")


def visit(page: Page, url: str, heading: str = "") -> None:
    page.goto(url)
    expect(page.get_by_role("heading", name=heading or None).first).to_be_visible()
    ready(page)


def test_axe_finds_no_grave_fault_on_any_page_in_any_look(
    desk: App, page: Page, record_property: Callable[[str, object], None]
) -> None:
    axe, found = axe_core(), []
    for stem in PAGES:
        visit(page, f"{desk.url}/{'' if stem == 'create' else stem}")
        found += examine(page, axe, stem)
    assert found == []
    told = f"no serious or critical fault on {len(PAGES)} pages in {len(LOOKS)} looks"
    record_property("axe-core", told)


def test_the_keyboard_reaches_everything_on_create_and_history(desk: App, page: Page) -> None:
    for stem, heading in (("", "Create"), ("history", "History")):
        visit(page, f"{desk.url}/{stem}", heading)
        seen: list[str] = []
        for _ in range(200):
            page.keyboard.press("Tab")
            reached = page.evaluate(REACHED)
            if not reached and len(seen) > 5:
                break
            seen.append(reached)
        assert len(seen) > 20, seen
        assert page.evaluate(MISSED) == []


def test_axe_finds_no_grave_fault_in_a_video_nor_for_whoever_signs_in(
    desk: App, page: Page
) -> None:
    axe, found = axe_core(), []
    studio = desk.studio()
    for task in studio.tasks.page(TaskQuery()).tasks:
        if task.status in (TaskStatus.SUCCEEDED, TaskStatus.UNCERTAIN):
            visit(page, f"{desk.url}/history?task={task.id}", "Video")
            page.get_by_text("What went over the wire").click()
            page.get_by_text("Asked for the video").click()
            expect(page.get_by_text("Answer", exact=True)).to_be_visible()
            found += examine(page, axe, f"a video that is {task.status}")
    person(studio, "Ada", Role.ADMIN)
    studio.close()
    visit(page, desk.url, "Sign in")
    found += examine(page, axe, "the sign-in form")
    page.get_by_role("textbox", name="Name").fill("Ada")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Create")).to_be_visible()
    for stem in ("account", "team"):
        visit(page, f"{desk.url}/{stem}")
        found += examine(page, axe, f"{stem} of an admin")
    assert found == []
