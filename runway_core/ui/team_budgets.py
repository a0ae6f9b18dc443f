"""What each person may spend, over all connections and with each of them."""

from __future__ import annotations

import streamlit as st

from runway_core.language import _
from runway_core.ui.budgets import budget_card
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

WHOSE_BUDGETS = "team.budgets.whose"
"""Id of the person whose budgets are shown."""


def person_budgets() -> None:
    """Draw the choice of a person, a form for all connections together, and one for each.

    Raises:
        StorageError: the database can't be read.
    """
    people = {person.id: person for person in get_studio().people.all()}
    if st.session_state.get(WHOSE_BUDGETS) not in people:
        st.session_state[WHOSE_BUDGETS] = next(iter(people))
    whose = st.selectbox(
        _("Budgets of"),
        list(people),
        format_func=lambda person_id: people[person_id].name,
        key=WHOSE_BUDGETS,
        width=320,
    )
    st.caption(
        _(
            "They count beside those of all together, which are in Settings: a video has to fit into each of them."
        )
    )
    grid = st.grid(2, min_column_width=420, gap="medium")
    with grid.container(border=True, height="stretch", key="team.budgets.all"):
        st.markdown(f"**{_('All connections together')}**")
        budget_card(None, people[whose])
    for connection in get_studio().connections.all():
        with grid.container(border=True, height="stretch", key=f"team.budgets.{connection.id}"):
            st.markdown(f"**{plain(connection.name)}**")
            budget_card(connection, people[whose])
