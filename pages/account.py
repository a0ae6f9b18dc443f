"""What belongs to the person who is signed in: password, browsers, and whether the team sees their videos."""

import streamlit as st

from runway_core.language import _
from runway_core.ui.access import require_user
from runway_core.ui.account import account
from runway_core.ui.notices import notice_settings
from runway_core.ui.speech import language_field

require_user()

st.title(_("Your account"), anchor=False)
account()
st.subheader(_("When a video is done"), anchor=False)
notice_settings()
language_field()
