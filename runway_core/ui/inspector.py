"""What went over the wire for one video, as a timeline that anybody can read, and as a file for a support ticket."""

from __future__ import annotations

import json

import streamlit as st

from runway_core.domain import Exchange, Task
from runway_core.language import N_, _, ngettext
from runway_core.studio.exchanges import Ticket
from runway_core.ui.clock import zone
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

_MOST = 6000
"""Characters of a body on the page; the file has what was kept of it."""
_DOING = {
    "create": (N_("Asked for the video"), ":material/movie_edit:"),
    "look": (N_("Asked how far it is"), ":material/visibility:"),
    "cancel": (N_("Asked to stop it"), ":material/block:"),
    "file": (N_("Fetched the file"), ":material/download:"),
    "upload": (N_("Brought a file there"), ":material/upload:"),
    "balance": (N_("Asked what is left"), ":material/account_balance_wallet:"),
    "": (N_("Asked the provider"), ":material/swap_vert:"),
}


def wire(task: Task) -> None:
    """Draw the fold; what is in it is read only once it is open."""
    fold = st.expander(
        _("What went over the wire"),
        key=f"wire.{task.id}",
        icon=":material/code:",
        on_change="rerun",
    )
    if not fold.open:
        return
    with fold:
        st.caption(
            _(
                "Every request to the provider that told something new, and the last one. Keys, cookies and "
                "the signed parts of links are taken out before anything is kept."
            )
        )
        exchanges = get_studio().exchanges.of(task.id)
        if not exchanges:
            st.caption(_(":material/hourglass_empty: Nothing has been sent yet."))
        else:
            _download(task, exchanges)
        _recipe(task)
        for number, exchange in enumerate(exchanges):
            _step(task, number, exchange)


def _download(task: Task, exchanges: list[Exchange]) -> None:
    studio = get_studio()

    def made() -> bytes:
        ticket: Ticket = studio.exchanges.ticket(task.id)
        return ticket.data

    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            _("Download for a support ticket"),
            made,
            file_name=f"runway-desk-{task.id[:8]}.har",
            mime="application/json",
            key=f"wire.download.{task.id}",
            icon=":material/support_agent:",
            on_click="ignore",
            help=_(
                "One file with all of it, which the provider's support can open: a HAR file. "
                "Your prompt is in it, your key is not."
            ),
        )
        count = len(exchanges)
        st.caption(
            ngettext("{n} request", "{n} requests", count).format(n=count)
            + " · "
            + _("{seconds} s of waiting").format(seconds=_waited(exchanges)),
            width="content",
        )


def _waited(exchanges: list[Exchange]) -> str:
    return f"{sum(exchange.elapsed_ms for exchange in exchanges) / 1000:.1f}"


def _recipe(task: Task) -> None:
    fold = st.expander(
        _("What you asked for"),
        key=f"wire.request.{task.id}",
        icon=":material/receipt_long:",
        on_change="rerun",
    )
    if fold.open:
        asked = task.request.model_dump(mode="json")
        text = json.dumps(asked, indent=2, ensure_ascii=False)
        fold.code(_shortened(text), language="json", wrap_lines=True)


def _step(task: Task, number: int, exchange: Exchange) -> None:
    words, icon = _DOING.get(exchange.doing, _DOING[""])
    at = exchange.started_at.astimezone(zone())
    label = f"{at:%H:%M:%S} · {_(words)} · {_answer(exchange)} · {_took(exchange)}"
    # Named by its time: older ones may be dropped while it is open.
    key = f"wire.{task.id}.{number}.{exchange.started_at.timestamp()}"
    fold = st.expander(label, key=key, icon=icon, on_change="rerun")
    if fold.open:
        with fold:
            _in_full(exchange)


def _answer(exchange: Exchange) -> str:
    if exchange.status_code is None:
        return f":red[{_('no answer')}]"
    colour = "green" if exchange.status_code < 400 else "red"
    return f":{colour}[{exchange.status_code}]"


def _took(exchange: Exchange) -> str:
    if exchange.elapsed_ms < 1000:
        return _("{n} ms").format(n=exchange.elapsed_ms)
    return _("{n} s").format(n=f"{exchange.elapsed_ms / 1000:.1f}")


def _in_full(exchange: Exchange) -> None:
    if exchange.error:
        st.markdown(f":red[:material/error: {plain(exchange.error)}]")
    if exchange.request_id:
        st.caption(_("Request id, for the provider's support"))
        st.code(exchange.request_id, language=None, wrap_lines=True)
    st.caption(_("Sent"))
    st.code(f"{exchange.method} {exchange.url}", language=None, wrap_lines=True)
    _block(exchange.request_headers, exchange.request_body)
    if exchange.status_code is not None:
        st.caption(_("Answer"))
        _block(exchange.response_headers, exchange.response_body)


def _block(headers: dict[str, str], body: str) -> None:
    if headers:
        lines = "\n".join(f"{name}: {value}" for name, value in headers.items())
        st.code(_shortened(lines), language="http", wrap_lines=True)
    if body:
        st.code(_shortened(_laid_out(body)), language="json", wrap_lines=True)


def _laid_out(body: str) -> str:
    """JSON on several lines; anything else as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body


def _shortened(text: str) -> str:
    if len(text) <= _MOST:
        return text
    more = len(text) - _MOST
    return f"{text[:_MOST]}\n… " + ngettext(
        "{n} more character", "{n} more characters", more
    ).format(n=more)
