"""The real app in its own process, and a real Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from runway_core.settings import load
from runway_core.studio import Studio, open_studio
from tests.forked import Forked
from tests.relay import Relay

ROOT = Path(__file__).parents[2]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
expect.set_options(timeout=20_000)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class App:
    """``streamlit run app.py`` on one home; it can be killed and started again."""

    def __init__(
        self, home: Path, *, private_hosts: str = "", speed: int = 20, **environment: str
    ) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME")}
        self.environment = kept | {
            "RUNWAY_HOME": str(home),
            "RUNWAY_PRIVATE_HOSTS": private_hosts,
            "RUNWAY_SANDBOX_SPEED": str(speed),
            "STREAMLIT_SERVER_PORT": str(self.port),
            **environment,
        }
        self.log = home.parent / "app.log"
        self.process: Forked | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            words = ["streamlit", "run", "app.py"]
            self.process = Forked(words, environment=self.environment, folder=ROOT, log=log)
        ends = time.monotonic() + 30
        while not self._healthy():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < ends, self.log.read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as an operator stops it."""
        self._end(signal.SIGTERM)

    def studio(self) -> Studio:
        """A second look into the same home, from the test's own process."""
        return open_studio(load(self.environment))

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(20)
            self.process = None

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found, "The browser suite needs Chromium: install Debian's package “chromium”."
    return found


@pytest.fixture(scope="package")  # closed before other tests need the main thread's event loop
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")  # closed before other tests need the main thread's event loop
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
    yield started
    started.close()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The app on a fresh home, with nothing but its built-in sandbox."""
    (tmp_path / "home").mkdir()
    started = App(tmp_path / "home")
    started.start()
    yield started
    started.kill()


@pytest.fixture
def relay() -> Iterator[Relay]:
    server = Relay()
    yield server
    server.close()


@pytest.fixture
def relay_app(tmp_path: Path, relay: Relay) -> Iterator[App]:
    """The app with a connection to a relay that counts what it is paid for."""
    (tmp_path / "home").mkdir()
    started = App(tmp_path / "home", private_hosts=f"127.0.0.1:{relay.port}")
    studio = started.studio()
    studio.connections.add("Relay", profile="sandbox", base_url=relay.url, key="hk-canary-0001")
    studio.close()
    started.start()
    yield started
    started.kill()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "holiday.jpg"
    Image.radial_gradient("L").resize((1600, 1000)).convert("RGB").save(path, quality=90)
    return path
