"""Connections to providers, their calls, how the work stands, and where the data is."""

import streamlit as st

from runway_core.ui.access import require_user
from runway_core.ui.callback_settings import callback_settings
from runway_core.ui.connection_cards import connection_cards
from runway_core.ui.connection_form import add_form, arrive, said
from runway_core.ui.connection_list import connection_list
from runway_core.ui.data_folder import data_folder
from runway_core.ui.rights import manages
from runway_core.ui.status import status

require_user()

st.title("Settings", anchor=False)
if not manages():
    st.subheader("Connections", anchor=False)
    connection_list()
    st.stop()
arrive()
said()
left, right = st.columns(2, gap="large")
with left:
    st.subheader("Connections", anchor=False)
    connection_cards()
with right:
    st.subheader("Add a connection", anchor=False)
    with st.container(border=True):
        add_form()
st.subheader("Calls from providers", anchor=False)
callback_settings()
st.subheader("Status", anchor=False)
status()
st.subheader("Your data", anchor=False)
data_folder()
