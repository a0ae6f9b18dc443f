"""The field for one picture: upload or link, what the crop keeps, and what was wrong with it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from runway_core.catalog import ModelSpec
from runway_core.catalog.uris import link_problem
from runway_core.domain import Asset, FramePosition
from runway_core.errors import DeskError, InvalidInputError, NotFoundError
from runway_core.images import crop_box
from runway_core.ui.drafts import gathered, keep, seat, widget
from runway_core.ui.form import Form
from runway_core.ui.services import get_studio
from runway_core.ui.words import field, pixels, plain, shape

SAMPLE = Path(__file__).with_name("sample.jpg")
TYPES = ["png", "jpg", "jpeg", "webp"]
_SLIGHT = 0.01
"""Share of a side that a crop may take without being worth a slider."""


def picture_field(form: Form, position: FramePosition, *, spec: ModelSpec) -> None:
    """Draw the field of one frame."""
    picked = form.picked(position)
    name = field(f"frames.{position}")
    needed = position is FramePosition.FIRST and spec.frames_min > 0
    with st.container(border=True, key=f"create.{position}.box"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(f"**{name}**" + ("" if needed else " (optional)"), width="content")
            st.segmented_control(
                f"{name}: where from",
                ["upload", "link"],
                format_func=lambda mode: "Upload" if mode == "upload" else "Link",
                required=True,
                label_visibility="collapsed",
                key=seat(f"{position}.mode", picked.mode),
            )
        if picked.mode == "link":
            _link(form, position)
        else:
            _upload(form, position)
        dispute = spec.dispute(f"frames.{position}", position)
        if dispute:
            st.caption(f":orange[:material/info:] {plain(dispute.says)}")


def _link(form: Form, position: FramePosition) -> None:
    link = form.picked(position).link
    st.text_input(
        "Link to a picture",
        key=seat(f"{position}.link", link),
        placeholder="https://…",
        type="url",
    )
    problem = link_problem(link.strip()) if link.strip() else ""
    if problem:
        st.caption(f":red[:material/error: The link {plain(problem)}]")
    st.caption("The provider fetches this link itself, so it can't be shown or cropped here.")


def _upload(form: Form, position: FramePosition) -> None:
    asset = _asset(form.picked(position).asset)
    if asset is not None:
        _chosen(form, position, asset)
    elif form.picked(position).asset:
        st.caption(
            ":red[:material/error: This picture is not kept here any more; choose it again.]"
        )
    count = st.session_state.setdefault(f"create.{position}.count", 0)
    st.file_uploader(
        "Choose another picture"
        if asset
        else "Choose, drop or paste a picture (PNG, JPEG or WebP)",
        type=TYPES,
        key=f"create.{position}.file.{count}",
        on_change=_take_in,
        args=(position,),
    )
    problem = st.session_state.get(f"create.{position}.problem")
    if problem:
        kept = " The picture you had stays." if asset else ""
        st.caption(f":red[:material/error: {problem}{kept}]")
    if asset is None and position is FramePosition.FIRST:
        st.button(
            "Use a sample picture",
            key="create.first.sample",
            icon=":material/landscape:",
            type="tertiary",
            on_click=_take_sample,
            args=(position,),
        )


def _asset(sha256: str) -> Asset | None:
    try:
        return get_studio().pictures.get(sha256) if sha256 else None
    except NotFoundError:
        return None


def _chosen(form: Form, position: FramePosition, asset: Asset) -> None:
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        _preview(form, position, asset)
    with right:
        st.text(asset.filename)
        st.caption(f"{asset.width} × {asset.height} pixels")
        _focus(form, position, asset)
        st.button(
            "Remove",
            key=f"create.{position}.remove",
            icon=":material/close:",
            type="tertiary",
            on_click=_choose,
            args=(position, ""),
        )


def _preview(form: Form, position: FramePosition, asset: Asset) -> None:
    focus = form.picked(position).focus
    wanted = (asset.sha256, form.ratio, focus)
    drawn = st.session_state.get(f"create.{position}.preview")
    if drawn is None or drawn[0] != wanted:
        picture = get_studio().pictures.preview(asset.sha256, ratio=form.ratio, focus=focus)
        drawn = st.session_state[f"create.{position}.preview"] = (wanted, picture)
    st.image(
        drawn[1], width="stretch", alt=f"{field(f'frames.{position}')}: what the video shows of it"
    )


def _focus(form: Form, position: FramePosition, asset: Asset) -> None:
    left, top, right, bottom = crop_box(asset.width, asset.height, form.ratio, (0.5, 0.5))
    cut = (1 - (right - left) / asset.width, 1 - (bottom - top) / asset.height)
    if max(cut) <= _SLIGHT:
        return
    axis = 0 if cut[0] > cut[1] else 1
    st.session_state[widget(f"{position}.axis")] = axis
    st.slider(
        "Keep: left to right" if axis == 0 else "Keep: top to bottom",
        0,
        100,
        key=seat(f"{position}.focus", round(form.picked(position).focus[axis] * 100)),
        format="%d %%",
        help=f"The video is {shape(form.ratio)} ({pixels(form.ratio)}); the dimmed part is cut off.",
    )


def _take_in(position: FramePosition) -> None:
    count = st.session_state[f"create.{position}.count"]
    file = st.session_state.get(f"create.{position}.file.{count}")
    if file is None:
        return
    st.session_state[f"create.{position}.count"] = (
        count + 1
    )  # an emptied field can take the next one
    _add(position, file.getvalue(), file.name)


def _take_sample(position: FramePosition) -> None:
    _add(position, SAMPLE.read_bytes(), "sample.jpg")


def _add(position: FramePosition, data: bytes, filename: str) -> None:
    name = f"frames.{position}"
    try:
        asset = get_studio().pictures.add(data, filename=filename, field=name)
    except InvalidInputError as error:
        said = "; ".join(problem.message for problem in error.problems)
        st.session_state[f"create.{position}.problem"] = (
            f"**{field(name)}**: {plain(filename)} {plain(said)}"
        )
    except DeskError as error:
        st.session_state[f"create.{position}.problem"] = plain(f"{error} {error.hint}")
    else:
        _choose(position, asset.sha256)


def _choose(position: FramePosition, sha256: str) -> None:
    st.session_state.pop(f"create.{position}.problem", None)
    st.session_state.pop(widget(f"{position}.focus"), None)
    keep(gathered().with_picked(position, asset=sha256, focus=(0.5, 0.5)))
