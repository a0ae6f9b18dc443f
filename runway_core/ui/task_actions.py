"""What a person can do with a video: again, cancel, fetch, delete, or settle an uncertain one."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from runway_core.domain import ArtifactState, Task, TaskStatus
from runway_core.errors import DeskError
from runway_core.ui import errors, places
from runway_core.ui.drafts import ask_again
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

_ASKED = "task.asked"
"""Which second question is open: (task id, action)."""
_REFUSED = "task.refused"


def can_stop(task: Task) -> bool:
    """Whether there is anything to cancel."""
    return task.is_open and task.status is not TaskStatus.SUCCEEDED and not task.cancel_requested


def stopping_costs(task: Task) -> str:
    """What cancelling means for the money."""
    if task.status is TaskStatus.QUEUED:
        return "Free: it has not been sent yet."
    if task.profile == "sandbox":
        return "Free: this is practice."
    if task.status is TaskStatus.RUNNING:
        return "The provider has begun; it usually charges for that all the same."
    return "It was sent already; the provider may charge for it."


def attempt(task_id: str, action: Callable[[], object]) -> bool:
    """Do something, and remember for the next drawing when it was refused."""
    st.session_state.pop(_REFUSED, None)
    try:
        action()
    except DeskError as error:
        st.session_state[_REFUSED] = (task_id, error)
        return False
    return True


def refused(task: Task) -> None:
    """Show why the last action on this video was refused."""
    found = st.session_state.get(_REFUSED)
    if found and found[0] == task.id:
        errors.show(found[1])


def actions(task: Task) -> None:
    """Draw the buttons that make sense for this video now."""
    tasks = get_studio().tasks
    with st.container(horizontal=True):
        known = task.request.prompt or task.request.model
        if known and st.button("Same again", key="task.again", icon=":material/content_copy:"):
            ask_again(task)
            st.switch_page(places.CREATE)
        if task.artifact_state is ArtifactState.EXPIRED:
            _now(
                "Fetch the file again",
                "fetch",
                ":material/cloud_download:",
                task,
                tasks.fetch_again,
            )
        if can_stop(task):
            _second_question("Cancel", "cancel", ":material/block:", task)
        if not task.is_open and task.status is not TaskStatus.UNCERTAIN:
            _second_question("Delete", "delete", ":material/delete:", task)
    asked = st.session_state.get(_ASKED)
    if asked == (task.id, "delete"):
        _confirm_delete(task)
    elif asked == (task.id, "cancel") and can_stop(task):
        _confirm_cancel(task)
    refused(task)


def _now(label: str, name: str, icon: str, task: Task, action: Callable[[str], Task]) -> None:
    if st.button(label, key=f"task.{name}", icon=icon) and attempt(
        task.id, lambda: action(task.id)
    ):
        st.rerun()


def _second_question(label: str, name: str, icon: str, task: Task) -> None:
    st.button(
        label,
        key=f"task.{name}",
        icon=icon,
        type="tertiary",
        on_click=_ask,
        args=((task.id, name),),
    )


def _ask(question: tuple[str, str] | None) -> None:
    st.session_state[_ASKED] = question


def _confirm_delete(task: Task) -> None:
    with st.container(border=True):
        st.markdown(
            "**Delete this video for good?** The file and its settings can't be brought back."
        )
        with st.container(horizontal=True):
            if st.button("Delete for good", key="task.delete.sure", type="primary") and attempt(
                task.id, lambda: get_studio().tasks.delete(task.id)
            ):
                _ask(None)
                st.query_params.pop("task", None)
                st.rerun()
            st.button("Keep it", key="task.delete.no", on_click=_ask, args=(None,))


def _confirm_cancel(task: Task) -> None:
    with st.container(border=True):
        st.markdown(f"**Cancel this video?** {stopping_costs(task)}")
        with st.container(horizontal=True):
            if st.button("Cancel the video", key="task.cancel.sure", type="primary"):
                _ask(None)
                attempt(task.id, lambda: get_studio().tasks.cancel(task.id))
                st.rerun()
            st.button("Let it go on", key="task.cancel.no", on_click=_ask, args=(None,))


def uncertain_choices(task: Task) -> None:
    """Draw the three ways to settle a video that may have been charged."""
    tasks = get_studio().tasks
    with st.container(border=True):
        st.markdown(
            "**Was this video made?** It was sent, but no answer came, so it may have been charged. "
            f"Look at the list of videos or the bill of {plain(task.connection)}, then choose."
        )
        if task.note:
            st.caption(plain(f"{task.note} {task.hint}".strip()))
        if task.said:
            errors.provider_words(task.said)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            remote_id = st.text_input("Its id at the provider", key="task.remote_id", width=300)
            _settle("I found it", "adopt", task, lambda: tasks.adopt(task.id, remote_id or ""))
        st.caption("It is followed from there. Nothing is sent and nothing is charged again.")
        with st.container(horizontal=True):
            _settle(
                "Nothing was made: send it again", "send", task, lambda: tasks.send_again(task.id)
            )
            _settle("Give it up", "write_off", task, lambda: tasks.write_off(task.id))
        st.caption(
            "Sending again makes a new video, which is charged. Giving up only closes this one."
        )


def _settle(label: str, name: str, task: Task, action: Callable[[], object]) -> None:
    if st.button(label, key=f"task.{name}") and attempt(task.id, action):
        st.rerun()
