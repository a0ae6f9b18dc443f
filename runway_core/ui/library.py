"""Files that were brought in before, to be used once more."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Asset, MediaKind
from runway_core.language import _
from runway_core.ui.chosen_file import picture_url
from runway_core.ui.dialogs import close, end_when_closed
from runway_core.ui.drafts import gathered, keep, widget
from runway_core.ui.picked import Place
from runway_core.ui.services import get_studio
from runway_core.ui.words import file_facts, plain, short

PER_PAGE = 9
_OFFSET = "create.library.offset"


def about(place: Place, kinds: tuple[MediaKind, ...]) -> str:
    """What the window is opened with: which place of the form to fill, and with what."""
    return f"{place}|{','.join(kind.value for kind in kinds)}"


def library_window(asked: str) -> None:
    """Draw the files that fit the place that `about` names, the last one brought in first."""
    end_when_closed()
    name, _bar, listed = asked.partition("|")
    kinds = tuple(MediaKind(kind) for kind in listed.split(","))
    offset = int(st.session_state.get(_OFFSET, 0))
    found = get_studio().assets.newest(kinds, offset=offset, limit=PER_PAGE + 1)
    if not found:
        st.caption(_("Nothing is here yet. Every file that you upload is kept, to be used again."))
    grid = st.grid(3, min_column_width=140, gap="small")
    for asset in found[:PER_PAGE]:
        with grid.container(border=True, key=f"create.library.{asset.sha256}.box"):
            _file(asset, name)
    _pages(offset, more=len(found) > PER_PAGE)


def _file(asset: Asset, place: str) -> None:
    if asset.kind is not MediaKind.AUDIO:
        st.image(picture_url(asset.sha256), width="stretch", alt=asset.filename)
    st.caption(f"{plain(short(asset.filename, 40))}  \n{plain(file_facts(asset))}")
    st.button(
        _("Use"),
        key=f"create.library.{asset.sha256}",
        width="stretch",
        help=_("Use {file}").format(file=plain(asset.filename)),
        on_click=_use,
        args=(place, asset),
    )


def _pages(offset: int, *, more: bool) -> None:
    with st.container(horizontal=True):
        for label, name, to, possible in (
            (_("Newer"), "newer", max(0, offset - PER_PAGE), offset > 0),
            (_("Older"), "older", offset + PER_PAGE, more),
        ):
            if offset or more:
                st.button(
                    label,
                    key=f"create.library.{name}",
                    type="tertiary",
                    disabled=not possible,
                    on_click=_turn_to,
                    args=(to,),
                )


def _turn_to(offset: int) -> None:
    st.session_state[_OFFSET] = offset


def _use(name: str, asset: Asset) -> None:
    role, _dot, slot = name.partition(".")
    place = Place(role, int(slot or 0))
    for part in ("problem", "focus"):
        st.session_state.pop(widget(f"{place}.{part}"), None)
    st.session_state.pop(_OFFSET, None)
    chosen = {"asset": asset.sha256, "kind": asset.kind, "focus": (0.5, 0.5)}
    keep(gathered().with_picked(place, **chosen))
    close()
