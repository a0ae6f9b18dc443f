"""The pricing page, from its questions to a list of prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from runway_core.language import _
from runway_core.ui import price_address as address
from runway_core.ui.price_chart import cost_chart
from runway_core.ui.price_inputs import price_questions
from runway_core.ui.price_list import list_of_prompts
from runway_core.ui.price_schedule import price_schedule, who_makes_it
from runway_core.ui.price_table import price_table
from runway_core.ui.rights import to_settings

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def pricing(beside: DeltaGenerator) -> None:
    """Draw the page under its title; what shares it goes `beside` that.

    Raises:
        StorageError: the database can't be read.
    """
    st.caption(
        _(
            "What it should cost with each of your connections, and how long it takes. Nothing is sent from here, "
            "and only your provider's bill is final."
        )
    )
    asked = price_questions()
    if asked is None:
        return
    shown = price_table(asked)
    cost_chart(asked, shown)
    choice = who_makes_it(shown)
    if choice is not None:
        price_schedule(asked, choice)
        list_of_prompts(asked, choice)
    said = asked.said | (choice.said if choice is not None else {})
    address.remember(said)
    with beside:
        address.share(said)
    to_settings(
        _("Prices, plans and currency"),
        ask=_("change prices, plans or the currency"),
        icon=":material/settings:",
    )
