"""``make screenshots``: starts the app on an empty home, makes a few videos and takes the pictures of the docs.

It needs Chromium, as the browser tests do; everything happens on this computer and costs nothing.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright

from runway_core.domain import Capability, GenerationRequest, Task
from runway_core.settings import load
from runway_core.studio import Studio, open_studio

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
PATIENCE = 120.0
"""Seconds that the app may take to start, and the sandbox to make all videos."""
PROMPTS = (
    "fail: a shop window with a large logo",
    "A lighthouse in a storm, waves break on the rocks, slow push in",
    "A paper boat drifts down a rainy street, camera follows low",
    "A night market from above, lanterns sway in the wind",
    "A fox crosses a frozen lake at dawn, wide shot",
)
expect.set_options(timeout=20_000)


class Shot(NamedTuple):
    """One picture of the docs."""

    name: str
    path: str
    heading: str
    scheme: Literal["light", "dark"] = "light"
    width: int = 1280
    height: int = 860
    before: Callable[[Page], None] = lambda _: None
    """What is done on the page first."""


def filled(page: Page) -> None:
    """The form with the sample picture and a sentence."""
    page.locator("input[type=file]").first.wait_for(state="attached")
    page.get_by_role("button", name="Use a sample picture").click()
    expect(page.get_by_alt_text("First frame: what the video shows of it")).to_be_visible()
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill("The sun sinks behind the hills, mist drifts through the valley")
    prompt.blur()
    expect(page.get_by_text("62 / 1000")).to_be_visible()


def still_filled(page: Page) -> None:
    """The same in another tab: a draft is kept."""
    expect(page.get_by_alt_text("First frame: what the video shows of it")).to_be_visible()


def unfolded(page: Page) -> None:
    """What went over the wire, with the first request open."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("What went over the wire").click()
    dialog.get_by_text("Asked for the video").click()
    expect(dialog.get_by_text("Answer", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Download for a support ticket").scroll_into_view_if_needed()


def shots(video: Task) -> tuple[Shot, ...]:
    """Every picture, in the order in which they are taken."""
    one = f"history?task={video.id}"
    return (
        Shot("create-light", "", "Create", before=filled),
        Shot("create-dark", "", "Create", "dark", before=still_filled),
        Shot("create-phone", "", "Create", "light", 390, 844),
        Shot("history-light", "history", "History"),
        Shot("history-dark", one, "Video", "dark"),
        Shot("wire-light", one, "Video", before=unfolded),
        Shot("pricing-light", "pricing", "Pricing"),
        Shot("pricing-dark", "pricing", "Pricing", "dark"),
        Shot("batch-light", "batch", "Batch"),
        Shot("spend-light", "spend", "Spend"),
        Shot("settings-light", "settings", "Settings"),
    )


@contextmanager
def app(home: Path) -> Iterator[str]:
    """The app on a home of its own; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "RUNWAY_HOME": str(home),
        "RUNWAY_SANDBOX_SPEED": "20",
        "STREAMLIT_SERVER_PORT": str(port),
    }
    words = [sys.executable, "-m", "streamlit", "run", "app.py"]
    with (home / "app.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://localhost:{port}"
        _until(lambda: _answers(f"{url}/_stcore/health"))
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _until(done: Callable[[], bool]) -> None:
    ends, pause = time.monotonic() + PATIENCE, threading.Event()
    while not done():
        if time.monotonic() > ends:
            raise TimeoutError(f"not ready after {PATIENCE:.0f} s")
        pause.wait(0.2)


def make_videos(studio: Studio) -> Task:
    """Ask the sandbox for some videos, and wait for them; the newest that is finished."""
    practice = next(c for c in studio.connections.all() if c.profile == "sandbox")
    for number, prompt in enumerate(PROMPTS):
        wish = GenerationRequest(
            capability=Capability.TEXT_TO_VIDEO,
            model="gen4.5",
            prompt=prompt,
            ratio="1280:720",
            duration=5,
            seed=4000 + number,
        )
        studio.tasks.submit(wish, connection=practice, token=f"picture {number}")
    _until(lambda: not studio.notices.open_ids())
    wanted = studio.tasks.by_token("picture 4")
    if wanted is None or not wanted.artifacts:
        raise RuntimeError("the sandbox did not make the video")
    return wanted


def take(browser: Browser, url: str, shot: Shot) -> None:
    """Take one picture."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.scheme,
        reduced_motion="reduce",
        device_scale_factor=1,
    )
    page = context.new_page()
    page.goto(f"{url}/{shot.path}")
    expect(page.get_by_role("heading", name=shot.heading, exact=True).first).to_be_visible()
    shot.before(page)
    page.wait_for_load_state("networkidle")
    if shot.before is not unfolded:
        page.get_by_test_id("stMain").evaluate("m => m.scrollTo(0, 0)")
    page.wait_for_function(
        "() => !document.querySelector('[data-stale=true], [data-testid=stSkeleton]')"
    )
    page.screenshot(path=IMAGES / f"{shot.name}.png")
    sys.stdout.write(f"docs/images/{shot.name}.png\n")
    context.close()


def chromium() -> str:
    """Where the browser is: what CHROMIUM names, else one of the usual programs."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise SystemExit("This needs Chromium: install it, or set CHROMIUM to its path.")
    return found


def main() -> None:
    """Take all of them."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, app(Path(folder)) as url:
        studio = open_studio(load({"RUNWAY_HOME": folder}))
        video = make_videos(studio)
        studio.close()
        with sync_playwright() as playwright:
            program = chromium()
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            for shot in shots(video):
                take(browser, url, shot)
            browser.close()


if __name__ == "__main__":
    main()
