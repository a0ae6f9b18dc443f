"""What a click does is done to its end, though the next click comes meanwhile."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def _page() -> None:
    from contextlib import nullcontext

    import streamlit as st
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

    from runway_core.ui.unbroken import unbroken

    def click(whole: bool) -> None:
        with unbroken() if whole else nullcontext():
            context = get_script_run_ctx()
            assert context is not None and context.script_requests is not None
            context.script_requests.request_rerun(RerunData())  # as the next click does
            st.session_state["done"] = True
        st.session_state["after"] = True

    st.button("Whole", key="whole", on_click=click, args=(True,))
    st.button("Broken", key="broken", on_click=click, args=(False,))
    st.text(f"{'done' in st.session_state} {'after' in st.session_state}")


@pytest.mark.parametrize(("button", "said"), [("whole", "True False"), ("broken", "False False")])
def test_the_next_click_waits_until_this_one_is_done(button: str, said: str) -> None:
    app = AppTest.from_function(_page).run()
    app.button(key=button).click().run()
    assert [text.value for text in app.text] == [said]
