"""What to make it with: the connection, what is made of what, and the model."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from runway_core.catalog import ModelSpec, Profile
from runway_core.domain import Capability, Connection
from runway_core.language import _, translated
from runway_core.ui.drafts import seat
from runway_core.ui.form import Form
from runway_core.ui.rights import to_settings
from runway_core.ui.services import get_studio
from runway_core.ui.words import CAPABILITIES, capability, model_label, plain

_ICONS = {
    Capability.IMAGE_TO_VIDEO: "image",
    Capability.TEXT_TO_VIDEO: "notes",
    Capability.VIDEO_TO_VIDEO: "auto_fix_high",
    Capability.CHARACTER_PERFORMANCE: "theater_comedy",
    Capability.VIDEO_UPSCALE: "hd",
    Capability.TEXT_TO_IMAGE: "add_photo_alternate",
}


@dataclass(frozen=True)
class Filled:
    """The form of this run, and what it was held against."""

    form: Form
    connection: Connection
    profile: Profile
    spec: ModelSpec
    """As it is with the settings of the form."""


def what_with(filled: Filled, connections: list[Connection]) -> None:
    """Draw the three choices and what there is to know about them."""
    form, profile = filled.form, filled.profile
    names = {c.id: _connection_label(c) for c in connections}
    st.selectbox(
        _("Connection"),
        list(names),
        format_func=lambda found: names.get(found, ""),
        key=seat("connection", form.connection_id),
    )
    offered = profile.capabilities()
    st.pills(
        _("What to make"),
        [wanted for wanted in CAPABILITIES if wanted in offered],
        format_func=lambda wanted: f":material/{_ICONS[wanted]}: {capability(wanted)}",
        required=True,
        wrap=True,
        key=seat("capability", Capability(form.capability)),
    )
    models = {s.id: model_label(s) for s in profile.specs if s.capability == form.capability}
    st.selectbox(
        _("Model"),
        list(models),
        format_func=lambda found: models.get(found, ""),
        key=seat("model", form.model),
    )
    st.caption(plain(translated(filled.spec.about)))
    _to_know(filled)


def _connection_label(connection: Connection) -> str:
    if connection.profile == "sandbox":
        return _("{name} · practice: free").format(name=connection.name)
    title = get_studio().connections.profile(connection).title
    return title if connection.name == title else f"{connection.name} · {title}"


def _to_know(filled: Filled) -> None:
    connection = filled.connection
    if filled.spec.retired:
        st.warning(
            plain(translated(filled.spec.retired.says)), icon=":material/history_toggle_off:"
        )
    if connection.profile != "sandbox" and not connection.key_hint:
        st.error(
            _("{name} has no API key yet.").format(name=plain(connection.name)),
            icon=":material/key_off:",
        )
        to_settings(_("Enter it in Settings"), ask=_("enter it"), icon=":material/settings:")
