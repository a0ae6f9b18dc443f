"""Make a video: the form, its price and the newest videos beside it."""

import streamlit as st

from runway_core.language import _
from runway_core.ui.access import require_user
from runway_core.ui.create_dialogs import create_dialogs, drafts_button, more_ways
from runway_core.ui.create_form import create_form, only_looks
from runway_core.ui.first_minute import first_minute
from runway_core.ui.fixes import note_on_create
from runway_core.ui.generate import generate_bar
from runway_core.ui.latest import latest
from runway_core.ui.recipe_link import arrive, note_on_link
from runway_core.ui.recovery import needs_decision
from runway_core.ui.rights import may_make

require_user()

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title(_("Create"), anchor=False, width="content")
    if may_make():
        drafts_button()
if not may_make():
    only_looks()
    st.stop()
arrive()
# The place of notes stays when they go: what is below is never drawn twice meanwhile.
with st.container():
    needs_decision()
    note_on_create()
    first_minute()
form_side, result_side = st.columns([11, 9], gap="large")
with form_side:
    with st.container():
        note_on_link()
    filled = create_form()
with result_side:
    if filled is not None:
        generate_bar(filled)
        more_ways(filled)
    latest()
if filled is not None:
    create_dialogs(filled)
