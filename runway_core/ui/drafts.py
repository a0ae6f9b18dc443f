"""The create form of this session, kept in step with its widgets and with the saved draft."""

from __future__ import annotations

import base64
import binascii
import threading
from typing import Any

import streamlit as st

from runway_core.catalog import ModelSpec, OptionSpec, catalog
from runway_core.domain import (
    Artifact,
    Asset,
    Capability,
    Frame,
    FramePosition,
    Media,
    MediaKind,
    Task,
    Value,
)
from runway_core.errors import DeskError
from runway_core.language import _
from runway_core.ui.form import Form, another, cleared, read_form, same_again, starting_from
from runway_core.ui.option_fields import chosen_value
from runway_core.ui.picked import Given, Picked, Place
from runway_core.ui.services import get_studio

_FORM = "create.form"
_SAVED = "create.saved"
_DRAWN = "create.drawn"
"""The model whose settings are on the screen."""
_FIELDS = ("capability", "model", "prompt", "ratio", "duration", "seed", "seed_kept")
_PICKED = ("mode", "link", "link_kind", "focus", "tag", "seconds")
_FIRST_LOAD = threading.Lock()


def widget(name: str) -> str:
    """The key of a field's widget.

    A field whose value is replaced gets a new key: a browser that has not drawn it yet still sends the
    old value with its next click. Keys follow from the draft alone, because a click may break off a
    callback between any two changes of the session. Another video of the same wish replaces only the
    seed, so that what is being typed elsewhere stays.
    """
    return _key(_form(), name)


def _key(form: Form, name: str) -> str:
    serial = f".{form.serial}" if name == "seed" else ""
    return f"create.{form.draft_id}.{form.edition}.{name}{serial}"


def seat(name: str, value: Any) -> str:
    """Give a widget its value before it is drawn, and return its key.

    Set only when it differs: a value that is set again would overwrite what is being typed.
    """
    key = widget(name)
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key


def gathered() -> Form:
    """The form as the person sees it now, what was just changed included.

    The session is read once: each reading is a moment at which a closed tab or the next click can break
    off the callback of a click that pays.
    """
    form = _form()
    state = {str(key): value for key, value in st.session_state.to_dict().items()}
    keys = {name: _key(form, name) for name in _FIELDS}
    found = {name: state[key] for name, key in keys.items() if state.get(key) is not None}
    if state.get(_key(form, "connection")):
        found["connection_id"] = state[_key(form, "connection")]
    found["options"] = _gathered_options(form, state)
    full = form.model_copy(update=found)
    for place in full.places():
        changes = _picked_changes(form, full.picked(place), place, state)
        full = full.with_picked(place, **changes)
    return full


def _gathered_options(form: Form, state: dict[str, Any]) -> dict[str, Value]:
    """The settings with what their widgets say; what the model does by itself is not kept."""
    found = dict(form.options)
    drawn: ModelSpec | None = state.get(_DRAWN)
    for option in drawn.options if drawn else ():
        key = _key(form, option_name(option))
        if key not in state:
            continue
        value = chosen_value(option, state[key])
        if value is None or value == option.default:
            found.pop(option.name, None)
        else:
            found[option.name] = value
    return found


def option_name(option: OptionSpec) -> str:
    """What the widget of a setting is called."""
    return f"option.{option.name}"


def drawn(spec: ModelSpec) -> None:
    """Remember whose settings are on the screen."""
    st.session_state[_DRAWN] = spec


def _picked_changes(
    form: Form, picked: Picked, place: Place, state: dict[str, Any]
) -> dict[str, Any]:
    keys = {name: _key(form, f"{place}.{name}") for name in _PICKED}
    found = {name: state[key] for name, key in keys.items() if state.get(key) is not None}
    if "focus" in found:
        axis = state.get(_key(form, f"{place}.axis"), 0)
        focus = list(picked.focus)
        focus[axis] = found["focus"] / 100
        found["focus"] = tuple(focus)
    return found


def keep(form: Form) -> None:
    """Make this the session's form, and save it when it differs from what was saved."""
    st.session_state[_FORM] = form
    if st.session_state.get(_SAVED) != form:
        get_studio().drafts.save(form.model_dump(mode="json"))
        st.session_state[_SAVED] = form


def replace(form: Form) -> None:
    """Show another draft: every widget takes its value from it at the next run."""
    keep(form)


def set_aside() -> None:
    """Keep the form that another is about to take the place of, unless it is empty or was sent."""
    form = gathered()
    files = any(form.picked(place).uri() for place in form.places())
    if (form.prompt.strip() or files) and not was_sent(form):
        name = f"{form.draft_id}.{form.edition}.{form.serial}"
        get_studio().shelf.set_aside(name, form.model_dump(mode="json"))


def was_sent(form: Form) -> bool:
    """Whether what a form asks for was asked for already."""
    studio = get_studio()
    try:
        connection = studio.connections.get(form.connection_id)
        spec = studio.tasks.spec(connection, form.model, form.capability)
    except DeskError:
        return False
    request = form.request(spec, studio.connections.profile(connection))
    return studio.tasks.by_token(form.token(request)) is not None


def make_another() -> None:
    """Turn the form into a new draft of the same wish."""
    form = gathered()
    saved = read_form(get_studio().drafts.load())
    newest = saved.serial if saved.draft_id == form.draft_id else form.serial
    replace(another(form, serial=max(form.serial, newest) + 1))


def start_over() -> None:
    """Empty the form, but for what is usually kept."""
    replace(cleared(gathered()))


def ask_again(task: Task) -> None:
    """Fill the form with a task's request, as a new draft; what stood in it is set aside."""
    set_aside()
    replace(form_of_task(task, read_form(get_studio().drafts.load())))


def form_of_task(task: Task, before: Form) -> Form:
    """The form that asks for a task's request once more, as the draft after another one."""
    pictures = {position: _picked(task.request.frame(position)) for position in FramePosition}
    first, last = pictures[FramePosition.FIRST], pictures[FramePosition.LAST]
    media = tuple(_given(sent, slot) for slot, sent in enumerate(task.request.media))
    return same_again(task, before, first=first, last=last, media=media)


def start_from(task: Task, artifact: Artifact, wanted: Capability, place: Place) -> None:
    """Begin a new video with a finished file in one place of the form.

    Raises:
        DeskError: the file is gone, or no provider takes it.
    """
    asset = get_studio().assets.add_artifact(artifact, filename=_name(task), field=place.field)
    set_aside()
    form = gathered()
    best = _offering(wanted, (form.connection_id, task.connection_id))
    form = form.model_copy(update={"connection_id": best or form.connection_id})
    replace(starting_from(form, wanted, place, _kept(asset)))


def continue_shot(task: Task, artifact: Artifact) -> None:
    """Begin a new video where a finished one ends: its last frame is the first of the next, with the same wish.

    Raises:
        DeskError: the file is gone, or has no last frame that can be read.
    """
    field = Place(FramePosition.FIRST).field
    asset = get_studio().assets.add_last_frame(artifact, filename=_name(task), field=field)
    set_aside()
    form, wanted = gathered(), Capability.IMAGE_TO_VIDEO
    best = _offering(wanted, (task.connection_id, form.connection_id))
    again = same_again(task, form, first=_kept(asset), last=Picked())
    changes: dict[str, Any] = {"capability": wanted.value, "seed": cleared(form).seed}
    changes["connection_id"] = best or again.connection_id
    replace(again.model_copy(update=changes))


def _name(task: Task) -> str:
    """What a file that was made here is called."""
    return " ".join(task.request.prompt.split())[:60] or _("made here")


def _offering(wanted: Capability, order: tuple[str, ...]) -> str:
    """The id of the first of these connections that makes this from files, else of any; empty without one."""
    profiles = {c.id: catalog().profile(c.profile) for c in get_studio().connections.all()}
    able = [id_ for id_, p in profiles.items() if wanted in p.capabilities() and p.takes_files]
    return next((wish for wish in order if wish in able), next(iter(able), ""))


def _kept(asset: Asset) -> Picked:
    return Picked(asset=asset.sha256, kind=asset.kind)


def _picked(frame: Frame | None) -> Picked:
    if frame is None:
        return Picked()
    if frame.asset is not None:
        return Picked(asset=frame.asset, focus=frame.focus)
    return _linked(frame.uri, MediaKind.IMAGE)


def _given(sent: Media, slot: int) -> Given:
    kept = Picked(asset=sent.asset, kind=sent.kind) if sent.asset else None
    picked = kept or _linked(sent.uri, sent.kind)
    own = {"role": sent.role.value, "slot": slot, "tag": sent.tag, "seconds": sent.seconds or 0}
    return Given(**picked.model_dump() | own)


def _linked(uri: str, kind: MediaKind) -> Picked:
    """A link as it was, or a file that was sent inside the request, taken in again."""
    if not uri.startswith("data:"):
        return Picked(mode="link", link=uri, link_kind=kind)
    try:
        data = base64.b64decode(uri.partition(",")[2])
        return _kept(get_studio().assets.add(data, filename=kind.value, kinds=(kind,)))
    except (binascii.Error, DeskError):
        return Picked()


def _form() -> Form:
    if _FORM not in st.session_state:
        with _FIRST_LOAD:  # two tabs on a new home must get one draft, not two
            saved = get_studio().drafts.load()
            form = read_form(saved)
            if form.model_dump(mode="json") != saved:
                get_studio().drafts.save(form.model_dump(mode="json"))
        st.session_state[_FORM] = st.session_state[_SAVED] = form
    form = st.session_state[_FORM]
    assert isinstance(form, Form)
    return form
