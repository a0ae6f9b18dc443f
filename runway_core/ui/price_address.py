"""What is asked on the pricing page, kept in its address: a link to it shows the same again, and holds no secret."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from runway_core.language import _

OPTION = "option."
"""What the names of models' settings begin with in the address."""
_NAMES = frozenset(
    {
        *("make", "models", "length", "count", "shape", "references", "fps", "sort"),
        *("with", "model", "takes"),
    }
)
_LAST = "pricing.last"
"""What was asked when the page was left; the address of another page does not hold it."""
_ASKED = "pricing.asked"
"""What the address of this visit said when it began."""
_DIGITS = 6


def arrive() -> None:
    """Take what the address asks for, or what was asked when the page was left, as this visit's questions."""
    if "pricing.make" in st.session_state:  # Streamlit forgets the fields of a page that is left
        return
    named = {name: st.query_params[name] for name in st.query_params if _is_ours(name)}
    st.session_state[_ASKED] = named or st.session_state.get(_LAST, {})


def text(name: str, default: str, allowed: Collection[str]) -> str:
    """Give a choice its value before it is drawn, and return its key; what is not offered becomes `default`."""
    key = _seated(name, default)
    if st.session_state[key] not in allowed:
        st.session_state[key] = default
    return key


def texts(name: str, allowed: Collection[str]) -> str:
    """The same of a choice of several."""
    key = f"pricing.{name}"
    if key not in st.session_state:
        st.session_state[key] = _asked().get(name, "").split(",")
    found = [value for value in st.session_state[key] if value in allowed]
    if found != st.session_state[key]:
        st.session_state[key] = list(dict.fromkeys(found))
    return key


def whole(name: str, default: int | None, least: int, most: int) -> str:
    """The same of a whole number; what is none becomes `default`."""
    key = f"pricing.{name}"
    if key not in st.session_state:
        st.session_state[key] = _number(_asked().get(name, ""))
    value = st.session_state[key]
    if value is None or not least <= value <= most:
        st.session_state[key] = default
    return key


def nearest(name: str, default: int, offered: Sequence[int]) -> str:
    """The same of one of several numbers; what is not offered becomes the nearest that is."""
    key = whole(name, default, 1, 10**_DIGITS)
    if st.session_state[key] not in offered:
        wanted = st.session_state[key]
        st.session_state[key] = min(offered, key=lambda own: (abs(own - wanted), own))
    return key


def remember(said: Mapping[str, str]) -> None:
    """Make the address say this; what is empty or usual is left out by whoever calls."""
    wanted = {name: value for name, value in said.items() if value}
    st.session_state[_LAST] = wanted
    for name in list(st.query_params):
        if _is_ours(name) and name not in wanted:
            del st.query_params[name]
    for name, value in wanted.items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value


def share(said: Mapping[str, str]) -> None:
    """Draw what hands the address on."""
    with st.popover(_("Share"), icon=":material/link:", key="pricing.share"):
        st.caption(
            _("This link opens the page with the same questions. It holds no key and no prompt.")
        )
        st.code(link(said), language=None, wrap_lines=True)


def link(said: Mapping[str, str]) -> str:
    """The whole address of the page with these questions."""
    url = st.context.url if isinstance(st.context.url, str) else ""
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{url.partition('?')[0]}?{query}" if query else url.partition("?")[0]


def _asked() -> dict[str, str]:
    found = st.session_state.get(_ASKED, {})
    return found if isinstance(found, dict) else {}


def _seated(name: str, default: str) -> str:
    key = f"pricing.{name}"
    if key not in st.session_state:
        st.session_state[key] = _asked().get(name, default)
    return key


def _number(value: str) -> int | None:
    good = value.isascii() and value.isdecimal() and len(value) <= _DIGITS
    return int(value) if good else None


def _is_ours(name: str) -> bool:
    return name in _NAMES or name.startswith(OPTION)
