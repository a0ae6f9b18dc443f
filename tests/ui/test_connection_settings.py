"""What a connection can set further: drawn from its service's row, saved, kept, and refused beside its field."""

from __future__ import annotations

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.catalog import OptionSpec, Profile, catalog
from runway_core.catalog.parts import as_text
from runway_core.studio import Studio
from runway_core.web.runtime import runtime
from tests.ui.conftest import Open, click, said

PROFILES = [p for p in catalog().profiles if p.settings]
KEY = "key-very-secret-7788"


def choose_service(app: AppTest, profile: Profile) -> tuple[AppTest, str]:
    """Open the form for a new connection, and say how its keys begin."""
    box = next(b for b in app.selectbox if b.label == "Service")
    own = f"{(box.key or '').removesuffix('.profile')}.{profile.id}"
    box.select(profile.id).run()
    assert not app.exception
    return app, own


def key_in(app: AppTest, own: str, profile: Profile) -> None:
    if not profile.root:
        runtime().studio.hosts.allow("relay.example.com")
        app.text_input(key=f"{own}.base_url").input("https://relay.example.com").run()
    app.text_input(key=f"{own}.key").input(KEY).run()


def drawn(app: AppTest, own: str) -> set[str]:
    prefix = f"{own}.option."
    kinds = ("pills", "selectbox", "text_input", "text_area", "toggle", "number_input", "slider")
    keys = (e.key or "" for kind in kinds for e in app.get(kind))
    return {key.removeprefix(prefix) for key in keys if key.startswith(prefix)}


def other(setting: OptionSpec) -> str:
    """A value that it does not have by itself."""
    if setting.kind == "choice":
        return next(c for c in reversed(setting.choices) if c != setting.default)
    if setting.kind == "switch":
        return as_text(not setting.default)
    return setting.example or "GET /v1/jobs/{id}"


def put(app: AppTest, own: str, setting: OptionSpec, value: str) -> None:
    key = f"{own}.option.{setting.name}"
    if setting.kind == "choice":
        kind = "pills" if [p for p in app.pills if p.key == key] else "selectbox"
        getattr(app, kind)(key=key).select(value).run()
    elif setting.kind == "lines":
        app.text_area(key=key).input(value).run()
    else:
        app.text_input(key=key).input(value).run()
    assert not app.exception


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.id)
def test_every_setting_is_drawn_saved_and_shown_again(
    open_app: Open, studio: Studio, profile: Profile
) -> None:
    app, own = choose_service(open_app("settings"), profile)
    always = [setting for setting in profile.settings if not setting.only_with]
    assert {setting.name for setting in always} <= drawn(app, own)
    key_in(app, own, profile)
    for setting in always:
        put(app, own, setting, other(setting))
    click(app, f"{own}.save")
    (saved,) = [c for c in studio.connections.all() if c.profile == profile.id]
    for setting in always:
        assert saved.options[setting.name] == other(setting)
    click(app, f"settings.change.{saved.id}")
    edit = f"settings.edit.{saved.id}"
    fields: list[Any] = [*app.pills, *app.selectbox, *app.text_input, *app.text_area]
    again = {field.key: field.value for field in fields}
    for setting in always:
        assert again[f"{edit}.option.{setting.name}"] == other(setting)
    click(app, f"{edit}.save")
    assert studio.connections.get(saved.id).options == saved.options


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.id)
def test_a_connection_saved_as_it_is_sets_nothing(
    open_app: Open, studio: Studio, profile: Profile
) -> None:
    app, own = choose_service(open_app("settings"), profile)
    key_in(app, own, profile)
    click(app, f"{own}.save")
    (saved,) = [c for c in studio.connections.all() if c.profile == profile.id]
    assert saved.options == {}


def test_what_nobody_confirmed_says_so(open_app: Open) -> None:
    doitong = catalog().profile("doitong")
    app, own = choose_service(open_app("settings"), doitong)
    shown = [s for s in doitong.all_settings() if s.name in drawn(app, own)]
    assumed = [setting for setting in shown if setting.assumed]
    assert assumed and len(assumed) < len(shown)
    assert said(app).count("Assumed: nobody has confirmed this.") == len(assumed)
    assert "Nobody has confirmed it: try one video first" in said(app)
    app, _ = choose_service(app, catalog().profile("runway"))
    assert "Nobody has confirmed" not in said(app) and "Assumed" not in said(app)


def test_a_setting_of_another_setting_comes_and_goes_with_it(
    open_app: Open, studio: Studio
) -> None:
    doitong = catalog().profile("doitong")
    app, own = choose_service(open_app("settings"), doitong)
    depending = next(s for s in doitong.settings if s.only_with)
    ((name, wanted),) = depending.only_with.items()
    leading = doitong.setting(name)
    assert leading is not None
    assert (depending.name in drawn(app, own)) == (leading.default == wanted)
    put(app, own, leading, next(c for c in leading.choices if c != wanted))
    assert depending.name not in drawn(app, own)
    put(app, own, leading, wanted)
    assert depending.name in drawn(app, own)


def test_a_wrong_setting_is_named_beside_its_field_and_nothing_is_saved(
    open_app: Open, studio: Studio
) -> None:
    profile, setting = next(
        (p, s) for p in PROFILES for s in p.settings if s.kind == "text" and s.pattern
    )
    app, own = choose_service(open_app("settings"), profile)
    key_in(app, own, profile)
    put(app, own, setting, "two words")
    click(app, f"{own}.save")
    assert f"**{setting.title}** must look like" in said(app)
    assert "Not saved: see above." in said(app)
    assert [c.profile for c in studio.connections.all()] == ["sandbox"]
    assert not re.search(r"options\.\w", said(app))


def test_an_emptied_list_stays_empty(open_app: Open, studio: Studio) -> None:
    profile, setting = next(
        (p, s) for p in PROFILES for s in p.settings if s.kind == "lines" and s.default
    )
    saved = studio.connections.add("Mine", profile=profile.id, key=KEY)
    own = f"settings.edit.{saved.id}"
    app = click(open_app("settings"), f"settings.change.{saved.id}")
    app.text_area(key=f"{own}.option.{setting.name}").input("").run()
    click(app, f"{own}.save")
    assert studio.connections.get(saved.id).options == {setting.name: ""}
