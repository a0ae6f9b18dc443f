"""What a connection can set further, drawn from its profile's catalogue rows."""

from __future__ import annotations

import streamlit as st

from runway_core.catalog import OptionSpec, Profile
from runway_core.catalog.parts import as_text
from runway_core.domain import Connection
from runway_core.errors import InvalidInputError
from runway_core.language import N_, _
from runway_core.pricing import OWN_WORTH
from runway_core.ui import errors
from runway_core.ui.notes import note
from runway_core.ui.option_fields import chosen_value, option_field, shown_value
from runway_core.ui.words import plain

_NONE = N_("not set")


def settings_fields(
    own: str, profile: Profile, old: Connection | None, error: InvalidInputError | None
) -> None:
    """Draw every setting that makes sense with the others; those for few people are folded away.

    What a unit is worth has its place on the connection's card.

    `own` begins the keys of the form; what is wrong is told beside its field.
    """
    if profile.assumed:
        note(
            _(
                "What {title} accepts is taken from its public pages. Nobody has confirmed "
                "it: try one video first."
            ).format(title=plain(profile.title)),
            icon="help",
        )
    active = [
        setting
        for setting in profile.all_settings()
        if setting.name != OWN_WORTH and _makes_sense(own, setting, profile, old)
    ]
    for setting in active:
        if not setting.advanced:
            _setting(own, setting, old, error)
    advanced = [setting for setting in active if setting.advanced]
    if not advanced:
        return
    wrong = {p.field for p in error.problems} if error else set()
    expanded = any(f"options.{setting.name}" in wrong for setting in advanced)
    with st.expander(
        _("More settings"), icon=":material/tune:", expanded=expanded, key=f"{own}.more"
    ):
        for setting in advanced:
            _setting(own, setting, old, error)


def typed_settings(own: str, profile: Profile, old: Connection | None) -> dict[str, str]:
    """What the fields say, as text; fields that are not drawn keep what they had."""
    found = {} if old is None else dict(old.options)
    for setting in profile.all_settings():
        key = _key(own, setting)
        if key in st.session_state:
            value = chosen_value(setting, st.session_state[key])
            found[setting.name] = "" if value is None else as_text(value)
    return found


def _key(own: str, setting: OptionSpec) -> str:
    return f"{own}.option.{setting.name}"


def _saved(setting: OptionSpec, old: Connection | None) -> str:
    default = "" if setting.default is None else as_text(setting.default)
    return default if old is None else old.options.get(setting.name, default)


def _makes_sense(own: str, setting: OptionSpec, profile: Profile, old: Connection | None) -> bool:
    for name, wanted in setting.only_with.items():
        other = profile.setting(name)
        if other is None:
            return False
        shown = st.session_state.get(_key(own, other), _saved(other, old))
        if as_text(shown) != wanted:
            return False
    return True


def _setting(
    own: str, setting: OptionSpec, old: Connection | None, error: InvalidInputError | None
) -> None:
    key = _key(own, setting)
    if key not in st.session_state:
        text = _saved(setting, old)
        value = setting.read(text) if text or setting.kind in ("text", "lines") else None
        st.session_state[key] = shown_value(setting, value)
    option_field(setting, key, none=_(_NONE))
    if error is not None:
        errors.beside(error, f"options.{setting.name}")
