"""The create form, field by field, as the model's catalogue row says."""

from __future__ import annotations

import streamlit as st

from runway_core.catalog import AS_SENT, ModelSpec, OptionSpec, active_options, utf16_length
from runway_core.domain import Capability
from runway_core.language import N_, _, translated
from runway_core.ui import errors, places
from runway_core.ui.choosing import Filled, what_with
from runway_core.ui.drafts import drawn, gathered, keep, option_name, seat
from runway_core.ui.fitting import fitted, spec_for
from runway_core.ui.form import Form, cleared
from runway_core.ui.media_fields import frame_fields, left_out, media_fields
from runway_core.ui.notes import note
from runway_core.ui.option_fields import option_field, shown_value
from runway_core.ui.prompt_tools import prompt_tools
from runway_core.ui.rights import ask_an_admin, to_settings
from runway_core.ui.services import get_studio
from runway_core.ui.words import pixels, plain, shape

_NOTE = "create.note"
_ICONS = {
    "21:9": "panorama_wide_angle",
    "16:9": "crop_16_9",
    "5:3": "crop_16_9",
    "3:2": "crop_landscape",
    "4:3": "crop_landscape",
    "1:1": "crop_square",
    "3:4": "crop_portrait",
    "2:3": "crop_portrait",
    "3:5": "crop_9_16",
    "9:16": "crop_9_16",
}
_FEW = 12
"""Lengths that are shown side by side; more of them make a slider."""
_MANY = 8
"""Shapes that are shown side by side; more of them make a list."""
_PLACEHOLDERS = {
    Capability.TEXT_TO_IMAGE: N_(
        "Say what the picture shows: “A fox in the snow, morning light, wide lens.”"
    ),
    Capability.VIDEO_TO_VIDEO: N_("Say what to change: “Make it night, with rain on the window.”"),
}
_PLACEHOLDER = N_(
    "Say what moves and how the camera moves: “The fox turns its head, slow push in.”"
)


def create_form() -> Filled | None:
    """Draw the form; None when there is no connection to make anything with.

    Raises:
        StorageError: the draft can't be read or saved.
    """
    connections = get_studio().connections.all()
    if not connections:
        _no_connections()
        return None
    filled = _fill(gathered())
    what_with(filled, connections)
    _fitting_note(filled.form)
    form, spec = filled.form, filled.spec
    frame_fields(filled)
    media_fields(filled)
    left_out(filled)
    if spec.prompt_max:
        _prompt(form, spec)
    if spec.offered_ratios():
        _shape(form, spec)
    if spec.offered_durations():
        _length(form, spec)
    _options(filled)
    if spec.seed_max:
        _seed(form, spec)
    drawn(spec)
    keep(form)
    return filled


def only_looks() -> None:
    """Say why there is no form, and where what others have made is."""
    st.info(
        _("You can look at the videos of your team. Your role does not make any."),
        icon=":material/visibility:",
    )
    ask_an_admin(_("let you make videos"))
    st.page_link(places.HISTORY, label=_("Look at the videos"), icon=":material/video_library:")


def _fill(form: Form) -> Filled:
    """The form held against the connection that it names, or the first one."""
    connections = get_studio().connections.all()
    connection = next((c for c in connections if c.id == form.connection_id), connections[0])
    profile = get_studio().connections.profile(connection)
    gone = form.connection_id not in ("", connection.id)
    form, changed = fitted(form, connection, profile)
    if gone:
        changed = _("The connection of this video is gone; {name} was chosen. {changed}").format(
            name=connection.name, changed=changed
        )
    if changed:
        st.session_state[_NOTE] = (changed.strip(), *_noted(form))
    return Filled(form, connection, profile, spec_for(form, profile).given(form.options))


def _noted(form: Form) -> tuple[object, ...]:
    """What a note is about: it goes when any of this is changed."""
    return form.connection_id, form.capability, form.model, form.ratio, form.duration


def _no_connections() -> None:
    st.info(_("There is no connection yet: videos are made with one."), icon=":material/link_off:")
    to_settings(_("Open Settings"), ask=_("add one"), icon=":material/settings:")


def _fitting_note(form: Form) -> None:
    found = st.session_state.get(_NOTE)
    if found and found[1:] == _noted(form):
        st.info(plain(found[0]), icon=":material/aspect_ratio:")


def _prompt(form: Form, spec: ModelSpec) -> None:
    wanted = "" if spec.prompt_required else " " + _("(optional)")
    st.text_area(
        f"{_('Prompt')}{wanted}",
        key=seat("prompt", form.prompt),
        height=120,
        placeholder=_(_PLACEHOLDERS.get(spec.capability, _PLACEHOLDER)),
    )
    length = utf16_length(form.prompt)
    counted = f"{length} / {spec.prompt_max}"
    if length > spec.prompt_max:
        over = length - spec.prompt_max
        errors.red_line(
            _("**{counted}**: {over} too long. Nothing was cut; shorten it.").format(
                counted=counted, over=over
            )
        )
    else:
        st.caption(
            counted, text_alignment="right", help=_("Counted as Runway counts: an emoji is 2.")
        )
    prompt_tools(form.prompt)


def _shape(form: Form, spec: ModelSpec) -> None:
    ratios, key = spec.offered_ratios(), seat("ratio", form.ratio)
    if len(ratios) > _MANY:
        st.selectbox(_("Shape"), ratios, format_func=_shape_line, key=key)
    else:
        st.pills(_("Shape"), ratios, format_func=_shape_label, required=True, wrap=True, key=key)
    _disputed(spec, "ratio", form.ratio)


def _shape_line(ratio: str) -> str:
    return " · ".join(filter(None, (shape(ratio), pixels(ratio))))


def _shape_label(ratio: str) -> str:
    name = shape(ratio)
    icon = "fit_screen" if ratio == AS_SENT else _ICONS.get(name, "crop_free")
    return f":material/{icon}: **{name}** {pixels(ratio)}".rstrip()


def _length(form: Form, spec: ModelSpec) -> None:
    lengths, key = spec.offered_durations(), seat("duration", form.duration)
    if len(lengths) > _FEW:
        st.select_slider(_("Length"), lengths, format_func=_seconds, key=key)
    else:
        st.pills(_("Length"), lengths, format_func=_seconds, required=True, wrap=True, key=key)
    _disputed(spec, "duration", form.duration)


def _seconds(length: int) -> str:
    return _("{n} s").format(n=length)


def _options(filled: Filled) -> None:
    """The model's further settings; those for few people are folded away."""
    request = filled.form.request(filled.spec, filled.profile)
    active = list(active_options(request, filled.spec))
    for option in active:
        if not option.advanced:
            _option(filled.form, option)
    advanced = [option for option in active if option.advanced]
    if advanced:
        with st.expander(_("More settings"), key="create.more", icon=":material/tune:"):
            for option in advanced:
                _option(filled.form, option)


def _option(form: Form, option: OptionSpec) -> None:
    shown = shown_value(option, form.options.get(option.name))
    option_field(option, seat(option_name(option), shown))


def _seed(form: Form, spec: ModelSpec) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            _("Seed"),
            min_value=0,
            max_value=spec.seed_max,
            step=1,
            key=seat("seed", form.seed),
            width=200,
            help=_("The same seed with the same settings gives a similar {made}.").format(
                made=_made(spec)
            ),
        )
        st.button(_("Random"), key="create.random", icon=":material/casino:", on_click=_random_seed)
        st.checkbox(
            _("Keep this seed"),
            key=seat("seed_kept", form.seed_kept),
            help=_("Off: “Make another like this” draws a new seed."),
        )


def _made(spec: ModelSpec) -> str:
    return _("picture") if spec.makes == "image" else _("video")


def _random_seed() -> None:
    seat("seed", cleared(gathered()).seed)


def _disputed(spec: ModelSpec, field: str, value: object) -> None:
    found = spec.dispute(field, value)
    if found:
        note(plain(translated(found.says)))
