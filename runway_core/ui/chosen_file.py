"""A file that was chosen in the form: shown, measured, cropped or taken away."""

from __future__ import annotations

from html import escape

import streamlit as st

from runway_core.catalog import AS_SENT
from runway_core.domain import Asset, MediaKind
from runway_core.images import crop_box
from runway_core.language import _
from runway_core.ui.drafts import gathered, keep, seat, widget
from runway_core.ui.form import Form
from runway_core.ui.picked import Place
from runway_core.ui.services import get_studio
from runway_core.ui.words import file_facts, pixels, shape

_SLIGHT = 0.01
"""Share of a side that a crop may take without being worth a slider."""
_PLAYER = "width:100%;max-height:260px;border-radius:.6rem;display:block;background:#000"


def chosen_file(form: Form, place: Place, asset: Asset, *, title: str, ratio: str) -> None:
    """Draw a kept file, what is known of it, and the button that takes it away.

    `ratio` is what a picture is cropped to, if to anything.
    """
    cropped = ratio not in ("", AS_SENT)
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        if asset.kind is not MediaKind.IMAGE:
            _player(asset, title)
        elif cropped:
            _crop_preview(form, place, asset, (title, ratio))
        else:
            st.image(picture_url(asset.sha256), width="stretch", alt=title)
    with right:
        st.text(asset.filename)
        st.caption(file_facts(asset))
        if cropped:
            _focus(form, place, asset, ratio)
        st.button(
            _("Remove"),
            key=f"create.{place}.remove",
            icon=":material/close:",
            type="tertiary",
            on_click=_remove,
            args=(place,),
        )


def picture_url(sha256: str) -> str:
    """Where our own route serves a kept picture, or a frame of a kept video."""
    return f"/app/static/desk/picture/{sha256}.jpg"


def _player(asset: Asset, title: str) -> None:
    """Loaded only when it is played."""
    source, about = f"/app/static/desk/asset/{asset.sha256}", escape(title, quote=True)
    if asset.kind is MediaKind.AUDIO:
        st.html(
            f'<audio controls preload="none" src="{source}" aria-label="{about}" style="width:100%"></audio>'
        )
        return
    st.html(
        f'<video controls preload="none" src="{source}" poster="{picture_url(asset.sha256)}" '
        f'aria-label="{about}" style="{_PLAYER}"></video>'
    )


def _crop_preview(form: Form, place: Place, asset: Asset, shown: tuple[str, str]) -> None:
    (title, ratio), focus = shown, form.picked(place).focus
    wanted = (asset.sha256, ratio, focus)
    drawn = st.session_state.get(f"create.{place}.preview")
    if drawn is None or drawn[0] != wanted:
        picture = get_studio().assets.preview(asset.sha256, ratio=ratio, focus=focus)
        drawn = st.session_state[f"create.{place}.preview"] = (wanted, picture)
    st.image(
        drawn[1], width="stretch", alt=_("{title}: what the video shows of it").format(title=title)
    )


def _focus(form: Form, place: Place, asset: Asset, ratio: str) -> None:
    left, top, right, bottom = crop_box(asset.width, asset.height, ratio, (0.5, 0.5))
    cut = (1 - (right - left) / asset.width, 1 - (bottom - top) / asset.height)
    if max(cut) <= _SLIGHT:
        return
    axis = 0 if cut[0] > cut[1] else 1
    st.session_state[widget(f"{place}.axis")] = axis
    size = f" ({pixels(ratio)})" if pixels(ratio) else ""
    st.slider(
        _("Keep: left to right") if axis == 0 else _("Keep: top to bottom"),
        0,
        100,
        key=seat(f"{place}.focus", round(form.picked(place).focus[axis] * 100)),
        format="%d %%",
        help=_("The video is {shape}{size}; the dimmed part is cut off.").format(
            shape=shape(ratio), size=size
        ),
    )


def _remove(place: Place) -> None:
    st.session_state.pop(widget(f"{place}.focus"), None)
    keep(gathered().with_picked(place, asset="", focus=(0.5, 0.5)))
