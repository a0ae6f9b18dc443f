"""The create form of this session, kept in step with its widgets and with the saved draft."""

from __future__ import annotations

import base64
import binascii
import threading
from typing import Any

import streamlit as st

from runway_core.domain import Frame, FramePosition, Task
from runway_core.errors import DeskError
from runway_core.ui.form import Form, Picked, another, cleared, read_form, same_again
from runway_core.ui.services import get_studio

_FORM = "create.form"
_SAVED = "create.saved"
_FIELDS = ("prompt", "ratio", "duration", "seed", "seed_kept")
_PICKED = ("mode", "link", "focus")
_FIRST_LOAD = threading.Lock()
_ROUND = "create.round"


def widget(name: str) -> str:
    """The key of a field's widget.

    Each form that takes another's place has keys of its own: a browser that has not drawn it yet
    still sends the old values with its next click, and they must not become the new form's.
    """
    return f"create.{st.session_state.setdefault(_ROUND, 0)}.{name}"


def seat(name: str, value: Any) -> str:
    """Give a widget its value before it is drawn, and return its key.

    Set only when it differs: a value that is set again would overwrite what is being typed.
    """
    key = widget(name)
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key


def gathered() -> Form:
    """The form as the person sees it now, what was just changed included."""
    form = _form()
    state = st.session_state
    found = {name: state[widget(name)] for name in _FIELDS if state.get(widget(name)) is not None}
    if state.get(widget("connection")):
        found["connection_id"] = state[widget("connection")]
    if state.get(widget("model")):
        found["model"], _, found["capability"] = state[widget("model")].partition("|")
    form = form.model_copy(update=found)
    for position in FramePosition:
        form = form.with_picked(position, **_picked_changes(form.picked(position), position))
    return form


def _picked_changes(picked: Picked, position: FramePosition) -> dict[str, Any]:
    state = st.session_state
    keys = {name: widget(f"{position}.{name}") for name in _PICKED}
    found = {name: state[key] for name, key in keys.items() if state.get(key) is not None}
    if "focus" in found:
        axis = state.get(widget(f"{position}.axis"), 0)
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
    """Show another form: every widget takes its value from it at the next run."""
    keep(form)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


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
    """Fill the form with a task's request, as a new draft."""
    pictures = {position: _picked(task.request.frame(position)) for position in FramePosition}
    saved = read_form(get_studio().drafts.load())
    first, last = pictures[FramePosition.FIRST], pictures[FramePosition.LAST]
    replace(same_again(task, saved, first=first, last=last))


def _picked(frame: Frame | None) -> Picked:
    if frame is None:
        return Picked()
    if frame.asset is not None:
        return Picked(asset=frame.asset, focus=frame.focus)
    if not frame.uri.startswith("data:"):
        return Picked(mode="link", link=frame.uri)
    try:
        data = base64.b64decode(frame.uri.partition(",")[2])
        asset = get_studio().pictures.add(data, filename="picture", field="frames.first")
        return Picked(asset=asset.sha256)
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
