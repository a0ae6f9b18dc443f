"""What belongs to the person who is signed in: password, browsers, and whether the team sees their videos."""

import streamlit as st

from runway_core.ui.access import require_user
from runway_core.ui.account import account

require_user()

st.title("Your account", anchor=False)
account()
