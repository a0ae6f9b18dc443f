"""A check of a connection on the page: its steps while they are taken, what came out, and a block for support."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Connection
from runway_core.language import _, translated
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
    with place.status(_("Checking with free calls…"), expanded=True):
        found = get_studio().doctor.examine(connection, tell=_line)
    place.empty()
    return found


def checked(connection: Connection, found: Diagnosis) -> None:
    """Draw what a check found."""
    trouble = found.trouble
    if trouble is None:
        st.success(_good(connection, found), icon=":material/check_circle:")
    else:
        says = [
            f"**{translated(trouble.title)}:** {plain(translated(trouble.says))}",
            plain(_here(trouble.do)),
        ]
        says.append(_("Nothing was made and nothing charged."))
        st.error("\n\n".join(filter(None, says)), icon=":material/error:")
    with st.expander(
        _("What was checked"), expanded=trouble is not None, icon=":material/checklist:"
    ):
        st.caption(_("By free calls only, {ago}.").format(ago=ago(found.checked_at, now())))
        for step in found.steps:
            if step.state != "not reached":
                _line(step, do=step is not trouble)
        _not_reached([step.title for step in found.steps if step.state == "not reached"])
    with st.expander(_("Copy for support"), icon=":material/content_copy:"):
        st.caption(_("Holds no key and no signed link: it can be sent to your provider."))
        st.code(found.report(), language=None, wrap_lines=True)


def _good(connection: Connection, found: Diagnosis) -> str:
    if connection.profile == "sandbox" and not connection.base_url:
        return _("The built-in sandbox works.")
    first = (step for step in found.steps if step.name in ("key", "balance"))
    heeded = (step for step in found.steps if step.state == "warning" and step.name != "key")
    lines = [_("**{name} can be used.**").format(name=plain(connection.name))]
    lines += [plain(translated(step.says)) for step in (*first, *heeded)]
    return "\n\n".join([*lines, _("Nothing was made and nothing charged.")])


def _line(step: Step, *, do: bool = True) -> None:
    took = f" :gray[:small[{step.elapsed_ms} ms]]" if step.elapsed_ms else ""
    st.markdown(
        f"{_MARKS[step.state]} **{translated(step.title)}** {plain(translated(step.says))}{took}"
    )
    if step.do and do:
        st.caption(plain(_here(step.do)))


def _not_reached(titles: list[str]) -> None:
    if titles:
        st.markdown(
            f"{_MARKS['not reached']} "
            + _("Not reached: {steps}").format(steps=", ".join(map(translated, titles)))
        )


def _here(text: str) -> str:
    return translated(text.replace(" in Settings", " here"))  # the person is in Settings
