"""Calls from providers, in Settings: the address, its test, and the secrets."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.studio import Studio
from tests.ui.conftest import Open, click, said, sent_to_browser


def successes(app: AppTest) -> str:
    return "\n".join(shown.value for shown in app.success)


def test_an_address_is_saved_in_its_plain_form_and_can_be_taken_away(
    open_app: Open, studio: Studio
) -> None:
    app = open_app("settings")
    assert "Send me a test" not in said(app)
    app.text_input(key="callbacks.address").input(" https://desk.example.com/desk/ ").run()
    click(app, "callbacks.save")
    assert studio.callbacks.address() == "https://desk.example.com/desk"
    assert app.text_input(key="callbacks.address").value == "https://desk.example.com/desk"
    assert "Saved" in successes(app) and "Send me a test" in said(app)
    app.text_input(key="callbacks.address").input("").run()
    click(app, "callbacks.save")
    assert studio.callbacks.address() == "" and "not told to call" in successes(app)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("desk.example.com", "is no address"),
        ("http://desk.example.com", "must begin with https://"),
        ("https://desk.example.com/?a=1", "must be a plain address"),
        ("https://me:secret@desk.example.com", "must be a plain address"),
        ("ftp://desk.example.com", "must begin with https://"),
        ("https://desk.example.com:99999", "is no address"),
        ("https://[::1", "is no address"),
        ("javascript:alert(1)", "is no address"),
    ],
)
def test_what_is_no_address_is_refused_beside_the_field(
    open_app: Open, studio: Studio, text: str, says: str
) -> None:
    app = open_app("settings")
    app.text_input(key="callbacks.address").input(text).run()
    click(app, "callbacks.save")
    assert f"Public address** {says}" in said(app)
    assert studio.callbacks.address() == ""


def test_a_test_that_can_t_get_out_is_said(open_app: Open, studio: Studio) -> None:
    studio.callbacks.set_address("https://desk.example.com")
    app = click(open_app("settings"), "callbacks.test")
    (shown,) = app.error
    assert "can't be reached" in shown.value or "not be found" in shown.value
    assert "Some networks can't call themselves" in shown.value


def test_a_secret_is_saved_for_those_that_sign_and_never_shown_again(
    open_app: Open, studio: Studio
) -> None:
    studio.connections.add("A relay", profile="openai-hk", key="hk-12345678")
    signing = studio.connections.add("Doi", profile="doitong", key="dt-12345678")
    app = open_app("settings")
    fields = [field.label for field in app.text_input if "Signing secret" in field.label]
    assert fields == ["Signing secret of Doi"]
    key = f"callbacks.secret.{signing.id}"
    app.text_input(key=key).input("short").run()
    click(app, f"{key}.save")
    assert "Signing secret** must be 8 to 512 characters" in said(app)
    app.text_input(key=key).input("a-canary-secret").run()
    click(app, f"{key}.save")
    assert studio.callbacks.secrets(signing.id) == ("a-canary-secret",)
    assert "Saved" in successes(app)
    assert "a-canary-secret" not in sent_to_browser(open_app("settings"))
    click(app, f"{key}.forget")
    assert studio.callbacks.secrets(signing.id) == ()
