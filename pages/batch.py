"""Many videos at once: a list checked and priced before anything, one confirmation, and what became of each row."""

import streamlit as st

from runway_core.language import _
from runway_core.ui.access import require_user
from runway_core.ui.batch_check import OPEN, batch_check
from runway_core.ui.batch_draft import take_handed
from runway_core.ui.batch_form import batch_form
from runway_core.ui.batch_list import batch_list
from runway_core.ui.batch_view import batch_view
from runway_core.ui.rights import may_make

require_user()

opened = st.query_params.get(OPEN)
take_handed()
st.title(_("Batch"), anchor=False)
if opened:
    batch_view(opened)
    st.stop()
if may_make():
    st.caption(
        _("Many videos from one list: checked and priced row by row, confirmed once, made in turn.")
    )
    wanted = batch_form()
    if wanted is not None:
        batch_check(wanted)
else:
    st.info(_("Your role lets you look at batches, and not make any."), icon=":material/lock:")
batch_list()
