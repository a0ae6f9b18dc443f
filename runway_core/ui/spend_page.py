"""The Spend page: what was spent in a time, and how that compares with what providers say."""

from __future__ import annotations

import streamlit as st

from runway_core.language import _, ngettext
from runway_core.people import ANYBODY, Actor
from runway_core.store import CellQuery
from runway_core.studio.spending import Report
from runway_core.ui.places import CREATE
from runway_core.ui.rights import may_make
from runway_core.ui.services import get_studio
from runway_core.ui.spend_chart import spend_chart
from runway_core.ui.spend_filters import Asked, filters, show_practice
from runway_core.ui.spend_scores import scoreboard
from runway_core.ui.spend_table import spend_table
from runway_core.ui.spend_totals import totals
from runway_core.ui.spend_usage import usage
from runway_core.ui.visit import cookie
from runway_core.web import visitor
from runway_core.web.runtime import runtime


def spend() -> None:
    """Draw the page.

    Raises:
        StorageError: the database can't be read.
    """
    st.caption(
        _(
            "Every video counts on the day on which it was asked for; days are those of UTC. "
            "Only your provider's bill is final."
        )
    )
    asked = filters()
    report = get_studio().spending.report(asked.by, asked.query)
    if not report.whole:
        _nothing(asked, report)
        usage(asked)
        return
    totals(report)
    spend_chart(report)
    spend_table(asked, report)
    _download(asked.query)
    _practice(report)
    scoreboard(asked.query, report.currency)
    usage(asked)


def _nothing(asked: Asked, report: Report) -> None:
    with st.container(border=True, key="spend.nothing"):
        if report.practice:
            st.markdown(_("**Nothing was paid in this time.**"))
            _practice(report)
            st.button(
                _("Show practice"),
                key="spend.practice",
                icon=":material/science:",
                on_click=show_practice,
            )
            return
        st.markdown(_("**No videos were asked for in this time.**"))
        st.caption(
            _(
                "What each video cost is kept here: what its provider said, what is assumed where it did not, "
                "and what is held for videos that are being made."
            )
        )
        if may_make() and not asked.query.connection_id:
            st.page_link(CREATE, label=_("Make a video"), icon=":material/movie_edit:")


def _practice(report: Report) -> None:
    if report.practice:
        words = ngettext(
            "{n} practice video is left out: practice costs nothing.",
            "{n} practice videos are left out: practice costs nothing.",
            report.practice,
        )
        st.caption(words.format(n=report.practice))


def _download(query: CellQuery) -> None:
    token, local = cookie(visitor.SESSION), not get_studio().actor.id
    st.download_button(
        _("Download as CSV"),
        lambda: _csv(token, query, local=local),
        file_name="runway-desk-spend.csv",
        mime="text/csv",
        key="spend.csv",
        icon=":material/download:",
        help=_(
            "Every line that was written in this time: estimates, what was held, charges, refunds."
        ),
        on_click="ignore",
    )


def _csv(token: str, query: CellQuery, *, local: bool) -> bytes:
    """The file, when it is asked for: outside any run, so who asks is looked up by their session once more.

    `local` is whether the page was drawn for whoever is at this computer, which lasts until there are people.

    Raises:
        NotAllowedError: they have been signed out.
    """
    sign_in = runtime().studio.sign_in
    if local and not sign_in.needed():
        return runtime().studio.spending.csv(query)
    found = sign_in.who(token)
    actor = ANYBODY if found is None else Actor.of(found.person)
    return runtime().studio.acting_as(actor).spending.csv(query)
