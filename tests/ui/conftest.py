"""Pages are driven through Streamlit's own test harness, over a real home folder and no engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import Capability
from runway_core.studio import Studio
from runway_core.web.runtime import reset, runtime

ROOT = Path(__file__).parents[2]
MAIN = str(ROOT / "runway_core" / "ui" / "main.py")
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home folder, opened afresh for each test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("RUNWAY_HOME", str(folder))
    reset()
    yield folder
    reset()


@pytest.fixture
def studio() -> Studio:
    return runtime().studio


@pytest.fixture
def open_app() -> Open:
    """Open a page in a new browser session, like a new tab."""

    def _open(name: str = "create", **query: str) -> AppTest:
        app = AppTest.from_file(MAIN, default_timeout=20)
        if name == "create":
            return app.run()
        app.run()
        return show(app, name, **query)

    return _open


def show(app: AppTest, name: str, **query: str) -> AppTest:
    """Go to another page in the same session."""
    app.switch_page(str(ROOT / "pages" / f"{name}.py"))
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def click(app: AppTest, key: str) -> AppTest:
    """Click the button with this key."""
    app.button(key=key).click().run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """Everything a person can read on the page, joined."""
    kinds = (
        "title",
        "subheader",
        "markdown",
        "caption",
        "text",
        "info",
        "error",
        "warning",
        "code",
    )
    found = [str(getattr(element, "value", "")) for kind in kinds for element in app.get(kind)]
    return (
        "\n".join([*found, *(b.label for b in app.button)]).replace("\u2060", "").replace("\\", "")
    )


def sent_to_browser(app: AppTest) -> str:
    """Every message of the page as it goes over the wire, and the whole session."""
    found: list[str] = []

    def walk(node: Any) -> None:
        found.append(repr(getattr(node, "proto", "")))
        for child in getattr(node, "children", {}).values():
            walk(child)

    walk(app._tree)
    found.append(repr(app.session_state._state.filtered_state))
    return "\n".join(found)


def field_key(app: AppTest, name: str) -> str:
    """The key of a field of the create form that is shown now."""
    form = app.session_state["create.form"]
    serial = f".{form.serial}" if name == "seed" else ""
    return f"create.{form.draft_id}.{form.edition}.{name}{serial}"


def choose(app: AppTest, capability: str, model: str = "") -> AppTest:
    """Say what to make, and with which model."""
    app.pills(key=field_key(app, "capability")).select(Capability(capability)).run()
    if model:
        app.selectbox(key=field_key(app, "model")).select(model).run()
    assert not app.exception
    return app
