"""Make a video: the form, its price and the newest videos beside it."""

import streamlit as st

from runway_core.ui.access import require_user
from runway_core.ui.create_form import create_form, only_looks
from runway_core.ui.fixes import note_on_create
from runway_core.ui.generate import generate_bar
from runway_core.ui.latest import latest
from runway_core.ui.recovery import needs_decision
from runway_core.ui.rights import may_make

require_user()

st.title("Create", anchor=False)
if not may_make():
    only_looks()
    st.stop()
needs_decision()
note_on_create()
form_side, result_side = st.columns([11, 9], gap="large")
with form_side:
    filled = create_form()
with result_side:
    if filled is not None:
        generate_bar(filled)
    latest()
