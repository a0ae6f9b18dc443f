"""Connections to providers, money, providers' calls, how the work stands, and where the data is."""

import streamlit as st

from runway_core.language import _
from runway_core.ui.access import require_user
from runway_core.ui.callback_settings import callback_settings
from runway_core.ui.connection_cards import connection_cards
from runway_core.ui.connection_form import add_form, arrive, said
from runway_core.ui.connection_list import connection_list
from runway_core.ui.data_folder import data_folder
from runway_core.ui.money import money_section
from runway_core.ui.notices import notices_of_this_computer
from runway_core.ui.rights import manages
from runway_core.ui.speech import language_field
from runway_core.ui.status import status

require_user()

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title(_("Settings"), anchor=False, width="content")
    language_field()
if not manages():
    st.subheader(_("Connections"), anchor=False)
    connection_list()
    st.stop()
arrive()
said()
left, right = st.columns(2, gap="large")
with left:
    st.subheader(_("Connections"), anchor=False)
    connection_cards()
with right:
    st.subheader(_("Add a connection"), anchor=False)
    with st.container(border=True):
        add_form()
st.subheader(_("Money"), anchor=False)
money_section()
notices_of_this_computer()
st.subheader(_("Calls from providers"), anchor=False)
callback_settings()
st.subheader(_("Status"), anchor=False)
status()
st.subheader(_("Your data"), anchor=False)
data_folder()
