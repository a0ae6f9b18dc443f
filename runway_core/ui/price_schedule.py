"""How long videos take with a connection's plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from runway_core.domain import Connection
from runway_core.language import _, translated
from runway_core.pricing import Offer, Timetable
from runway_core.studio.limits import in_words
from runway_core.ui import price_address as address
from runway_core.ui.price_chart import timeline
from runway_core.ui.price_inputs import Question
from runway_core.ui.services import get_studio
from runway_core.ui.words import lasting, plain

_TAKES = (1, 86_400)
"""Seconds."""


@dataclass(frozen=True)
class Choice:
    """Who makes the videos, which model, and how long one takes where a person said so."""

    connection: Connection
    offer: Offer
    takes: timedelta | None
    said: dict[str, str]
    """The same as the address says it."""


def who_makes_it(shown: Sequence[Offer]) -> Choice | None:
    """Draw the choice of one of the offers; None when there is none.

    Raises:
        StorageError: the database can't be read.
    """
    if not shown:
        return None
    st.subheader(_("How long it takes"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        connection_id = _connection(shown)
        offers = {offer.model: offer for offer in shown if offer.connection_id == connection_id}
        offer = offers[_model(offers)]
        connection = get_studio().connections.get(connection_id)
        takes = _takes(offer)
    first = shown[0]
    said = {
        "with": "" if connection_id == first.connection_id else connection_id,
        "model": "" if offer.model == next(iter(offers)) else offer.model,
        "takes": "" if takes is None else str(takes // timedelta(seconds=1)),
    }
    return Choice(connection, offer, takes, said)


def _connection(shown: Sequence[Offer]) -> str:
    names = {offer.connection_id: offer.connection for offer in shown}
    ids = list(names)
    return st.selectbox(
        _("With"),
        ids,
        format_func=lambda found: names.get(found, ""),
        key=address.text("with", ids[0], ids),
        width=240,
    )


def _model(offers: dict[str, Offer]) -> str:
    models = list(offers)
    return st.selectbox(
        _("Model"),
        models,
        format_func=lambda model: offers[model].title if model in offers else "",
        key=address.text("model", models[0], models),
        width=240,
    )


def _takes(offer: Offer) -> timedelta | None:
    known = "" if offer.takes is None else lasting(offer.takes)
    value = st.number_input(
        _("Seconds that one takes"),
        *_TAKES,
        value=None,
        step=1,
        key=address.whole("takes", None, *_TAKES),
        placeholder=_("{time}, as seen").format(time=known) if known else _("not known yet"),
        help=_(
            "Leave it empty to go by your own videos. The length of the wait, not of the video."
        ),
        width=230,
    )
    return None if value is None else timedelta(seconds=int(value))


def price_schedule(asked: Question, choice: Choice) -> None:
    """Draw how long the videos asked for take, after what the connection is doing now.

    Raises:
        StorageError: the database can't be read.
    """
    studio = get_studio()
    profile = studio.connections.profile(choice.connection)
    if plan := in_words(choice.connection, profile):
        st.caption(f":material/speed: {plain(translated(plan))}")
    found = studio.pricing.schedule(
        choice.connection, {choice.offer.model: asked.wish.count}, takes=choice.takes
    )
    show_schedule(found)
    if found is not None:
        timeline(found)


def show_schedule(found: Timetable | None) -> None:
    """Draw a schedule in sentences."""
    if found is None:
        st.info(
            _(
                "How long one takes is not known before a few videos are finished. Say above how many seconds "
                "you expect."
            ),
            icon=":material/hourglass_empty:",
        )
        return
    st.markdown(f"**{plain(translated(found.says))}**")
    for moment in found.moments[:_MOMENTS]:
        says = plain(translated(moment.says))
        if moment.at:
            says = _("After {time}: {says}").format(time=lasting(moment.at), says=says)
        st.markdown(f":small[{says}]")
    if len(found.moments) > _MOMENTS:
        st.caption(_("And so on, day after day."))


_MOMENTS = 4
"""Sentences that are read; after them the same comes again each day."""
