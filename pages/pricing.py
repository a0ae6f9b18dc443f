"""What videos cost and how long they take, before anything is paid."""

import streamlit as st

from runway_core.language import _
from runway_core.ui.access import require_user
from runway_core.ui.price_page import pricing

require_user()

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title(_("Pricing"), anchor=False, width="content")
    beside = st.container(width="content")
pricing(beside)
