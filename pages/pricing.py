"""What videos cost, before anything is paid."""

import streamlit as st

from runway_core.ui.access import require_user
from runway_core.ui.price_table import price_questions, price_table
from runway_core.ui.rights import to_settings

require_user()

st.title("Pricing", anchor=False)
st.caption(
    "What a video should cost with each of your connections. Only your provider's bill is final."
)
asked = price_questions()
if asked is not None:
    price_table(asked)
to_settings("Enter a price or add a connection", ask="enter a price", icon=":material/settings:")
