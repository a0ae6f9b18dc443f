"""A choice of currency: the common ones by their names, and any other by its three letters."""

from __future__ import annotations

import streamlit as st
from babel.numbers import get_currency_name

from runway_core.language import _, current

COMMON = (
    *("USD", "EUR", "CNY", "TRY", "KRW", "MYR", "GBP", "JPY", "HKD", "TWD", "SGD", "IDR", "THB"),
    *("VND", "PHP", "INR", "AUD", "CAD", "CHF", "BRL", "MXN", "AED"),
)


def currency_field(label: str, key: str, saved: str, *, width: int) -> str:
    """Draw the choice; gives the code that is chosen."""
    offered = list(dict.fromkeys([*COMMON, saved]))
    chosen = st.selectbox(
        label,
        offered,
        index=offered.index(saved),
        format_func=currency_name,
        key=key,
        accept_new_options=True,
        help=_("Another one: type its three letters, such as SEK."),
        width=width,
    )
    return (chosen or saved).strip().upper()


def currency_name(code: str) -> str:
    """A currency by its code and its name in the language of now."""
    name = get_currency_name(code, locale=current())
    return code if name == code else f"{code} · {name}"
