"""Two to four videos side by side, playing in step, and what they were made with."""

import streamlit as st

from runway_core.language import _
from runway_core.ui.access import require_user
from runway_core.ui.compare_page import compare

require_user()

st.title(_("Compare"), anchor=False)
compare()
