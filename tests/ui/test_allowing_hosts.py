"""Another address than a known one: said plainly, and one more click away."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from runway_core.studio import Studio
from tests.ui.conftest import Open, click, said, sent_to_browser
from tests.ui.test_settings_page import KEY, add

OWN = "settings.add.0.custom"


def typed(app: AppTest, address: str) -> AppTest:
    app.text_input(key=f"{OWN}.base_url").input(address).run()
    assert not app.exception
    return app


def test_an_unknown_address_is_saved_with_one_more_click_and_a_warning(
    open_app: Open, studio: Studio
) -> None:
    app = add(open_app("settings"), "custom", base_url="https://relay.example.com", key=KEY)
    assert "relay.example.com is not among the addresses that keys may be sent to" in said(app)
    assert "Whoever runs it gets to see your key, prompts and pictures" in said(app)
    assert len(studio.connections.all()) == 1
    click(app, f"{OWN}.allow")
    (saved,) = (one for one in studio.connections.all() if one.base_url)
    assert (saved.base_url, saved.key_hint) == ("https://relay.example.com", "…7788")
    assert "gets to see your key" not in said(app) and KEY not in sent_to_browser(app)
    again = add(open_app("settings"), "custom", base_url="https://relay.example.com/x", key=KEY)
    assert "gets to see your key" not in said(again)
    assert len(studio.connections.all()) == 3


def test_only_the_address_that_was_shown_is_allowed(open_app: Open, studio: Studio) -> None:
    app = add(open_app("settings"), "custom", base_url="https://relay.example.com", key=KEY)
    click(typed(app, "https://thief.example"), f"{OWN}.allow")
    assert "Runway Desk does not know **thief.example**" in said(app)
    assert len(studio.connections.all()) == 1
    assert not [one for one in studio.hosts.all() if one.by == "admin"]


def test_a_known_address_is_saved_without_a_question_and_a_wrong_one_can_not_be_allowed(
    open_app: Open, studio: Studio
) -> None:
    app = add(open_app("settings"), "custom", base_url="http://192.168.1.20:8080", key=KEY)
    assert "RUNWAY_PRIVATE_HOSTS" in said(app) and "Allow " not in said(app)
    click(typed(app, "https://yunwu.ai/runwayml"), f"{OWN}.save")
    assert [one.base_url for one in studio.connections.all() if one.base_url] == [
        "https://yunwu.ai"
    ]


def test_a_saved_connection_moves_the_same_way(open_app: Open, studio: Studio) -> None:
    saved = studio.connections.add("Relay", profile="openai-hk", key=KEY)
    app = open_app("settings")
    click(app, f"settings.change.{saved.id}")
    own = f"settings.edit.{saved.id}"
    app.text_input(key=f"{own}.base_url").input("https://relay.example.com").run()
    app.text_input(key=f"{own}.key").input(KEY).run()
    click(app, f"{own}.save")
    assert studio.connections.get(saved.id).base_url == "https://api.openai-hk.com"
    click(app, f"{own}.allow")
    assert studio.connections.get(saved.id).base_url == "https://relay.example.com"
    assert studio.connections.key(studio.connections.get(saved.id)) == KEY
