"""What each connection takes for each model, side by side, and who can't make it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import streamlit as st

from runway_core.errors import DeskError
from runway_core.language import _, ngettext, number, translated
from runway_core.pricing import Learnt, Offer, Wish
from runway_core.ui import errors, places
from runway_core.ui.drafts import gathered, replace
from runway_core.ui.leads import EDIT
from runway_core.ui.price_inputs import Question, Sort, sort_field
from runway_core.ui.price_words import (
    each,
    learnt_price,
    practice_worth,
    source,
    takes,
    told_total,
    total,
)
from runway_core.ui.rights import manages, may_make, to_settings
from runway_core.ui.services import get_studio
from runway_core.ui.words import capability, plain

_FIRST = 12
"""Rows that are shown at once."""
_ALL = "pricing.all"


def price_table(asked: Question) -> list[Offer]:
    """Draw a row for each connection and model, and return those that can make it, in their order.

    Raises:
        StorageError: the database can't be read.
    """
    found = get_studio().pricing.offers(asked.wish)
    able = in_order([offer for offer in found if offer.can], asked.sort)
    real = [offer for offer in able if not offer.practice]
    shown = real or able
    _head(asked.wish, shown)
    if not shown:
        st.info(
            _("Nobody here makes it like this. Why is said below."), icon=":material/search_off:"
        )
    _rows(asked.wish, shown)
    if real and len(real) < len(able):
        _practice(asked.wish, [offer for offer in able if offer.practice])
    _unable([offer for offer in found if not offer.can])
    return shown


def in_order(able: Sequence[Offer], sort: Sort) -> list[Offer]:
    """The offers as they were asked to stand; what is not known comes after what is, what has ended last."""

    def price(offer: Offer) -> tuple[Any, ...]:
        amount = offer.told_high if offer.told_high is not None else offer.total.high
        return offer.told_high is None, not offer.total.is_known, amount or 0

    def place(offer: Offer) -> tuple[Any, ...]:
        if sort == "connection":
            return (offer.retired,)
        if sort == "time":
            return offer.retired, offer.takes is None, offer.takes, *price(offer)
        return offer.retired, *price(offer)

    return sorted(
        able, key=lambda offer: tuple(0 if part is None else part for part in place(offer))
    )


def _head(wish: Wish, shown: Sequence[Offer]) -> None:
    what = capability(wish.capability) if wish.capability is not None else ""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        heading = ngettext("{what}: {n} offer", "{what}: {n} offers", len(shown))
        st.subheader(heading.format(what=what, n=len(shown)), anchor=False, width="content")
        if len(shown) > 1:
            sort_field()


def _rows(wish: Wish, shown: Sequence[Offer]) -> None:
    every = len(shown) <= _FIRST or bool(st.session_state.get(_ALL))
    helped: set[str] = set()
    for offer in shown if every else shown[:_FIRST]:
        with st.container(border=True, gap="xxsmall", key=_key("row", offer)):
            _row(wish, offer)
            if not offer.total.is_known and offer.connection_id not in helped:
                helped.add(offer.connection_id)
                _unknown(offer)
    if not every:
        label = _("Show all {n} offers").format(n=len(shown))
        st.button(label, key=f"{_ALL}.show", icon=":material/expand_more:", on_click=_show_all)


def _show_all() -> None:
    st.session_state[_ALL] = True


def _key(what: str, offer: Offer) -> str:
    return f"pricing.{what}.{offer.connection_id}.{offer.model}"


def _row(wish: Wish, offer: Offer) -> None:
    who, cost, go = st.columns([30, 48, 22], vertical_alignment="center")
    with who:
        st.markdown(f"**{plain(translated(offer.title))}**  \n{plain(offer.connection)}")
        _badges(offer)
    cost.markdown("  \n".join(_cost(offer)))
    if may_make() and go.button(
        _("Use in Create"), key=_key("create", offer), type="tertiary", icon=":material/movie_edit:"
    ):
        _to_create(wish, offer)
    _whence(offer)


def _cost(offer: Offer) -> Iterator[str]:
    """All of them, one of them, and how long one takes."""
    told = "" if offer.practice else told_total(offer)
    whole = [f"**{plain(total(offer))}**", plain(told)]
    if offer.count > 1 and offer.total.is_known:
        whole.append(_("for {n}").format(n=number(offer.count)))
    yield " · ".join(filter(None, whole))
    if text := practice_worth(offer) if offer.practice else each(offer):
        yield f":small[{plain(text)}]"
    if text := takes(offer):
        yield f":small[:material/timer: {plain(text)}]"


def _badges(offer: Offer) -> None:
    marks = []
    if offer.cheapest and not offer.practice:
        marks.append(f":green-badge[:material/savings: {_('Cheapest')}]")
    if offer.fastest:
        marks.append(f":blue-badge[:material/bolt: {_('Fastest')}]")
    if offer.practice:
        marks.append(f":gray-badge[:material/science: {_('Practice')}]")
    if offer.retired:
        marks.append(f":orange-badge[:material/history_toggle_off: {_('Ended by its maker')}]")
    if marks:
        st.markdown(" ".join(marks))


def _whence(offer: Offer) -> None:
    """Where the price is from, and what to know before paying."""
    if not offer.practice:
        st.caption(source(offer.total))
    for note in offer.notes:
        st.caption(f":material/info: {plain(translated(note))}")


def _unknown(offer: Offer) -> None:
    """Ways to a price that nobody published."""
    studio = get_studio()
    connection = studio.connections.get(offer.connection_id)
    if studio.connections.profile(connection).price != "unknown":
        return  # its connection has no price of its own: the maker has one for each model
    learnt = next(iter(studio.spending.learnt(connection)), None)
    if learnt is not None:
        _learnt(offer, learnt)
    to_settings(
        _("Enter the price"),
        ask=_("enter the price"),
        icon=":material/sell:",
        query={EDIT: offer.connection_id},
    )


def _learnt(offer: Offer, learnt: Learnt) -> None:
    says = ngettext(
        "Your own videos of 5 s with {model} have cost {price}: {n} of them tells so.",
        "Your own videos of 5 s with {model} have cost {price}: {n} of them tell so.",
        learnt.number,
    )
    price = learnt_price(learnt)
    says = says.format(model=learnt.model, price=price, n=learnt.number)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/lightbulb: {plain(says)}", width="content")
        if manages():
            st.button(
                _("Use {price}").format(price=plain(price)),
                key=f"pricing.learnt.{offer.connection_id}",
                on_click=_take,
                args=(offer.connection_id, learnt),
            )
    if (
        error := st.session_state.pop(f"pricing.learnt.error.{offer.connection_id}", None)
    ) is not None:
        errors.show(error)


def _take(connection_id: str, learnt: Learnt) -> None:
    """Keep what was learnt as the connection's price."""
    connections = get_studio().connections
    try:
        known = connections.get(connection_id)
        connections.change(
            connection_id,
            name=known.name,
            base_url=known.base_url,
            unit_price=learnt.price,
            unit=learnt.unit,
        )
    except DeskError as error:
        st.session_state[f"pricing.learnt.error.{connection_id}"] = error


def _to_create(wish: Wish, offer: Offer) -> None:
    """Open Create with this connection, model and settings; what else stands in the form stays."""
    studio, form = get_studio(), gathered()
    connection = studio.connections.get(offer.connection_id)
    spec = studio.tasks.spec(connection, offer.model, offer.capability)
    options = {n: v for n, v in form.options.items() if spec.option(n) is None}
    for name, value in wish.options.items():
        option = spec.option(name)
        if option is not None:
            options[name] = option.read(str(value))
    changes = {
        "connection_id": offer.connection_id,
        "model": offer.model,
        "capability": offer.capability.value,
        "ratio": offer.ratio or form.ratio,
        "duration": offer.duration or form.duration,
        "options": options,
        "edition": form.edition + 1,
    }
    replace(form.model_copy(update=changes))
    st.switch_page(places.CREATE)


def _practice(wish: Wish, found: Sequence[Offer]) -> None:
    label = ngettext("Practice: {n} model, free", "Practice: {n} models, free", len(found))
    with st.expander(label.format(n=len(found)), icon=":material/science:", key="pricing.practice"):
        st.caption(
            _("Made on this computer, as the real thing would be asked for. Nothing is paid.")
        )
        for offer in found:
            with st.container(border=True, gap="xxsmall", key=_key("row", offer)):
                _row(wish, offer)


def _unable(found: Sequence[Offer]) -> None:
    if not found:
        return
    label = ngettext("{n} can't make it", "{n} can't make it", len(found)).format(n=len(found))
    with st.expander(label, icon=":material/block:", key="pricing.unable"):
        for offer in found:
            why = " ".join(errors.one_problem(problem) for problem in offer.problems)
            st.markdown(
                f"**{plain(translated(offer.title))}** · {plain(offer.connection)}  \n:small[{why}]"
            )
