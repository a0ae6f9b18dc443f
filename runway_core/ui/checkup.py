"""A check of a connection on the page: its steps while they are taken, what came out, and a block for support."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Connection
from runway_core.studio.diagnosis import Diagnosis, Step
from runway_core.ui.clock import now
from runway_core.ui.services import get_studio
from runway_core.ui.words import ago, plain

_MARKS = {
    "ok": ":green[:material/check_circle:]",
    "warning": ":orange[:material/warning:]",
    "failed": ":red[:material/cancel:]",
    "not reached": ":gray[:material/radio_button_unchecked:]",
}


def check(connection: Connection) -> Diagnosis:
    """Check a connection, with its steps shown as they end.

    Raises:
        DeskError: what was learnt can't be saved.
    """
    place = st.empty()
    with place.status("Checking with free calls…", expanded=True):
        found = get_studio().doctor.examine(connection, tell=_line)
    place.empty()
    return found


def checked(connection: Connection, found: Diagnosis) -> None:
    """Draw what a check found."""
    trouble = found.trouble
    if trouble is None:
        st.success(_good(connection, found), icon=":material/check_circle:")
    else:
        says = [f"**{trouble.title}:** {plain(trouble.says)}", plain(_here(trouble.do))]
        says.append("Nothing was made and nothing charged.")
        st.error("\n\n".join(filter(None, says)), icon=":material/error:")
    with st.expander("What was checked", expanded=trouble is not None, icon=":material/checklist:"):
        st.caption(f"By free calls only, {ago(found.checked_at, now())}.")
        for step in found.steps:
            if step.state != "not reached":
                _line(step, do=step is not trouble)
        _not_reached([step.title for step in found.steps if step.state == "not reached"])
    with st.expander("Copy for support", icon=":material/content_copy:"):
        st.caption("Holds no key and no signed link: it can be sent to your provider.")
        st.code(found.report(), language=None, wrap_lines=True)


def _good(connection: Connection, found: Diagnosis) -> str:
    if connection.profile == "sandbox" and not connection.base_url:
        return "The built-in sandbox works."
    told = (step for step in found.steps if step.name in ("key", "balance"))
    heeded = (step for step in found.steps if step.state == "warning" and step.name != "key")
    lines = [f"**{plain(connection.name)} can be used.**"]
    lines += [plain(step.says) for step in (*told, *heeded)]
    return "\n\n".join([*lines, "Nothing was made and nothing charged."])


def _line(step: Step, *, do: bool = True) -> None:
    took = f" :gray[:small[{step.elapsed_ms} ms]]" if step.elapsed_ms else ""
    st.markdown(f"{_MARKS[step.state]} **{step.title}** {plain(step.says)}{took}")
    if step.do and do:
        st.caption(plain(_here(step.do)))


def _not_reached(titles: list[str]) -> None:
    if titles:
        st.markdown(f"{_MARKS['not reached']} Not reached: {', '.join(titles)}")


def _here(text: str) -> str:
    return text.replace(" in Settings", " here")  # the person is in Settings
