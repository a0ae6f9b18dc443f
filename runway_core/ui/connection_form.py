"""The fields of a connection, for a new one and for a saved one. A saved key is never drawn."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import streamlit as st

from runway_core.catalog import Profile, catalog
from runway_core.domain import Connection
from runway_core.errors import DeskError, HostNotAllowedError, InvalidInputError
from runway_core.language import _, translated
from runway_core.ui import errors
from runway_core.ui.amounts import amount_of, amount_text
from runway_core.ui.connection_settings import settings_fields, typed_settings
from runway_core.ui.leads import EDIT
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

EDITING = "settings.editing"
"""Id of the connection that is being changed."""
TESTED = "settings.tested"
"""What the last test of each connection said, by the connection's id."""
_ERROR = "settings.error"
_SAID = "settings.said"
_SAVED = "settings.saved"
"""What to say when Save is clicked once more on the form that a save left empty."""
_ADD = "settings.add."
_COUNT = "settings.added"
_ORDER = ("openai-hk", "yunwu", "runway", "doitong", "custom", "sandbox")
_OWN = ("name", "base_url", "key", "unit_price")


def arrive() -> None:
    """Forget errors and tests of an earlier visit, and open the change that the address asks for."""
    # Streamlit forgets the fields of a page that is left
    if not any(str(key).startswith(_ADD) for key in st.session_state):
        for old in (_ERROR, _SAVED, TESTED):
            st.session_state.pop(old, None)
    asked = st.query_params.pop(EDIT, "")
    if asked:
        edit(asked)


def edit(connection_id: str) -> None:
    """Open the form that changes this connection, without errors of an earlier attempt."""
    st.session_state[EDITING] = connection_id
    st.session_state.pop(_ERROR, None)


def said() -> None:
    """Show once what was saved."""
    text = st.session_state.pop(_SAID, "")
    if text:
        st.toast(text, icon=":material/check_circle:")


def add_form() -> None:
    """Draw the form for a new connection."""
    prefix = _add_prefix()
    profiles = {p.id: p for p in catalog().profiles}
    order = [found for found in _ORDER if found in profiles]
    order += [found for found in profiles if found not in order]
    chosen = st.selectbox(
        _("Service"),
        order,
        format_func=lambda found: translated(profiles[found].title),
        key=f"{prefix}.profile",
    )
    profile = profiles[chosen or order[0]]
    st.caption(plain(translated(profile.about)))
    own = f"{prefix}.{profile.id}"
    _fields(own, profile, None)
    st.button(
        _("Save connection"),
        key=f"{own}.save",
        type="primary",
        icon=":material/add_link:",
        on_click=_add,
        args=(own, profile.id),
    )
    _other_errors(own)
    _offer_host(own, _add, profile.id)


def edit_form(connection: Connection) -> None:
    """Draw the form that changes a saved connection."""
    own = f"settings.edit.{connection.id}"
    _fields(own, get_studio().connections.profile(connection), connection)
    with st.container(horizontal=True):
        st.button(
            _("Save"), key=f"{own}.save", type="primary", on_click=_change, args=(own, connection)
        )
        st.button(_("Leave as it is"), key=f"{own}.leave", on_click=_stop_editing)
    _other_errors(own)
    _offer_host(own, _change, connection)


def _fields(own: str, profile: Profile, old: Connection | None) -> None:
    name = old.name if old else _free_name(profile.title)
    st.text_input(_("Name"), value=name, key=f"{own}.name", max_chars=60)
    _beside(own, "name")
    if profile.kind != "sandbox" or old is None or old.base_url:
        _address(own, profile, old)
    if profile.kind != "sandbox":
        _key(own, profile, old)
    if profile.price == "unknown":
        _price(own, profile, old)
    error = _error(own)
    settings_fields(own, profile, old, error if isinstance(error, InvalidInputError) else None)


def _add_prefix() -> str:
    """Keys of the form for a new connection; each save begins a new one."""
    return f"{_ADD}{st.session_state.setdefault(_COUNT, 0)}"


def _free_name(title: str) -> str:
    taken = {c.name.casefold() for c in get_studio().connections.all()}
    names = (title, *(f"{title} {number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name.casefold() not in taken)


def _address(own: str, profile: Profile, old: Connection | None) -> None:
    text = st.text_input(
        _("Address")
        + (_(" (leave empty for the built-in one)") if profile.kind == "sandbox" else ""),
        value=old.base_url if old else profile.root,
        key=f"{own}.base_url",
        placeholder="https://api.example.com",
        autocomplete="off",
    )
    if not (text or "").strip() and not profile.root:
        if profile.kind != "sandbox":
            st.caption(
                _("The address that your provider gave you, with or without /runwayml or /v1.")
            )
        _beside(own, "base_url")
        return
    try:
        url = get_studio().connections.address(profile.id, text or "")
        st.caption(_("With this address, videos are asked for at:"))
        st.code(f"POST {url}", language=None, wrap_lines=True)
        _beside(own, "base_url")
    except InvalidInputError as error:
        errors.beside(error, "base_url")


def _key(own: str, profile: Profile, old: Connection | None) -> None:
    kept = (
        _("Saved: {key_hint} (leave empty to keep it)").format(key_hint=old.key_hint)
        if old and old.key_hint
        else ""
    )
    st.text_input(
        _("API key"),
        key=f"{own}.key",
        type="password",
        placeholder=kept or profile.key_hint,
        autocomplete="new-password",
        live=True,  # without it, leaving the field with Tab loses what was typed (Streamlit 1.67)
    )
    st.caption(_("Encrypted on this computer, sent only to the address above, never shown again."))
    _beside(own, "key")


def _price(own: str, profile: Profile, old: Connection | None) -> None:
    st.caption(
        _("{price_note} Enter it once, and every video shows its price.").format(
            price_note=plain(translated(profile.price_note))
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            _("Price of a 5-second video (optional)"),
            value=_price_text(old),
            key=f"{own}.unit_price",
            placeholder=_("not known"),
            width=260,
        )
        st.text_input(
            _("In"),
            value=(old and old.unit) or profile.unit,
            key=f"{own}.unit",
            max_chars=20,
            width=140,
        )
    _beside(own, "unit_price")


def _price_text(old: Connection | None) -> str:
    return amount_text(old.unit_price if old else None)


def _typed(own: str, name: str, default: str = "") -> str:
    value = st.session_state.get(f"{own}.{name}")
    return default if value is None else str(value)


def _price_of(text: str) -> Decimal | None:
    return amount_of(text, field="unit_price", empty=_("if you don't know it"))


def _offer_host(own: str, save: Callable[..., None], of: str | Connection) -> None:
    """Offer to allow the address that was just refused, and to save with it."""
    error = _error(own)
    if not isinstance(error, HostNotAllowedError):
        return
    st.warning(
        _(
            "Runway Desk does not know **{host}**. Whoever runs it gets to see your key, "
            "prompts and pictures. Allow it only if you trust them."
        ).format(host=plain(error.host)),
        icon=":material/warning:",
    )
    st.button(
        _("Allow {host} and save").format(host=plain(error.host)),
        key=f"{own}.allow",
        icon=":material/verified_user:",
        on_click=save,
        args=(own, of, error.host),
    )


def _is_still(host: str, typed: str) -> bool:
    """Whether the address in the form is still at the host that was allowed."""
    try:
        return bool(host) and get_studio().hosts.name(typed) == host
    except InvalidInputError:
        return False


def _add(own: str, profile: str, allowed: str = "") -> None:
    again = st.session_state.pop(_SAVED, "")
    if again and _untouched(own, profile):
        st.session_state[_SAID] = again
        return
    try:
        saved = get_studio().connections.add(
            _typed(own, "name"),
            profile=profile,
            base_url=_typed(own, "base_url"),
            key=_typed(own, "key"),
            unit_price=_price_of(_typed(own, "unit_price")),
            unit=_typed(own, "unit"),
            options=typed_settings(own, catalog().profile(profile), None),
            allow_host=_is_still(allowed, _typed(own, "base_url")),
        )
    except DeskError as error:
        st.session_state[_ERROR] = (own, error)
        return
    _forget(own)
    st.session_state[_COUNT] += 1
    st.session_state[_SAID] = st.session_state[_SAVED] = _("{name} is saved.").format(
        name=plain(saved.name)
    )


def _untouched(own: str, profile_id: str) -> bool:
    """Whether this is the second of two clicks: on the form just saved, or on the new one."""
    if not own.startswith(f"{_add_prefix()}."):
        return True
    profile = catalog().profile(profile_id)
    return (
        profile_id == _ORDER[0]
        and not _typed(own, "key")
        and not _typed(own, "unit_price")
        and _typed(own, "name") == _free_name(profile.title)
        and _typed(own, "base_url") == profile.root
    )


def _change(own: str, old: Connection, allowed: str = "") -> None:
    try:
        price = _price_of(_typed(own, "unit_price", _price_text(old)))
        saved = get_studio().connections.change(
            old.id,
            name=_typed(own, "name", old.name),
            base_url=_typed(own, "base_url", old.base_url),
            key=_typed(own, "key"),
            unit_price=price,
            unit=_typed(own, "unit", old.unit),
            options=typed_settings(own, get_studio().connections.profile(old), old),
            allow_host=_is_still(allowed, _typed(own, "base_url", old.base_url)),
        )
    except DeskError as error:
        st.session_state[_ERROR] = (own, error)
        return
    _forget(own)
    _stop_editing()
    st.session_state.get(TESTED, {}).pop(old.id, None)
    st.session_state[_SAID] = _("{name} is saved.").format(name=plain(saved.name))


def _forget(own: str) -> None:
    """Leave no key behind in the session; the browser gets an empty field."""
    if f"{own}.key" in st.session_state:
        st.session_state[f"{own}.key"] = ""
    st.session_state.pop(_ERROR, None)


def _stop_editing() -> None:
    st.session_state.pop(EDITING, None)
    st.session_state.pop(_ERROR, None)


def _beside(own: str, name: str) -> None:
    error = _error(own)
    if isinstance(error, InvalidInputError):
        errors.beside(error, name)


def _other_errors(own: str) -> None:
    error = _error(own)
    if error is None:
        return
    if isinstance(error, InvalidInputError) and all(_is_drawn(p.field) for p in error.problems):
        errors.red_line(_("Not saved: see above."))
        if type(error) is InvalidInputError and error.hint != InvalidInputError.hint:
            st.caption(plain(translated(error.hint)))
    else:
        errors.show(error, lead_on=False)


def _is_drawn(field: str) -> bool:
    """Whether what is wrong with this field is told beside it."""
    return field in _OWN or field.startswith("options.")


def _error(own: str) -> DeskError | None:
    found = st.session_state.get(_ERROR)
    return found[1] if found and found[0] == own else None
