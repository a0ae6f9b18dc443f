"""Checking a connection on the settings page: what is told, what can be copied, and what never is."""

from __future__ import annotations

import socket

from runway_core.sandbox import EmbeddedSandbox
from runway_core.studio import Studio
from tests.builders import connection
from tests.ui.conftest import Open, click, said, sent_to_browser

KEY = "hk-very-secret-key-7788"


def test_a_check_that_fails_names_the_step_and_what_to_do(open_app: Open, studio: Studio) -> None:
    saved = studio.connections.add(
        "Relay", profile="custom", base_url="https://relay.invalid", key=KEY, allow_host=True
    )
    app = click(open_app("settings"), f"settings.test.{saved.id}")
    (shown,) = app.error
    assert "Name:" in shown.value and "Nobody knows the name relay.invalid" in shown.value
    assert "Check its spelling" in shown.value
    assert shown.value.count("charged") == 1
    assert "API key" in said(app)  # what was not reached is listed too
    report = next(code.value for code in app.code if code.value.startswith("Runway Desk"))
    assert "Authorization: Bearer …7788" in report
    assert "POST https://relay.invalid/runwayml/v1/image_to_video" in report
    assert "very-secret" not in sent_to_browser(app)


def test_the_built_in_sandbox_is_said_to_work(open_app: Open, studio: Studio) -> None:
    sandbox = EmbeddedSandbox(studio.settings.sandbox, speed=20)
    sandbox.start()
    try:
        app = click(open_app("settings"), "settings.test.sandbox")
    finally:
        sandbox.stop()
    (shown,) = app.success
    assert shown.value.startswith("The built-in sandbox works.") and "key" not in shown.value
    assert "credits left" in said(app)
    assert studio.connections.get("sandbox").balance is not None


def test_the_address_can_ask_for_a_check(open_app: Open, studio: Studio) -> None:
    saved = studio.connections.add(
        "Relay", profile="custom", base_url="https://relay.invalid", key=KEY, allow_host=True
    )
    app = open_app("settings", check=saved.id)
    assert "Nobody knows the name" in app.error[0].value
    assert "check" not in app.query_params
    assert not open_app("settings", check="nonsense").error


def test_a_check_is_forgotten_when_its_connection_changes(open_app: Open, studio: Studio) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        saved = connection(profile="custom", base_url=address)  # named by the operator until today
        studio.store.connections.add(saved, key_sealed=None)
        app = click(open_app("settings"), f"settings.test.{saved.id}")
    assert "RUNWAY_PRIVATE_HOSTS" in app.error[0].value
    click(app, f"settings.change.{saved.id}")
    click(app, f"settings.edit.{saved.id}.save")
    assert not app.error
