"""Who is in the team and what each may do; what each may spend; who did what."""

import streamlit as st

from runway_core.language import _
from runway_core.ui.access import require_user
from runway_core.ui.team import team

require_user()

st.title(_("Team"), anchor=False)
team()
