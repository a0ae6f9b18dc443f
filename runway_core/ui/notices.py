"""Tells a person of their videos that are done, on whatever page they are: quietly, unless they ask for more."""

from __future__ import annotations

import json
from html import escape

import streamlit as st

from runway_core.domain import ArtifactState, Task
from runway_core.errors import DeskError, NotFoundError
from runway_core.language import _, ngettext
from runway_core.studio.notices import Choice
from runway_core.ui.browser import with_script
from runway_core.ui.services import get_studio
from runway_core.ui.words import badge, makes_picture, plain, short

_EVERY = 3.0
"""Seconds between looks at the database while something is being made."""
_EACH = 3
"""So many are told one by one; a whole batch that ends together is told by its number."""
_OPEN = "notices.open"
_SERIAL = "notices.serial"
_TRIED = "notices.tried"


def tell_ends() -> None:
    """Tell what has ended since the last run, and go on looking while something is being made."""
    try:
        some_open = bool(get_studio().notices.open_ids())
    except DeskError:
        return  # the page itself says that the database can't be read
    st.fragment(_tell, run_every=_EVERY if some_open else None)()


def notices_of_this_computer() -> None:
    """Draw the same where nobody signs in; whoever does has it on the page of their account.

    Raises:
        StorageError: the database can't be read.
    """
    if not get_studio().actor.id:
        st.subheader(_("When a video is done"), anchor=False)
        notice_settings()


def notice_settings() -> None:
    """Draw how the person wants to be told.

    Raises:
        StorageError: the database can't be read.
    """
    choice = get_studio().notices.choice()
    st.caption(
        _(
            "A note on the page tells you when a video is done, and the title of the tab counts those that ended "
            "while you were elsewhere. More only if you want it:"
        )
    )
    st.toggle(
        _("Play a sound when everything is done"),
        value=choice.sound,
        key="notices.sound",
        on_change=_choose,
        args=("sound",),
        help=_("A short, quiet tone. Runway Desk has to be open in a tab."),
    )
    st.toggle(
        _("Show a notification when everything is done"),
        value=choice.browser,
        key="notices.browser",
        on_change=_choose,
        args=("browser",),
        help=_(
            "Your browser asks you once whether it may. It is shown while you look at something else; "
            "Runway Desk has to be open in a tab."
        ),
    )
    _try(st.session_state.pop(_TRIED, ""))


def _try(tried: str) -> None:
    if tried == "sound":
        _script(sound=True)
    elif tried == "browser":
        _script(
            ask=True,
            blocked=_(
                "Your browser does not allow notifications here. You can allow them in its settings for this site."
            ),
        )


def _choose(which: str) -> None:
    wanted = bool(st.session_state[f"notices.{which}"])
    notices = get_studio().notices
    notices.choose(Choice.model_validate(notices.choice().model_dump() | {which: wanted}))
    if wanted:
        st.session_state[_TRIED] = which


def _tell() -> None:
    try:
        ended, none_left = _ended()
        if not ended:
            return
        for text, icon in _endings(ended):
            st.toast(text, icon=icon, duration="long")
        _to_browser(len(ended), none_left=none_left)
    except DeskError:
        return  # the page itself says that the database can't be read


def _ended() -> tuple[list[str], bool]:
    """Ids of what was open in the last run of this tab and is no more, and whether nothing is open now."""
    before: tuple[str, ...] | None = st.session_state.get(_OPEN)
    still = get_studio().notices.open_ids()
    st.session_state[_OPEN] = still
    return [task_id for task_id in before or () if task_id not in set(still)], not still


def _endings(ended: list[str]) -> list[tuple[str, str]]:
    told = [_ending(task) for task in map(_found, ended[:_EACH]) if task is not None]
    more = len(ended) - _EACH
    if more > 0:
        words = ngettext("{n} more is done.", "{n} more are done.", more).format(n=more)
        told.append((words, ":material/video_library:"))
    return told


def _found(task_id: str) -> Task | None:
    try:
        return get_studio().tasks.get(task_id)
    except NotFoundError:  # deleted meanwhile
        return None


def _ending(task: Task) -> tuple[str, str]:
    label, icon = badge(task)[:2]
    name = plain(short(task.request.prompt, 60))
    if task.artifact_state is ArtifactState.KEPT:
        ready = _("Your picture is ready") if makes_picture(task) else _("Your video is ready")
        return f"{ready}: {name}" if name else f"{ready}.", icon
    return f"{label}: {name}" if name else f"{label}.", icon


def _to_browser(count: int, *, none_left: bool) -> None:
    choice = get_studio().notices.choice()
    _script(
        done=count,
        empty=none_left,
        sound=choice.sound,
        browser=choice.browser,
        title=_("Runway Desk: everything is done"),
        body=ngettext("{n} video has ended.", "{n} videos have ended.", count).format(n=count),
    )


def _script(**told: str | int | bool) -> None:
    """Have the browser run our script with these words; once, because no other has the same number."""
    serial = st.session_state.get(_SERIAL, 0) + 1
    st.session_state[_SERIAL] = serial
    text = json.dumps(told | {"serial": serial}, ensure_ascii=False)
    with_script(f'<span hidden data-told="{escape(text)}"></span>', "/notices.js")
