"""The settings and pricing pages: connections, prices, and keys that go nowhere."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import Capability, GenerationRequest
from runway_core.studio import Studio
from tests.ui.conftest import Open, click, field_key, said, sent_to_browser, show

KEY = "hk-very-secret-key-7788"


def add(app: AppTest, profile: str = "openai-hk", **values: str) -> AppTest:
    """Fill the form for a new connection and save it."""
    box = next(b for b in app.selectbox if b.label == "Service")
    own = f"{(box.key or '').removesuffix('.profile')}.{profile}"
    box.select(profile).run()
    for name, value in values.items():
        app.text_input(key=f"{own}.{name}").input(value).run()
        assert not app.exception
    return click(app, f"{own}.save")


def test_a_connection_is_added_and_its_key_is_seen_nowhere(open_app: Open, studio: Studio) -> None:
    app = add(open_app("settings"), key=KEY, unit_price="2,500")
    saved = studio.connections.by_name("openai-hk relay")
    assert saved.key_hint == "…7788" and saved.unit_price == 2500
    assert "key …7788" in said(app) and "5 s = 2,500 points" in said(app)
    assert "POST https://api.openai-hk.com/runwayml/v1/image_to_video" in said(app)
    click(app, f"settings.change.{saved.id}")
    for seen in (app, app.run(), open_app("settings"), show(app, "create")):
        assert KEY not in sent_to_browser(seen)


def test_a_refused_form_keeps_what_was_typed_but_sends_no_key_back(
    open_app: Open, studio: Studio
) -> None:
    app = add(open_app("settings"), key=KEY, name=" ")
    assert "Name** must be 1 to 60 characters" in said(app)
    assert KEY not in "\n".join(repr(field.proto) for field in app.text_input)
    assert KEY in sent_to_browser(app)  # typed and not saved yet: so the search would find it
    assert len(studio.connections.all()) == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"base_url": "ftp://relay.example.com", "key": KEY}, "Address**"),
        ({"base_url": "not an address", "key": KEY}, "Address**"),
        ({"base_url": "https://relay.example.com"}, "API key** is empty"),
        ({"base_url": "https://relay.example.com", "key": "two words"}, "API key** holds spaces"),
        (
            {"base_url": "https://relay.example.com", "key": KEY, "unit_price": "cheap"},
            "Price** must be a number",
        ),
        (
            {"base_url": "https://relay.example.com", "key": KEY, "unit_price": "-0.5"},
            "Price** can't be negative",
        ),
        (
            {"base_url": "https://relay.example.com", "key": KEY, "unit_price": "0.00"},
            "Price** must be more than 0; leave it empty if you don't know it",
        ),
    ],
)
def test_a_wrong_field_is_named_beside_it(
    open_app: Open, studio: Studio, values: dict[str, str], words: str
) -> None:
    app = add(open_app("settings"), "custom", **values)
    assert words in said(app)
    assert len(studio.connections.all()) == 1


def test_an_address_is_made_right_before_the_persons_eyes(open_app: Open) -> None:
    app = open_app("settings")
    box = next(b for b in app.selectbox if b.label == "Service")
    box.select("custom").run()
    field = next(f for f in app.text_input if f.label == "Address")
    field.input("relay.example.com/runwayml/v1/").run()
    assert "POST https://relay.example.com/runwayml/v1/image_to_video" in said(app)


def test_a_connection_is_changed_and_keeps_its_key(open_app: Open, studio: Studio) -> None:
    saved = studio.connections.add("Relay", profile="openai-hk", key=KEY)
    own = f"settings.edit.{saved.id}"
    app = click(open_app("settings"), f"settings.change.{saved.id}")
    assert app.text_input(key=f"{own}.key").value == ""
    app.text_input(key=f"{own}.name").input("Our relay").run()
    click(app, f"{own}.save")
    changed = studio.connections.get(saved.id)
    assert (changed.name, changed.key_hint) == ("Our relay", "…7788")
    assert "Our relay" in said(app)


def test_the_address_opens_the_change_of_a_connection(open_app: Open, studio: Studio) -> None:
    saved = studio.connections.add("Relay", profile="openai-hk", key=KEY)
    own = f"settings.edit.{saved.id}"
    app = open_app("settings", edit=saved.id)
    assert "edit" not in app.query_params
    app.text_input(key=f"{own}.unit_price").input("0,350").run()
    click(app, f"{own}.save")
    assert studio.connections.get(saved.id).unit_price == Decimal("0.35")
    assert not [b for b in app.button if b.label == "Enter the price"]
    assert "Leave as it is" not in said(open_app("settings", edit="nonsense"))


def test_a_card_without_a_price_asks_for_it(open_app: Open, studio: Studio) -> None:
    saved = studio.connections.add("Relay", profile="openai-hk", key=KEY)
    app = open_app("settings")
    assert [b.key for b in app.button if b.label == "Enter the price"] == [
        f"settings.price.{saved.id}"
    ]
    click(app, f"settings.price.{saved.id}")
    assert app.text_input(key=f"settings.edit.{saved.id}.unit_price").value == ""


@pytest.mark.parametrize(
    ("price", "unit", "words"),
    [
        (20_000, "points", "20,000 points"),
        (2, "¥", "2 ¥"),
        (2, "yuan", "2 yuan"),
        (1, "credit", "1 credit"),
        (3, "Credit", "3 Credits"),
        (2, "unit", "2 units"),
    ],
)
def test_a_unit_stays_as_typed(
    open_app: Open, studio: Studio, price: int, unit: str, words: str
) -> None:
    studio.connections.add(
        "Relay", profile="openai-hk", key=KEY, unit_price=Decimal(price), unit=unit
    )
    app = open_app("settings")
    assert any(caption.value.endswith(f"5 s = {words}") for caption in app.caption)


def test_the_form_starts_clean_after_a_save(open_app: Open, studio: Studio) -> None:
    app = add(open_app("settings"), key="two words")
    assert "API key** holds spaces" in said(app)
    add(app, key=KEY)
    name, key = (
        next(f for f in app.text_input if f.label == label) for label in ("Name", "API key")
    )
    assert (name.value, key.value) == ("openai-hk relay 2", "")
    again = next(b.key for b in app.button if b.label == "Save connection")
    click(app, again or "")
    assert ":red[" not in said(app) and len(studio.connections.all()) == 2
    click(app, again or "")
    assert "API key** is empty" in said(app)
    add(app, key=KEY)
    assert [c.name for c in studio.connections.all()][1:] == [
        "openai-hk relay",
        "openai-hk relay 2",
    ]


def test_another_visit_shows_no_old_errors(open_app: Open) -> None:
    app = add(open_app("settings"), "openai-hk")
    click(app, "settings.test.sandbox")
    assert "API key** is empty" in said(app) and app.error
    app = show(show(app, "history"), "settings")
    assert ":red[" not in said(app) and not app.error


def test_another_host_asks_for_the_key_again(open_app: Open, studio: Studio) -> None:
    saved = studio.connections.add("Relay", profile="openai-hk", key=KEY)
    own = f"settings.edit.{saved.id}"
    app = click(open_app("settings"), f"settings.change.{saved.id}")
    app.text_input(key=f"{own}.base_url").input("https://other.example.com").run()
    click(app, f"{own}.save")
    assert "API key** Enter the key again" in said(app)
    assert studio.connections.get(saved.id).base_url == "https://api.openai-hk.com"


def test_deleting_a_connection_asks_first(open_app: Open, studio: Studio) -> None:
    saved = studio.connections.add("Relay", profile="openai-hk", key=KEY)
    app = click(open_app("settings"), f"settings.delete.{saved.id}")
    assert len(studio.connections.all()) == 2 and "Delete Relay?" in said(app)
    click(app, f"settings.delete.sure.{saved.id}")
    assert [c.name for c in studio.connections.all()] == ["Sandbox"]


def test_a_connection_with_open_videos_is_not_deleted(open_app: Open, studio: Studio) -> None:
    (sandbox,) = studio.connections.all()
    request = GenerationRequest(
        capability=Capability.TEXT_TO_VIDEO,
        model="gen4.5",
        prompt="A fox",
        ratio="1280:720",
        duration=5,
    )
    studio.tasks.submit(request, connection=sandbox, token="one")
    app = click(open_app("settings"), "settings.delete.sandbox")
    click(app, "settings.delete.sure.sandbox")
    assert "still open" in said(app) and studio.connections.all() == [sandbox]


def test_a_test_that_fails_says_why_and_what_to_do(open_app: Open) -> None:
    app = click(open_app("settings"), "settings.test.sandbox")
    assert "not running yet" in app.error[0].value


def test_no_connection_at_all_says_how_to_begin(open_app: Open) -> None:
    app = click(open_app("settings"), "settings.delete.sandbox")
    click(app, "settings.delete.sure.sandbox")
    (info,) = app.info
    assert "add one here. Choose “Sandbox (built in)” to practise for free" in info.value


def test_the_data_folder_is_named(open_app: Open, home: Path) -> None:
    assert str(home) in [code.value for code in open_app("settings").code]


def test_a_price_that_was_entered_is_used(open_app: Open, studio: Studio) -> None:
    relay = studio.connections.add(
        "Relay", profile="openai-hk", key=KEY, unit_price=Decimal(3000), unit="point"
    )
    app = open_app()
    app.selectbox(key=field_key(app, "connection")).select(relay.id).run()
    app.pills(key=field_key(app, "duration")).select(10).run()
    assert "6,000 points" in said(app)


def test_a_connection_without_a_key_can_not_generate(open_app: Open, studio: Studio) -> None:
    relay = studio.connections.add("Relay", profile="openai-hk", key=KEY)
    studio.store.connections.change(relay.id, key_hint="", key_sealed=None)
    app = open_app()
    app.selectbox(key=field_key(app, "connection")).select(relay.id).run()
    assert "Relay has no API key yet" in app.error[0].value
    assert "Connection** Relay has no API key yet" in said(app)
    assert app.button(key="create.generate").disabled
