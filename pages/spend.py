"""What videos have cost, and how well connections have served."""

import streamlit as st

from runway_core.language import _
from runway_core.ui.access import require_user
from runway_core.ui.spend_page import spend

require_user()

st.title(_("Spend"), anchor=False)
spend()
