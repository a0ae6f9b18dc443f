"""Every row of the catalogue can be filled, priced and asked for, through fields drawn from the row alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.catalog import ModelSpec, Profile, active_options, catalog
from runway_core.domain import Capability, Connection, GenerationRequest
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from runway_core.ui.form import read_form
from tests.ui.conftest import Open, choose, field_key, said
from tests.ui.filling import fill, frames, set_option, widgets

ROWS = [(p.id, c.value) for p in catalog().profiles for c in p.capabilities()]
"""Each service with each kind of thing that it makes."""
SECONDS = 240
"""A busy machine may take that long for the largest part of the catalogue."""


def connect(studio: Studio, profile: Profile) -> Connection:
    if profile.kind == "sandbox":
        return studio.connections.all()[0]
    address = "" if profile.root else "https://relay.example.com"
    return studio.connections.add(
        "Mine", profile=profile.id, base_url=address, key="key-12345678", allow_host=bool(address)
    )


def open_form(open_app: Open, studio: Studio, profile_id: str) -> tuple[AppTest, Connection]:
    connection = connect(studio, catalog().profile(profile_id))
    app = open_app()
    app.selectbox(key=field_key(app, "connection")).select(connection.id).run()
    assert not app.exception
    return app, connection


def specs(profile_id: str, capability: str) -> Iterator[ModelSpec]:
    return (s for s in catalog().profile(profile_id).specs if s.capability == capability)


def asked(studio: Studio, connection: Connection) -> GenerationRequest:
    """What the form on the screen asks for, as it was saved."""
    form = read_form(studio.drafts.load())
    spec = studio.tasks.spec(connection, form.model, form.capability)
    return form.request(spec, studio.connections.profile(connection))


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize(("profile_id", "capability"), ROWS)
def test_the_form_has_exactly_the_fields_of_the_row_and_what_it_asks_for_is_allowed(
    open_app: Open, studio: Studio, profile_id: str, capability: str
) -> None:
    app, connection = open_form(open_app, studio, profile_id)
    for spec in specs(profile_id, capability):
        choose(app, capability, spec.id)
        drawn = set(widgets(app))
        assert ("prompt" in drawn, "ratio" in drawn) == (bool(spec.prompt_max), bool(spec.ratios))
        assert ("duration" in drawn, "seed" in drawn) == (
            bool(spec.durations),
            bool(spec.seed_max),
        )
        shown = {name.partition(".")[0] for name in drawn if name.endswith((".mode", ".link"))}
        assert shown & {"first", "last"} == frames(spec), spec.id
        fill(app, spec, everything=False)
        request = asked(studio, connection)
        assert (request.model, request.capability) == (spec.id, spec.capability)
        studio.tasks.check(request, connection)
        assert not app.button(key="create.generate").disabled, said(app)
        assert "Free" in said(app) or "Price not known" in said(app) or "credit" in said(app)


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("capability", list(Capability))
def test_every_setting_of_every_model_reaches_the_request_and_is_priced_at_once(
    open_app: Open, studio: Studio, capability: Capability
) -> None:
    app, connection = open_form(open_app, studio, "runway")
    for spec in specs("runway", capability):
        choose(app, capability, spec.id)
        fill(app, spec, everything=False)
        for option in spec.options:
            request = asked(studio, connection)
            names = {active.name for active in active_options(request, spec)}
            assert (f"option.{option.name}" in widgets(app)) == (option.name in names)
            if option.name not in names:
                continue
            value = set_option(app, option)
            request = asked(studio, connection)
            assert request.options.get(option.name) == value, (spec.id, option.name)
            studio.tasks.check(request, connection)
            estimate = studio.tasks.estimate(connection, spec, studio.tasks.asked(request))
            if estimate.high is not None:
                assert f"{estimate.high.normalize():,f} credit" in said(app), spec.id


@pytest.mark.parametrize("capability", list(Capability))
def test_one_click_records_what_the_form_shows(
    open_app: Open, studio: Studio, capability: Capability
) -> None:
    app, _ = open_form(open_app, studio, "sandbox")
    spec = next(specs("sandbox", capability))
    choose(app, capability, spec.id)
    fill(app, spec, everything=False)
    app.button(key="create.generate").click().run()
    assert not app.exception
    (task,) = studio.tasks.page(TaskQuery()).tasks
    request = task.request
    assert (request.capability, request.model) == (capability, spec.id)
    assert len(request.frames) == spec.frames_min
    assert {sent.role for sent in request.media} == {m.role for m in spec.media if m.least}
    assert all(frame.asset for frame in request.frames)
    assert all(sent.asset for sent in request.media)
    assert request.prompt == ("A boat leaves the harbour" if spec.prompt_max else "")
    assert request.ratio in (spec.ratios or ("",))
    assert request.duration == (spec.default_duration if spec.durations else 0)
    assert (request.seed is None) == (spec.seed_max == 0)
    again = open_app()
    assert "change something, or make another" in said(again)
