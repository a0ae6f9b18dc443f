"""One recipe sent to several connections and models at once: each price and the total first, then one click."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from runway_core.catalog import ModelSpec
from runway_core.domain import Connection, FramePosition
from runway_core.errors import InvalidInputError, Problem
from runway_core.language import _, ngettext
from runway_core.pricing import refusal
from runway_core.studio.comparing import MOST
from runway_core.ui import errors, places
from runway_core.ui.budgets import before_the_click
from runway_core.ui.compare_link import compare_query
from runway_core.ui.dialogs import close
from runway_core.ui.fitting import fitted
from runway_core.ui.form import Form
from runway_core.ui.picked import Place
from runway_core.ui.send_several import Wanted, send, total, total_words
from runway_core.ui.services import get_studio
from runway_core.ui.words import field, model_label, plain, price

_SENT = "compare.sent"
_REFUSED = "compare.refused"


@dataclass(frozen=True)
class Target:
    """A connection and model, and what a recipe becomes there."""

    connection: Connection
    spec: ModelSpec
    wanted: Wanted
    changed: str
    """What had to be made to suit it, in words."""
    problems: tuple[Problem, ...]
    """Why it can't make this."""
    made: str = ""
    """The id of the task that it became before."""

    @property
    def label(self) -> str:
        return label_of(self.connection, self.spec)


def label_of(connection: Connection, spec: ModelSpec) -> str:
    """A connection and model, as they are listed."""
    return f"{connection.name} · {model_label(spec)}"


def offered(capability: str) -> dict[str, tuple[Connection, ModelSpec]]:
    """Every connection and model that makes such a thing, by a key that stands for both."""
    connections = get_studio().connections
    return {
        f"{connection.id}|{spec.id}": (connection, spec)
        for connection in connections.all()
        for spec in connections.profile(connection).specs
        if spec.capability == capability
    }


def target(form: Form, connection: Connection, model: str) -> Target:
    """What a recipe becomes with a connection and model: its price, what has to change, what is in the way."""
    studio = get_studio()
    profile = studio.connections.profile(connection)
    wished = form.model_copy(update={"connection_id": connection.id, "model": model})
    suited, changed = fitted(wished, connection, profile)
    spec = studio.tasks.spec(connection, suited.model, suited.capability).given(suited.options)
    request = suited.request(spec, profile)
    wanted = Wanted(
        connection=connection,
        request=request,
        token=suited.token(request),
        estimate=studio.tasks.estimate(connection, spec, studio.tasks.asked(request)),
        free=profile.kind == "sandbox",
    )
    task = studio.tasks.by_token(wanted.token)
    return Target(
        connection=connection,
        spec=spec,
        wanted=wanted,
        changed=" ".join(filter(None, (changed, _not_used(form, spec)))),
        problems=_problems(wanted),
        made=task.id if task else "",
    )


def _not_used(form: Form, spec: ModelSpec) -> str:
    frames = [Place(p) for p in FramePosition if p not in spec.offered_positions()]
    fields = [place.field for place in frames if form.picked(place).uri()]
    fields += [given.place.field for given in form.unused(spec)]
    names = ", ".join(dict.fromkeys(field(name) for name in fields))
    return _("Not used there: {names}.").format(names=names) if names else ""


def _problems(wanted: Wanted) -> tuple[Problem, ...]:
    connection = wanted.connection
    if not wanted.free and not connection.key_hint:
        return (Problem("connection", _("has no API key yet.")),)
    try:
        get_studio().tasks.check(wanted.request, connection)
    except InvalidInputError as error:
        return error.problems
    return ()


def same_prompt_on(form: Form, *, key: str, beside: tuple[str, ...] = ()) -> None:
    """Draw the choice of connections and models, what each costs and changes, and the one click that sends to all.

    Args:
        form: the recipe. Its draft has to be the same at each drawing: tokens follow from it.
        key: what the widgets' keys begin with.
        beside: ids of videos that the new ones are compared with; without any the form's own model is chosen too.
    """
    if ids := st.session_state.pop(_SENT, None):
        close()
        st.switch_page(places.COMPARE, query_params=compare_query([*beside, *ids]))
    choices, most = offered(form.capability), MOST - len(beside)
    own = "" if beside else f"{form.connection_id}|{form.model}"
    chosen = st.multiselect(
        _("Connections and models"),
        list(choices),
        default=[own] if own in choices else [],
        format_func=lambda name: label_of(*choices[name]),
        max_selections=most,
        placeholder=_("Choose up to {most}").format(most=most),
        key=f"{key}.choice",
    )
    targets = [target(form, choices[name][0], choices[name][1].id) for name in chosen]
    for one in targets:
        _row(one)
    able = [one for one in targets if not one.problems]
    if not able:
        st.caption(_("Choose with what to make it. You see the price before anything is sent."))
        return
    _sure(able, key)


def _row(one: Target) -> None:
    with st.container(border=True, gap="small"):
        label, cost = plain(one.label), plain(price(one.wanted.estimate, free=one.wanted.free))
        st.markdown(f"**{label}** · {_('made already') if one.made else cost}")
        for problem in one.problems:
            errors.red_line(_("Left out: {why}").format(why=errors.one_problem(problem)))
        if one.changed and not one.problems:
            st.caption(f":material/aspect_ratio: {plain(one.changed)}")


def _sure(able: list[Target], key: str) -> None:
    """The total and the click; what was made before is compared and not paid again."""
    to_send = [one.wanted for one in able if not one.made]
    if to_send:
        words = ngettext("{n} video: {total}", "{n} videos: {total}", len(to_send))
        st.markdown(words.format(n=len(to_send), total=total_words(to_send)))
    made = len(able) - len(to_send)
    if made:
        words = ngettext(
            "{n} was made already and costs nothing more.",
            "{n} were made already and cost nothing more.",
            made,
        )
        st.caption(words.format(n=made))
    label = ngettext("Make {n} video and compare", "Make {n} videos and compare", len(to_send))
    st.button(
        label.format(n=len(to_send)) if to_send else _("Compare"),
        key=f"{key}.sure",
        type="primary",
        icon=":material/compare:",
        disabled=_over_budget(to_send),
        on_click=_send,
        args=([one.wanted for one in able],),
    )
    if error := st.session_state.pop(_REFUSED, None):
        errors.show(error)


def _over_budget(to_send: list[Wanted]) -> bool:
    """Say where budgets stand with all of these; whether one leaves no room."""
    refused = False
    for connection in {one.connection.id: one.connection for one in to_send}.values():
        own = [one.estimate for one in to_send if one.connection.id == connection.id]
        outlooks = get_studio().budgets.outlooks(connection, total(own))
        before_the_click(outlooks, total(own), connection)
        for found in (found for found in outlooks if found.refused):
            refused = True
            for problem in refusal(found, total(own)).problems:
                errors.red_line(errors.one_problem(problem))
    return refused


def _send(wanted: list[Wanted]) -> None:
    """Record each by its own token: a second click, a reload and a closed tab make no second one."""
    made, error = send(wanted)
    if error is not None:
        st.session_state[_REFUSED] = error
    else:
        st.session_state[_SENT] = [task.id for task in made]
