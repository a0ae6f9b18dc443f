"""Every video that was asked for: find it, see it, do it again."""

import streamlit as st

from runway_core.ui.access import require_user
from runway_core.ui.history_list import history

require_user()

st.title("History", anchor=False)
history()
