"""How an error is shown: what happened, whether it cost money, what to do, and what the provider said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from runway_core.errors import (
    ConfigError,
    DeskError,
    InvalidInputError,
    InvalidRequestError,
    NotAllowedError,
    Problem,
    ProviderError,
    StorageError,
)
from runway_core.failures import advice_on, money
from runway_core.language import _, translated
from runway_core.ui.leads import lead
from runway_core.ui.words import field, plain


def show(error: DeskError, *, connection_id: str = "", lead_on: bool = True) -> None:
    """Show an error where the page stands.

    Args:
        connection_id: the connection that it is about, for the link to what mends it.
        lead_on: whether to draw that link; not where it would lead to the same page.
    """
    if isinstance(error, NotAllowedError):
        _not_allowed(error)
        return
    st.error(_text(error), icon=":material/error:")
    if lead_on:
        lead(advice_on(error).fix, connection_id=connection_id)
    if isinstance(error, ProviderError) and error.said:
        provider_words(error.said)


def _not_allowed(error: NotAllowedError) -> None:
    """What somebody may not do is no fault, and an admin can help."""
    st.warning(
        f"{plain(translated(str(error)))}\n\n{plain(translated(error.hint))}",
        icon=":material/lock:",
    )


def provider_words(said: str) -> None:
    """The provider's own words, one click away and never read as markup."""
    with st.expander(_("What the provider said")):
        st.code(said, language=None, wrap_lines=True)


def one_problem(problem: Problem) -> str:
    """A problem as Markdown that begins with the field's label."""
    return f"**{field(problem.field)}** {plain(translated(problem.message))}"


def beside(error: InvalidInputError, *fields: str) -> None:
    """Show those problems that belong to the field just drawn."""
    for problem in error.problems:
        if problem.field in fields:
            red_line(one_problem(problem))


def red_line(text: str) -> None:
    """A small line of Markdown in red; a caption would be too pale to read."""
    st.markdown(f":small[:red[:material/error: {text}]]")


@contextmanager
def told() -> Iterator[None]:
    """Show an error of ours instead of letting it end the page."""
    try:
        yield
    except DeskError as error:
        show(error)


def start_page(error: ConfigError | StorageError) -> None:
    """The whole page when the data can't be opened at all."""
    st.title(_("Runway Desk can't open its data"))
    st.error(_text(error), icon=":material/database_off:")
    st.markdown(
        _(
            "Your videos and settings are not touched. Nothing was sent to a provider, and nothing was charged."
        )
    )
    st.button(_("Try again"), key="start.again", icon=":material/refresh:")


def _text(error: DeskError) -> str:
    advice = advice_on(error)
    lines = [_what_happened(error)]
    if isinstance(error, ProviderError | InvalidInputError):
        lines.append(f"**{plain(translated(money(advice)))}**")
    wait = getattr(error, "retry_after", None) or getattr(error, "wait", None)
    if wait:
        lines.append(_("Wait {wait:.0f} s before the next try.").format(wait=wait))
    return "\n\n".join(filter(None, [*lines, plain(translated(advice.do))]))


def _what_happened(error: DeskError) -> str:
    problems = getattr(error, "problems", ())
    if not problems:
        return plain(translated(str(error)))
    mark = "- " if len(problems) > 1 else ""
    said = "\n".join(f"{mark}{one_problem(problem)}" for problem in problems)
    if isinstance(error, InvalidRequestError):
        return f"{plain(translated(str(error.args[0])))}\n\n{said}"
    return said
