"""The files that a model takes: its frames, and every other kind as its catalogue row says."""

from __future__ import annotations

import streamlit as st

from runway_core.catalog import MediaSpec
from runway_core.catalog.parts import KEYFRAME_MOST, TAG_LENGTH
from runway_core.domain import FramePosition
from runway_core.language import _, translated
from runway_core.ui.choosing import Filled
from runway_core.ui.drafts import gathered, keep, seat
from runway_core.ui.file_field import FileField, file_field
from runway_core.ui.form import Form
from runway_core.ui.notes import note
from runway_core.ui.picked import Given, Place
from runway_core.ui.words import KINDS, field, plain


def frame_fields(filled: Filled) -> None:
    """Draw a field for each frame that the model takes."""
    form, spec = filled.form, filled.spec
    for position in FramePosition:
        place = Place(position)
        if position in spec.offered_positions():
            with st.container(border=True, key=f"create.{place}.box"):
                file_field(form, _frame(filled, place))
                dispute = spec.dispute(place.field, position)
                if dispute:
                    note(plain(translated(dispute.says)))


def _frame(filled: Filled, place: Place) -> FileField:
    first = place.position is FramePosition.FIRST
    return FileField(
        place,
        field(place.field),
        needed=first and filled.spec.frames_min > 0,
        links_only=why_links_only(filled),
        ratio=filled.form.ratio if filled.spec.offered_ratios() else "",
    )


def why_links_only(filled: Filled) -> str:
    """Why files can't be uploaded with this connection; empty when they can."""
    return (
        ""
        if filled.profile.takes_files
        else _("{title} takes only links.").format(title=filled.profile.title)
    )


def media_fields(filled: Filled) -> None:
    """Draw a field for each file of each kind, and what adds one more."""
    for medium in filled.spec.media:
        given = filled.form.given(medium)
        if medium.most > 1 and _about(medium):
            st.caption(
                f"**{plain(translated(medium.title))}**: {plain(translated(_about(medium)))}"
            )
        for number, one in enumerate(given, start=1):
            _one(filled, medium, one, number)
        if len(given) < medium.most and medium.most > 1:
            _more(medium, len(given))


def left_out(filled: Filled) -> None:
    """Say which files that were chosen are not used by this model."""
    form, spec = filled.form, filled.spec
    frames = [Place(p) for p in FramePosition if p not in spec.offered_positions()]
    places = [place for place in frames if form.picked(place).uri()]
    places += [given.place for given in form.unused(spec)]
    names = ", ".join(dict.fromkeys(field(place.field).lower() for place in places))
    if names:
        st.caption(
            ":material/visibility_off: "
            + _(
                "Not used, because {model} takes none: {names}. "
                "They are here again with a model that does."
            ).format(model=plain(spec.title), names=names)
        )


def _one(filled: Filled, medium: MediaSpec, given: Given, number: int) -> None:
    several = medium.most > 1
    wanted = FileField(
        given.place,
        f"{_noun(medium)} {number}" if several else translated(medium.title),
        kinds=medium.kinds,
        needed=several or medium.least > 0,
        about="" if several else _about(medium),
        links_only=why_links_only(filled),
        removable=several and len(filled.form.given(medium)) > medium.least,
    )
    with st.container(border=True, key=f"create.{given.place}.box"):
        file_field(filled.form, wanted)
        _further(filled.form, medium, given.place)


def _noun(medium: MediaSpec) -> str:
    return _(KINDS[medium.kinds[0]]) if len(medium.kinds) == 1 else _("File")


def _about(medium: MediaSpec) -> str:
    """What to know of these files; their length, where the row says no more."""
    least, most = medium.seconds or (0, 0)
    return translated(medium.help) or (
        _("{least:g} to {most:g} seconds long.").format(least=least, most=most) if most else ""
    )


def _further(form: Form, medium: MediaSpec, place: Place) -> None:
    picked = form.picked(place)
    if medium.shape == "tagged-list":
        least, most = TAG_LENGTH
        st.text_input(
            _("Its name in the prompt (optional)"),
            key=seat(f"{place}.tag", picked.tag),
            placeholder="sky",
            help=_(
                "Called sky, it is @sky in the prompt. {least} to {most} small letters, "
                "digits or _."
            ).format(least=least, most=most),
            width=260,
        )
    if medium.shape == "keyframes":
        st.number_input(
            _("At which second of the video"),
            0.0,
            float(KEYFRAME_MOST),
            step=0.5,
            key=seat(f"{place}.seconds", float(picked.seconds)),
            width=260,
        )


def _more(medium: MediaSpec, there: int) -> None:
    st.button(
        _("Add: {title}").format(title=plain(_begun_small(translated(medium.title)))),
        key=f"create.{medium.role}.add",
        icon=":material/add:",
        help=f"{there} of {medium.most}",
        on_click=_add,
        args=(medium.role.value,),
    )


def _add(role: str) -> None:
    keep(gathered().with_place(role))


def _begun_small(title: str) -> str:
    """A title in the middle of a text; abbreviations stay large."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
