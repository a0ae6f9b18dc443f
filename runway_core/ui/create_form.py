"""The create form, field by field."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from runway_core.catalog import ModelSpec, Profile, utf16_length
from runway_core.domain import Connection, FramePosition
from runway_core.ui import places
from runway_core.ui.drafts import gathered, keep, seat, widget
from runway_core.ui.form import SEED_MAX, Form, cleared
from runway_core.ui.picture_field import picture_field
from runway_core.ui.services import get_studio
from runway_core.ui.words import field, model_label, pixels, plain, shape

_NOTE = "create.note"
_ICONS = {
    "21:9": "panorama_wide_angle",
    "16:9": "crop_16_9",
    "5:3": "crop_16_9",
    "4:3": "crop_landscape",
    "1:1": "crop_square",
    "3:4": "crop_portrait",
    "3:5": "crop_9_16",
    "9:16": "crop_9_16",
}


@dataclass(frozen=True)
class Filled:
    """The form of this run, and what it was held against."""

    form: Form
    connection: Connection
    profile: Profile
    spec: ModelSpec


def create_form() -> Filled | None:
    """Draw the form; None when there is no connection to make a video with.

    Raises:
        StorageError: the draft can't be read or saved.
    """
    connections = get_studio().connections.all()
    if not connections:
        _no_connections()
        return None
    form = gathered()
    connection = next((c for c in connections if c.id == form.connection_id), connections[0])
    profile = get_studio().connections.profile(connection)
    gone = form.connection_id not in ("", connection.id)
    form, note = form.fitted(connection, profile)
    if gone:
        note = f"The connection of this video is gone; {connection.name} was chosen. {note}".strip()
    spec = next(s for s in profile.specs if (s.id, s.capability) == (form.model, form.capability))
    if note:
        st.session_state[_NOTE] = (note, form.model, form.ratio, form.duration)
    filled = Filled(form, connection, profile, spec)
    _what_with(filled, connections)
    for position in FramePosition:
        if position in spec.offered_positions():
            picture_field(form, position, spec=spec)
        elif form.picked(position).frame(position) is not None:
            _unused_picture(position, spec)
    _prompt(form, spec)
    _shape(form, spec)
    _length_and_seed(form, spec)
    keep(form)
    return filled


def _no_connections() -> None:
    st.info("There is no connection yet. Add one to make a video.", icon=":material/link_off:")
    st.page_link(places.SETTINGS, label="Open Settings", icon=":material/settings:")


def _what_with(filled: Filled, connections: list[Connection]) -> None:
    form, profile = filled.form, filled.profile
    studio = get_studio()
    names = {
        c.id: f"{c.name} · {'practice: free' if c.profile == 'sandbox' else studio.connections.profile(c).title}"
        for c in connections
    }
    models = {f"{s.id}|{s.capability}": model_label(s) for s in profile.specs}
    left, right = st.columns(2)
    with left:
        seat("connection", form.connection_id)
        st.selectbox(
            "Connection", list(names), format_func=names.__getitem__, key=widget("connection")
        )
    with right:
        seat("model", f"{form.model}|{form.capability}")
        st.selectbox("Model", list(models), format_func=models.__getitem__, key=widget("model"))
    st.caption(plain(filled.spec.about))
    if filled.spec.retired:
        st.warning(plain(filled.spec.retired.says), icon=":material/history_toggle_off:")
    if filled.connection.profile != "sandbox" and not filled.connection.key_hint:
        st.error(f"{plain(filled.connection.name)} has no API key yet.", icon=":material/key_off:")
        st.page_link(places.SETTINGS, label="Enter it in Settings", icon=":material/settings:")
    _fitting_note(form)


def _fitting_note(form: Form) -> None:
    note = st.session_state.get(_NOTE)
    if note and note[1:] == (form.model, form.ratio, form.duration):
        st.info(plain(note[0]), icon=":material/aspect_ratio:")


def _unused_picture(position: FramePosition, spec: ModelSpec) -> None:
    st.caption(
        f":material/visibility_off: The {field(f'frames.{position}').lower()} that you chose is not used: "
        f"{spec.title} takes none. It is here again with a model that does."
    )


def _prompt(form: Form, spec: ModelSpec) -> None:
    wanted = "" if spec.prompt_required else " (optional)"
    st.text_area(
        f"Prompt{wanted}",
        key=seat("prompt", form.prompt),
        height=120,
        placeholder="Say what moves and how the camera moves: “The fox turns its head, slow push in.”",
    )
    length = utf16_length(form.prompt)
    counted = f"{length} / {spec.prompt_max}"
    if length > spec.prompt_max:
        over = length - spec.prompt_max
        st.caption(
            f":red[:material/error: **{counted}**: {over} too long. Nothing was cut; shorten it.]",
            text_alignment="right",
        )
    else:
        st.caption(counted, text_alignment="right", help="Counted as Runway counts: an emoji is 2.")


def _shape(form: Form, spec: ModelSpec) -> None:
    st.pills(
        "Shape",
        spec.offered_ratios(),
        format_func=_shape_label,
        required=True,
        wrap=True,
        key=seat("ratio", form.ratio),
    )
    _disputed(spec, "ratio", form.ratio)


def _shape_label(ratio: str) -> str:
    name = shape(ratio)
    return f":material/{_ICONS.get(name, 'crop_free')}: **{name}** {pixels(ratio)}"


def _length_and_seed(form: Form, spec: ModelSpec) -> None:
    st.pills(
        "Length",
        spec.offered_durations(),
        format_func=lambda seconds: f"{seconds} s",
        required=True,
        wrap=True,
        key=seat("duration", form.duration),
    )
    _disputed(spec, "duration", form.duration)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Seed",
            min_value=0,
            max_value=SEED_MAX,
            step=1,
            key=seat("seed", form.seed),
            width=200,
            help="The same seed with the same settings gives a similar video.",
        )
        st.button("Random", key="create.random", icon=":material/casino:", on_click=_random_seed)
        st.checkbox(
            "Keep this seed",
            key=seat("seed_kept", form.seed_kept),
            help="Off: “Make another like this” draws a new seed.",
        )


def _random_seed() -> None:
    seat("seed", cleared(gathered()).seed)


def _disputed(spec: ModelSpec, field: str, value: object) -> None:
    found = spec.dispute(field, value)
    if found:
        st.caption(f":orange[:material/info:] {plain(found.says)}")
