"""“Bring in” on the history page: a task by its id at the provider, or the whole history of the tester."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Connection
from runway_core.errors import DeskError, InvalidInputError, ProviderError
from runway_core.language import N_, _, translated
from runway_core.studio.importing import Imported
from runway_core.ui import errors
from runway_core.ui.opened import open_video
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

_SAID = "bring.said"
"""What the last attempt came to: an error, or what became of a list."""
_POPOVER = "bring.open"
_DONE = "bring.done"
"""Set when a video was found, so that the popover makes room for it."""
_ROUND = "bring.round"
"""Counts the lists that were brought in; each upload begins with an empty field."""
_SHOWN_MOST = 20
"""Things that could not be read that are listed."""
_HOW = N_("""\
1. Open the tester, such as runway.ddaiai.com, in the browser that you used it with.
2. Press **F12**, choose **Console**, type this and press Enter:""")
_COPY = "copy(JSON.stringify(localStorage))"
_THEN = N_("""\
3. Paste what was copied into a text editor, save it as a file, and choose it here.

Only its two lists of Runway videos are read. Keys and chats in the file are not.""")


def bring_in() -> None:
    """Draw the button and what opens behind it.

    Raises:
        StorageError: the database can't be read.
    """
    if (
        "bring.connection" not in st.session_state
    ):  # the page was left: Streamlit forgets its fields
        st.session_state.pop(_SAID, None)
    all_of_them = get_studio().connections.all()
    real_first = sorted(all_of_them, key=lambda c: c.profile == "sandbox")
    connections = {c.id: c for c in real_first}
    if not connections:
        return
    if st.session_state.pop(_DONE, False):
        st.session_state[_POPOVER] = False
    with st.popover(
        _("Bring in"), icon=":material/move_to_inbox:", key=_POPOVER, on_change="rerun"
    ):
        st.markdown(
            _(
                "Videos that you made somewhere else, with the same key. They are looked up, fetched and "
                "kept like any other. **Nothing is made and nothing is charged.**"
            )
        )
        chosen = st.selectbox(
            _("Made with"),
            list(connections),
            format_func=lambda found: connections[found].name,
            key="bring.connection",
        )
        connection = connections[chosen or next(iter(connections))]
        by_id, by_list = st.tabs([_("One, by its id"), _("The tester's history")])
        with by_id:
            _by_id(connection)
        with by_list:
            _by_list(connection)


def _by_id(connection: Connection) -> None:
    remote_id = st.text_input(
        _("Its id at the provider"),
        key="bring.remote_id",
        placeholder="17f20503-6c24-4c16-946b-35dbbce2af2f",
        autocomplete="off",
    )
    if st.button(
        _("Look it up"), key="bring.adopt", type="primary", icon=":material/travel_explore:"
    ):
        st.session_state.pop(_SAID, None)
        _adopt(connection, remote_id or "")
    said = st.session_state.get(_SAID)
    if isinstance(said, ProviderError):
        _not_found(said)
    elif isinstance(said, DeskError) and not _is_about_the_list(said):
        errors.show(said)


def _not_found(error: ProviderError) -> None:
    """What the provider answered; whatever that is, looking is free."""
    lines = (
        translated(str(error)),
        translated(error.hint),
        _("Nothing was recorded. Looking is free."),
    )
    st.error("\n\n".join(plain(line) for line in lines if line), icon=":material/error:")
    if error.said:
        errors.provider_words(error.said)


def _adopt(connection: Connection, remote_id: str) -> None:
    with st.spinner(_("Asking {name}, for free…").format(name=plain(connection.name))):
        try:
            task = get_studio().adopting.adopt(connection, remote_id)
        except DeskError as error:
            st.session_state[_SAID] = error
            return
    open_video(task.id)
    st.session_state[_DONE] = True
    st.rerun()


def _by_list(connection: Connection) -> None:
    with st.expander(_("How to get it"), icon=":material/help:"):
        st.markdown(_(_HOW))
        st.code(_COPY, language="javascript")
        st.markdown(_(_THEN))
    number = st.session_state.setdefault(_ROUND, 0)
    uploaded = st.file_uploader(
        _("The file"), type=["json", "txt"], key=f"bring.file.{number}", max_upload_size=64
    )
    if st.button(
        _("Bring them in"),
        key="bring.import",
        type="primary",
        icon=":material/playlist_add:",
        disabled=uploaded is None,
    ):
        assert uploaded is not None
        _import(connection, uploaded.getvalue())
    said = st.session_state.get(_SAID)
    if isinstance(said, Imported):
        _show(said)
    elif isinstance(said, DeskError) and _is_about_the_list(said):
        errors.show(said)


def _import(connection: Connection, data: bytes) -> None:
    try:
        st.session_state[_SAID] = get_studio().importing.load(data, connection=connection)
        st.session_state[_ROUND] += 1
    except DeskError as error:
        st.session_state[_SAID] = error
    st.rerun()


def _is_about_the_list(error: DeskError) -> bool:
    return isinstance(error, InvalidInputError) and error.problems[0].field == "file"


def _show(found: Imported) -> None:
    lines = [_("**{added} came in.**").format(added=len(found.added))]
    if found.known:
        lines.append(_("{known} were here already.").format(known=found.known))
    if found.unread:
        lines.append(_("{unread} could not be read.").format(unread=len(found.unread)))
    if found.added:
        lines.append(_("They are being looked at; what can still be had is fetched."))
    st.success(" ".join(lines), icon=":material/check_circle:")
    if found.unread:
        listed = "\n".join(f"{u.where}: {translated(u.why)}" for u in found.unread[:_SHOWN_MOST])
        more = len(found.unread) - _SHOWN_MOST
        st.code(
            listed + (_("\nand {more} more").format(more=more) if more > 0 else ""),
            language=None,
            wrap_lines=True,
        )
