"""Widgets for the further settings of a model or a connection, each drawn from its catalogue row."""

from __future__ import annotations

from typing import Any

import streamlit as st

from runway_core.catalog import OptionSpec
from runway_core.domain import Value
from runway_core.language import N_, _, translated
from runway_core.ui.words import choice, plain

OWN = N_("Model's own choice")
ASSUMED = N_("Assumed: nobody has confirmed this.")
_FEW = 6
"""Choices that are shown side by side; more of them make a list."""
_SPAN = 200
"""Numbers that a slider can still hit."""
_ON_OFF = {"true": N_("On"), "false": N_("Off")}


def shown_value(option: OptionSpec, value: Value | None) -> Any:
    """What the widget shows for a value; None is the setting's own default."""
    value = option.default if value is None else value
    if option.kind == "number":
        return value
    if option.kind == "switch":
        if option.default is not None:
            return bool(value)
        return "" if value is None else str(value).lower()
    return "" if value is None else value


def chosen_value(option: OptionSpec, shown: Any) -> Value | None:
    """The value that a widget stands for; None for nothing chosen."""
    if shown is None or shown == "":
        return "" if option.kind in ("text", "lines") and option.default is not None else None
    if option.kind == "switch":
        return shown if isinstance(shown, bool) else shown == "true"
    if option.kind == "number":
        return int(shown)
    return str(shown)


def option_field(option: OptionSpec, key: str, *, none: str = "") -> None:
    """Draw the widget of one setting; its value is in the session under `key` already."""
    label, help_ = plain(translated(option.title)), plain(translated(option.help)) or None
    none = none or _(OWN)
    if option.kind == "choice":
        own = () if option.default is not None else ("",)
        _choices(option, (*own, *option.choices), label, key, none=none, help_=help_)
    elif option.kind == "switch" and option.default is None:
        values = ("", *_ON_OFF)
        _choices(option, values, label, key, none=none, help_=help_)
    elif option.kind == "switch":
        st.toggle(label, key=key, help=help_)
    elif option.kind == "number":
        _number(option, label, key, none=none, help_=help_)
    elif option.kind == "lines":
        st.text_area(label, key=key, help=help_, placeholder=option.example or None, height=140)
    else:
        st.text_input(label, key=key, help=help_, placeholder=option.example or none)
    if option.assumed:
        st.markdown(f":small[:orange[:material/help:] {_(ASSUMED)}]")


def _choices(
    option: OptionSpec,
    values: tuple[str, ...],
    label: str,
    key: str,
    *,
    none: str,
    help_: str | None,
) -> None:
    def name(value: str) -> str:
        if not value:
            return none
        if option.kind == "switch":
            return _(_ON_OFF[value])
        given = option.label(value)
        return translated(given) if given != value else choice(value)

    if len(values) <= _FEW:
        st.pills(
            label,
            values,
            format_func=lambda value: plain(name(value)),
            required=True,
            wrap=True,
            key=key,
            help=help_,
        )
    else:
        st.selectbox(label, values, format_func=name, key=key, help=help_)


def _number(option: OptionSpec, label: str, key: str, *, none: str, help_: str | None) -> None:
    if option.default is not None and option.high - option.low <= _SPAN:
        st.slider(label, option.low, option.high, key=key, help=help_)
        return
    st.number_input(
        label,
        option.low,
        option.high,
        value=None,
        step=1,
        key=key,
        placeholder=_("{none} ({low} to {high})").format(
            none=none, low=option.low, high=option.high
        ),
        help=help_,
    )
