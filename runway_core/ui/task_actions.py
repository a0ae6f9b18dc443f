"""What a person can do with a video: again, cancel, fetch, delete."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from runway_core.domain import ArtifactState, Task, TaskStatus
from runway_core.errors import DeskError
from runway_core.language import _
from runway_core.ui import errors, places
from runway_core.ui.drafts import ask_again
from runway_core.ui.line_view import line_buttons
from runway_core.ui.opened import close
from runway_core.ui.recipe_link import show_link
from runway_core.ui.rights import is_mine, may_change, may_make
from runway_core.ui.services import get_studio
from runway_core.ui.unbroken import unbroken

_ASKED = "task.asked"
"""Which second question is open: (task id, action)."""
_REFUSED = "task.refused"


def can_stop(task: Task) -> bool:
    """Whether there is anything to cancel."""
    return task.is_open and task.status is not TaskStatus.SUCCEEDED and not task.cancel_requested


def stopping_costs(task: Task) -> str:
    """What cancelling means for the money."""
    if task.status is TaskStatus.QUEUED:
        return _("Free: it has not been sent yet.")
    if task.profile == "sandbox":
        return _("Free: this is practice.")
    if task.status is TaskStatus.RUNNING:
        return _("The provider has begun; it usually charges for that all the same.")
    return _("It was sent already; the provider may charge for it.")


@unbroken()
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
    theirs = may_change(task)
    if theirs:
        line_buttons(task, attempt)
    with st.container(horizontal=True):
        known = may_make() and bool(task.request.prompt or task.request.model)
        known = known and task.status is not TaskStatus.UNCERTAIN  # its card is the way to that
        if known and st.button(_("Same again"), key="task.again", icon=":material/content_copy:"):
            ask_again(task)
            st.switch_page(places.CREATE)
        if task.request.capability is not None:
            with st.popover(_("Copy a link"), icon=":material/link:", key="task.link"):
                show_link(task.request, profile=task.profile)
        if theirs and task.artifact_state is ArtifactState.EXPIRED:
            _now(
                _("Fetch the file again"),
                "fetch",
                ":material/cloud_download:",
                task,
                tasks.fetch_again,
            )
        if theirs and can_stop(task):
            _second_question(_("Cancel"), "cancel", ":material/block:", task)
        if theirs and not task.is_open and task.status is not TaskStatus.UNCERTAIN:
            _second_question(_("Delete"), "delete", ":material/delete:", task)
    asked = st.session_state.get(_ASKED) if theirs else None
    if asked == (task.id, "delete"):
        _confirm_delete(task)
    elif asked == (task.id, "cancel") and can_stop(task):
        _confirm_cancel(task)
    refused(task)


def sharing(task: Task) -> None:
    """Draw the switch that shows one's own video to the team."""
    if not is_mine(task):
        return
    key = f"task.shared.{task.id}"
    st.session_state[key] = task.shared
    st.toggle(
        _("Show to the team"),
        key=key,
        help=_(
            "Everybody of the team sees it, with its prompt and price. Only you and admins can change it."
        ),
        disabled=not may_make(),
        on_change=_share,
        args=(task.id, key),
    )


def _share(task_id: str, key: str) -> None:
    shown = bool(st.session_state[key])
    attempt(task_id, lambda: get_studio().tasks.share(task_id, shown))


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
            _("**Delete this video for good?** The file and its settings can't be brought back.")
        )
        with st.container(horizontal=True):
            if st.button(_("Delete for good"), key="task.delete.sure", type="primary") and attempt(
                task.id, lambda: get_studio().tasks.delete(task.id)
            ):
                _ask(None)
                close()
                st.rerun()
            st.button(_("Keep it"), key="task.delete.no", on_click=_ask, args=(None,))


def _confirm_cancel(task: Task) -> None:
    with st.container(border=True):
        st.markdown(
            _("**Cancel this video?** {stopping_costs}").format(stopping_costs=stopping_costs(task))
        )
        with st.container(horizontal=True):
            if st.button(_("Cancel the video"), key="task.cancel.sure", type="primary"):
                _ask(None)
                attempt(task.id, lambda: get_studio().tasks.cancel(task.id))
                st.rerun()
            st.button(_("Let it go on"), key="task.cancel.no", on_click=_ask, args=(None,))
