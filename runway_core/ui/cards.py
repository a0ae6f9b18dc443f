"""One video as a card: its picture or player, where it stands, and what was asked for."""

from __future__ import annotations

from html import escape
from typing import Literal

import streamlit as st

from runway_core.catalog import catalog
from runway_core.domain import (
    Artifact,
    ArtifactState,
    MediaKind,
    Task,
    TaskStatus,
)
from runway_core.language import _, translated
from runway_core.ui import places
from runway_core.ui.clock import now
from runway_core.ui.failure_view import in_brief
from runway_core.ui.line_view import line_caption
from runway_core.ui.words import (
    ago,
    badge,
    lasting,
    made_elsewhere,
    makes_picture,
    no_prompt,
    pixels,
    plain,
    shape,
    short,
    status,
    taken,
)

TALLEST = 420
"""Pixels of a player's height, so that an upright video fits a screen."""
_BOX = (
    "width:100%;aspect-ratio:16/9;border-radius:.6rem;overflow:hidden;display:flex;"
    "align-items:center;justify-content:center;background:rgba(127,140,136,.14)"
)
_FIT = "width:100%;height:100%;object-fit:contain;display:block"


def media_url(task: Task, position: int, name: str) -> str:
    """Where our own route serves a kept file."""
    return f"/app/static/desk/{task.id}/{position}/{name}"


def title_of(task: Task) -> str:
    """The model's name as people know it."""
    own = (translated(s.title) for s in catalog().models if s.id == task.request.model)
    return next(own, task.request.model)


def file_url(task: Task, position: int) -> str:
    """Where a kept video or picture is served."""
    picture = task.artifacts[position].mime.startswith("image/")
    return media_url(task, position, "picture" if picture else "video.mp4")


def download_url(task: Task, position: int) -> str:
    """Where the browser saves a kept file from."""
    return f"{file_url(task, position)}?download=1"


def player(task: Task) -> None:
    """The kept files: videos as players that can seek, pictures as pictures."""
    for position, artifact in enumerate(task.artifacts):
        with st.container(horizontal_alignment="center"):
            if artifact.mime.startswith("image/"):
                st.image(file_url(task, position), width=_width(artifact), alt=_about(task))
            elif artifact.mime.startswith("video/"):
                url, width = file_url(task, position), _width(artifact)
                st.video(url, width=width, alt=_about(task))
            else:
                st.caption(_(":material/folder_zip: A file that can't be shown here: download it."))


def _width(artifact: Artifact) -> int | Literal["stretch"]:
    if artifact.width and artifact.height and artifact.width * 9 < artifact.height * 16:
        return round(TALLEST * artifact.width / artifact.height)
    return "stretch"


def _about(task: Task) -> str:
    unnamed = _("Picture without a prompt") if makes_picture(task) else _("Video without a prompt")
    return short(task.request.prompt, 120) or unnamed


def poster(task: Task) -> None:
    """A still of the same size for every card, loaded only when it is seen."""
    source = ""
    if task.artifacts and task.artifacts[0].poster:
        source = media_url(task, 0, "poster.jpg")
    else:
        shown = [frame.asset for frame in task.request.frames]
        shown += [sent.asset for sent in task.request.media if sent.kind is not MediaKind.AUDIO]
        if asset := next(filter(None, shown), None):
            source = f"/app/static/desk/picture/{asset}.jpg"
    faded = "" if task.artifacts else ";opacity:.45"
    about = escape(short(task.request.prompt, 80) or title_of(task), quote=True)
    inner = (
        f'<img src="{escape(source, quote=True)}" alt="{about}" loading="lazy" style="{_FIT}{faded}">'
        if source
        else '<svg width="40" height="40" viewBox="0 0 24 24" fill="none" stroke="#7f8c88" '
        'stroke-width="1.5"><rect x="3" y="5" width="18" height="14" rx="3"/><path d="M10 9.5v5l4.5-2.5z"/></svg>'
    )
    st.html(f'<div style="{_BOX}">{inner}</div>')


def state_row(task: Task) -> None:
    """The badge, and how long it took or takes."""
    label, icon, color = badge(task)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.badge(label, icon=icon, color=color)  # type: ignore[arg-type] # one of badge()'s colours
        st.caption(_time_line(task), width="content")


def _time_line(task: Task) -> str:
    spent = lasting(taken(task, now()))
    if task.is_open:
        return f":material/timer: {spent}"
    if task.finished_at is None or made_elsewhere(task):
        return ago(task.created_at, now())
    return _("took {spent} · {ago}").format(spent=spent, ago=ago(task.created_at, now()))


def progress(task: Task) -> None:
    """Where an open video stands, in words and as a bar; what went wrong with any other."""
    if task.is_open:
        st.progress(task.progress or 0.0, text=status(task))
        line_caption(task)
        if task.note:
            st.caption(f":orange[:material/info:] {plain(translated(task.note))}")
    elif task.status is TaskStatus.UNCERTAIN:
        told = _("{status}. It may have been charged: open it to decide.")
        st.caption(f":orange[:material/help:] {told.format(status=status(task))}")
    elif task.status is TaskStatus.FAILED:
        st.caption(f":red[:material/error:] {plain(short(in_brief(task), 240))}")
    elif task.artifact_state is ArtifactState.EXPIRED:
        st.caption(f":orange[:material/cloud_off:] {status(task)}.")


def wish(task: Task, *, length: int) -> None:
    """The prompt as plain text, and what it was made with."""
    st.text(short(task.request.prompt, length) or no_prompt(task))
    asked = task.request
    seconds = _("{n} s").format(n=asked.duration) if asked.duration else ""
    ratio = pixels(asked.ratio) or shape(asked.ratio)
    facts = (title_of(task), seconds, ratio, task.connection)
    st.caption(" · ".join(plain(fact) for fact in facts if fact))


def whose(task: Task, maker: str) -> None:
    """Who else made it, or that one's own is shown to the team; nothing while it is nobody else's business."""
    if maker:
        st.caption(f":material/person: {plain(maker)}")
    elif task.shared and task.owner_id:
        st.caption(_(":material/group: Shown to the team"))


def no_videos(text: str, *, link: bool) -> None:
    """An empty place that says what will be there."""
    with st.container(
        border=True,
        horizontal_alignment="center",
        gap="small",
        key=f"empty.{'link' if link else 'note'}",
    ):
        st.space("small")
        st.markdown("### :gray[:material/movie:]", width="content")
        st.markdown(text, width="content", text_alignment="center")
        if link:
            st.page_link(places.CREATE, label=_("Make a video"), icon=":material/movie_edit:")
        st.space("small")
