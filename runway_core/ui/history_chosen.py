"""Videos that were chosen in the history, over all of its pages, and what can be done with all of them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from runway_core.domain import Task
from runway_core.errors import DeskError
from runway_core.language import _, ngettext, number
from runway_core.store import Mark
from runway_core.studio.reviews import MOST
from runway_core.ui import errors
from runway_core.ui.compare_link import compare_button
from runway_core.ui.history_again import again
from runway_core.ui.history_filters import MARKS
from runway_core.ui.opened import open_video
from runway_core.ui.rights import may_make
from runway_core.ui.services import get_studio
from runway_core.ui.unbroken import unbroken
from runway_core.ui.words import size
from runway_core.web.zips import zip_url

_CHOSEN = "history.chosen"
_RESET = "history.chosen.reset"
"""How often the choice was changed other than line by line: the table is then drawn anew."""
_DOING = "history.doing"
"""Which question about the chosen videos is open."""
_TOLD = "history.told"
_REFUSED = "history.refused"
_TAG = "history.chosen.tag"
_AT_ONCE = 25
"""Videos that are deleted before how far it is is shown anew."""


def chosen() -> list[str]:
    """The ids of the chosen videos, in the order in which they were chosen."""
    found: list[str] = st.session_state.get(_CHOSEN, [])
    return found


def set_chosen(ids: list[str]) -> None:
    """Choose these and no others."""
    st.session_state[_CHOSEN] = list(dict.fromkeys(ids))[:MOST]


def choose_box(task: Task) -> None:
    """Draw the box that chooses one video."""
    key = f"history.pick.{task.id}"
    st.session_state[key] = task.id in chosen()
    full = len(chosen()) >= MOST and not st.session_state[key]
    st.checkbox(
        _("Choose"),
        key=key,
        disabled=full,
        help=_("No more than {most} at once.").format(most=MOST) if full else None,
        on_change=_pick,
        args=(task.id, key),
    )


def _pick(task_id: str, key: str) -> None:
    others = [other for other in chosen() if other != task_id]
    set_chosen([*others, task_id] if st.session_state[key] else others)


def chosen_bar(here: list[str]) -> None:
    """Draw how many videos are chosen and what can be done with them; `here` are those of this page."""
    told = st.session_state.pop(_TOLD, "")
    if told:
        st.toast(told, icon=":material/check:")
    ids = chosen()
    if not ids:
        st.session_state.pop(_DOING, None)
        _refused()
        return
    with st.container(border=True, key="history.chosen.box"):
        _heading(ids, here)
        _buttons(ids)
        doing = st.session_state.get(_DOING)
        if doing in _PANELS:
            _PANELS[doing](ids)
        _refused()


def _heading(ids: list[str], here: list[str]) -> None:
    count = ngettext("{n} video chosen", "{n} videos chosen", len(ids)).format(n=number(len(ids)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{count}**", width="content")
        if not set(here) <= set(ids):
            st.button(
                _("Choose all on this page"),
                key="history.chosen.page",
                type="tertiary",
                on_click=_reset_to,
                args=([*ids, *here],),
            )
        st.button(
            _("Choose none"),
            key="history.chosen.none",
            type="tertiary",
            on_click=_reset_to,
            args=([],),
        )


def _buttons(ids: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        _ask("download", _("Download"), ":material/download:")
        compare_button(ids)
        if may_make():
            _ask("tag", _("Mark and tag"), ":material/sell:")
            _ask("again", _("Make again"), ":material/content_copy:")
            _ask("delete", _("Delete"), ":material/delete:")
        # Nothing comes or goes with the number of videos, or a click would meet another button.
        if st.button(
            _("Details"),
            key="history.chosen.open",
            icon=":material/open_in_full:",
            disabled=len(ids) != 1,
        ):
            open_video(ids[0])
            st.rerun()


def _ask(name: str, label: str, icon: str) -> None:
    st.button(label, key=f"history.do.{name}", icon=icon, on_click=_open, args=(name,))


def _open(name: str) -> None:
    st.session_state.pop(_REFUSED, None)
    st.session_state[_DOING] = "" if st.session_state.get(_DOING) == name else name


def _reset_to(ids: list[str]) -> None:
    set_chosen(ids)
    st.session_state[_RESET] = st.session_state.get(_RESET, 0) + 1


def done(told: str) -> None:
    """Shut the open question, and say with the next drawing what was done."""
    st.session_state[_DOING] = ""
    st.session_state[_TOLD] = told


# --- one ZIP file -----------------------------------------------------------------------------------


def _download(ids: list[str]) -> None:
    tasks = get_studio().reviews.chosen(ids)
    files = [artifact for task in tasks for artifact in task.artifacts]
    without = sum(1 for task in tasks if not task.artifacts)
    what = ngettext("{n} file, {size}", "{n} files, {size}", len(files))
    held = what.format(n=number(len(files)), size=size(sum(file.size for file in files)))
    st.caption(
        _(
            "{files}, and a list of all of them for a spreadsheet with prompts, costs and notes."
        ).format(files=held)
    )
    if without:
        none = ngettext(
            "{n} video has no file here; it is in the list only.",
            "{n} videos have no file here; they are in the list only.",
            without,
        )
        st.caption(f":orange[:material/info:] {none.format(n=number(without))}")
    st.link_button(
        _("Download as ZIP"),
        zip_url([task.id for task in tasks]),
        key="history.zip",
        icon=":material/folder_zip:",
        type="primary",
        disabled=not tasks,
    )


# --- marks and tags ---------------------------------------------------------------------------------


def _tag(ids: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for mark, word in MARKS.items():
            st.button(_(word), key=f"history.mark.all.{mark}", on_click=_mark, args=(ids, mark))
        st.button(_("No mark"), key="history.mark.all.none", on_click=_mark, args=(ids, None))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Tag"),
            get_studio().reviews.tags(),
            index=None,
            key=_TAG,
            accept_new_options=True,
            placeholder=_("Choose or write a tag"),
            width=260,
        )
        st.button(_("Add tag"), key="history.tag.add", on_click=_tagged, args=(ids, True))
        st.button(_("Take tag away"), key="history.tag.drop", on_click=_tagged, args=(ids, False))


def _mark(ids: list[str], mark: Mark | None) -> None:
    _attempt(lambda: _changed(get_studio().reviews.mark(ids, mark)))


def _tagged(ids: list[str], add: bool) -> None:
    tag = str(st.session_state.get(_TAG) or "").strip()
    if not tag:
        return
    reviews = get_studio().reviews
    change = {"add": [tag]} if add else {"drop": [tag]}
    _attempt(lambda: _changed(reviews.tag(ids, **change)))


def _changed(count: int) -> None:
    done(ngettext("{n} video changed", "{n} videos changed", count).format(n=number(count)))


# --- deleting ---------------------------------------------------------------------------------------


def _delete(ids: list[str]) -> None:
    st.markdown(
        ngettext(
            "**Delete {n} video for good?** Its file and settings can't be brought back.",
            "**Delete {n} videos for good?** Their files and settings can't be brought back.",
            len(ids),
        ).format(n=number(len(ids)))
    )
    st.caption(_("What is still being made, needs a decision or is somebody else's stays."))
    with st.container(horizontal=True):
        if st.button(_("Delete for good"), key="history.delete.sure", type="primary"):
            _delete_all(ids)
            st.rerun()
        st.button(_("Keep them"), key="history.delete.no", on_click=_open, args=("delete",))


def _delete_all(ids: list[str]) -> None:
    bar, gone = st.progress(0.0, text=_("Deleting")), 0
    for begin in range(0, len(ids), _AT_ONCE):
        try:
            gone += get_studio().reviews.delete(ids[begin : begin + _AT_ONCE])
        except DeskError as error:
            st.session_state[_REFUSED] = error
            break
        bar.progress(min(1.0, (begin + _AT_ONCE) / len(ids)), text=_("Deleting"))
    left = get_studio().reviews.of(ids)
    _reset_to([task_id for task_id in ids if task_id in left])
    done(ngettext("{n} video deleted", "{n} videos deleted", gone).format(n=number(gone)))


@unbroken()
def _attempt(action: Callable[[], object]) -> None:
    st.session_state.pop(_REFUSED, None)
    try:
        action()
    except DeskError as error:
        st.session_state[_REFUSED] = error


def _refused() -> None:
    error = st.session_state.get(_REFUSED)
    if isinstance(error, DeskError):
        errors.show(error, lead_on=False)


def _again(ids: list[str]) -> None:
    again(ids, done)


_PANELS: dict[str, Callable[[list[str]], None]] = {
    "download": _download,
    "tag": _tag,
    "again": _again,
    "delete": _delete,
}
