"""Every video that was asked for: find it, see it, do it again."""

import streamlit as st

from runway_core.language import _
from runway_core.ui.access import require_user
from runway_core.ui.bring_in import bring_in
from runway_core.ui.history_list import history
from runway_core.ui.recovery import needs_decision
from runway_core.ui.rights import may_make

require_user()

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title(_("History"), anchor=False, width="content")
    if may_make():
        bring_in()
needs_decision()
history()
