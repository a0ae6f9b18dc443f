"""What holds where a row of a batch says nothing: the connection, the model, the shape and the length."""

from __future__ import annotations

import streamlit as st

from runway_core.catalog import ModelSpec, Profile
from runway_core.domain import Connection
from runway_core.language import _
from runway_core.studio.batch_rows import MADE_OF_LISTS, Usual
from runway_core.ui.batch_draft import draft, keep, on_change, seat
from runway_core.ui.services import get_studio
from runway_core.ui.words import model_label, pixels, shape


def able() -> dict[str, Connection]:
    """Connections that make something of a list, by id."""
    found = get_studio().connections.all()
    return {each.id: each for each in found if _specs(profile_of(each))}


def profile_of(connection: Connection) -> Profile:
    """The catalogue row of a connection."""
    return get_studio().connections.profile(connection)


def _specs(profile: Profile) -> list[ModelSpec]:
    """What can be made of a row: first what is still there, and needs no more than words."""
    found = [spec for spec in profile.specs if spec.capability in MADE_OF_LISTS]
    words = MADE_OF_LISTS[0]
    return sorted(found, key=lambda spec: (spec.retired is not None, spec.capability is not words))


def settings(connections: dict[str, Connection]) -> tuple[Connection, Usual]:
    """Draw the fields."""
    now = draft()
    ids = list(connections)
    chosen = now.connection_id if now.connection_id in connections else ids[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            _("Connection"),
            ids,
            format_func=lambda found: connections[found].name if found in connections else "",
            key=seat("connection_id", chosen),
            on_change=on_change,
            args=("connection_id",),
            width=220,
        )
        connection = connections.get(picked or chosen, connections[chosen])
        specs = _specs(profile_of(connection))
        model = _model(specs, connection)
        own = [spec for spec in specs if spec.id == model]
        ratio = _ratio(own, connection, model)
        duration = _duration(own, connection, model)
    st.caption(_("Model, shape and length hold where a row says nothing."))
    return connection, Usual(model=model, ratio=ratio, duration=duration)


def _model(specs: list[ModelSpec], connection: Connection) -> str:
    titles = {spec.id: model_label(spec) for spec in specs}
    now = draft().model if draft().model in titles else next(iter(titles))
    name = f"model.{connection.id}"
    picked = st.selectbox(
        _("Model"),
        list(titles),
        format_func=lambda found: titles.get(found, ""),
        key=seat(name, now),
        on_change=_picked,
        args=(name, "model"),
        width=220,
    )
    return picked or now


def _ratio(own: list[ModelSpec], connection: Connection, model: str) -> str:
    ratios = list(dict.fromkeys(ratio for spec in own for ratio in spec.offered_ratios()))
    if not ratios:
        return ""
    usual = next((spec.default_ratio for spec in own if spec.default_ratio), ratios[0])
    now = draft().ratio if draft().ratio in ratios else usual
    name = f"ratio.{connection.id}.{model}"
    picked = st.selectbox(
        _("Shape"),
        ratios,
        format_func=lambda ratio: " · ".join(filter(None, (shape(ratio), pixels(ratio)))),
        key=seat(name, now),
        on_change=_picked,
        args=(name, "ratio"),
        width=200,
    )
    return picked or now


def _duration(own: list[ModelSpec], connection: Connection, model: str) -> int:
    lengths = sorted({length for spec in own for length in spec.offered_durations()})
    if not lengths:
        return 0
    usual = next((spec.default_duration for spec in own if spec.default_duration), lengths[0])
    now = draft().duration if draft().duration in lengths else usual
    name = f"duration.{connection.id}.{model}"
    picked = st.selectbox(
        _("Length"),
        lengths,
        format_func=lambda seconds: _("{n} s").format(n=seconds),
        key=seat(name, now),
        on_change=_picked,
        args=(name, "duration"),
        width=110,
    )
    return picked or now


def _picked(name: str, field: str) -> None:
    """A setting has changed whose field has another key for each connection and model."""
    keep(**{field: st.session_state[f"batch.{draft().edition}.{name}"]})
