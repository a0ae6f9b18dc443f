"""What people think of a video: its mark, tags and note, on its card and beside its player."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from runway_core.domain import Task
from runway_core.errors import DeskError
from runway_core.language import _
from runway_core.store import Mark, Review
from runway_core.studio.reviews import NOTE_MOST, TAGS_MOST
from runway_core.ui import errors
from runway_core.ui.cards import media_url
from runway_core.ui.history_filters import MARKS
from runway_core.ui.rights import may_change
from runway_core.ui.services import get_studio
from runway_core.ui.unbroken import unbroken
from runway_core.ui.words import plain, short

_REFUSED = "review.refused"
_COLORS = {Mark.KEEP: "green", Mark.MAYBE: "orange", Mark.REJECT: "red"}
_ICONS = {
    Mark.KEEP: ":material/thumb_up:",
    Mark.MAYBE: ":material/thumbs_up_down:",
    Mark.REJECT: ":material/thumb_down:",
}


def review(task: Task) -> None:
    """Draw the mark, tags and note of one video, to be changed by those who may.

    Raises:
        DeskError: they can't be read.
    """
    found = get_studio().reviews.of([task.id]).get(task.id, Review())
    if not may_change(task):
        badge_of(found)
        thoughts(found)
        return
    with st.container(border=True, key="task.review"):
        mark_field(task, found, "task.mark")
        _tags(task, found)
        _note(task, found)
        _told(task)


def badge_of(found: Review) -> None:
    """The mark as a badge; nothing for none."""
    if found.mark:
        st.badge(_(MARKS[found.mark]), icon=_ICONS[found.mark], color=_COLORS[found.mark])  # type: ignore[arg-type]  # one of Streamlit's colours


def thoughts(found: Review) -> None:
    """Tags and note in brief; nothing for none."""
    if found.tags:
        st.markdown(" ".join(f":gray-badge[{plain(tag)}]" for tag in found.tags))
    if found.note:
        st.caption(f":material/sticky_note_2: {plain(short(found.note, 120))}")


def mark_field(task: Task, found: Review, prefix: str) -> None:
    """Draw the choice of a mark for those who may change it, else the mark itself."""
    if not may_change(task):
        badge_of(found)
        return
    key = f"{prefix}.{task.id}"
    now = found.mark.value if found.mark else None
    if key not in st.session_state or st.session_state[key] != now:
        st.session_state[key] = now
    st.segmented_control(
        _("Mark"),
        [mark.value for mark in MARKS],
        format_func=lambda value: _(MARKS[Mark(value)]),
        key=key,
        label_visibility="collapsed",
        width="stretch",
        on_change=_mark,
        args=(task.id, key),
    )


@unbroken()
def _mark(task_id: str, key: str) -> None:
    value = st.session_state[key]
    _attempt(task_id, lambda: get_studio().reviews.mark([task_id], Mark(value) if value else None))


def _tags(task: Task, found: Review) -> None:
    key = f"task.tags.{task.id}"
    if key not in st.session_state or set(st.session_state[key]) != set(found.tags):
        st.session_state[key] = list(found.tags)
    st.multiselect(
        _("Tags"),
        list(dict.fromkeys((*found.tags, *get_studio().reviews.tags()))),
        key=key,
        accept_new_options=True,
        max_selections=TAGS_MOST,
        placeholder=_("Choose or write a tag"),
        on_change=_tag,
        args=(task.id, key, found.tags),
    )


@unbroken()
def _tag(task_id: str, key: str, before: tuple[str, ...]) -> None:
    now: list[str] = st.session_state[key]
    add = [tag for tag in now if tag not in before]
    drop = [tag for tag in before if tag not in now]
    if not _attempt(task_id, lambda: get_studio().reviews.tag([task_id], add=add, drop=drop)):
        st.session_state[key] = list(before)


def _note(task: Task, found: Review) -> None:
    key, saved = f"task.note.{task.id}", f"task.note.saved.{task.id}"
    if st.session_state.get(saved) != found.note:  # from elsewhere; what is typed here stays
        st.session_state[key] = st.session_state[saved] = found.note
    st.text_area(
        _("Note"),
        key=key,
        height=80,
        max_chars=NOTE_MOST,
        placeholder=_("For you and whoever sees this video"),
        on_change=_write,
        args=(task.id, key, saved),
    )


@unbroken()
def _write(task_id: str, key: str, saved: str) -> None:
    text = str(st.session_state[key] or "").strip()
    if _attempt(task_id, lambda: get_studio().reviews.note(task_id, text)):
        st.session_state[saved] = text


def _attempt(task_id: str, action: Callable[[], object]) -> bool:
    st.session_state.pop(_REFUSED, None)
    try:
        action()
    except DeskError as error:
        st.session_state[_REFUSED] = (task_id, error)
        return False
    return True


def _told(task: Task) -> None:
    refused = st.session_state.get(_REFUSED)
    if refused and refused[0] == task.id:
        errors.show(refused[1], lead_on=False)


def strip(task: Task) -> None:
    """Five frames of each kept video, from its beginning to its end."""
    for position, artifact in enumerate(task.artifacts):
        if artifact.mime.startswith("video/"):
            st.image(
                media_url(task, position, "strip.jpg"),
                width="stretch",
                alt=_("Five frames, from the beginning to the end"),
            )
