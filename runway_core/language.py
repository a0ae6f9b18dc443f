"""The words of whoever is asking: gettext, in the language that each run or request has.

English is in the source and needs no catalogue. ``_`` marks and translates a text; parts are put in afterwards, by
name, so that a translation may change their order::

    _("{who} runs {number} at a time.").format(who=who, number=number)
    ngettext("{n} video", "{n} videos", n).format(n=n)

A text that is written down once, at import, is only marked there with ``N_``, and translated by ``_`` when it is
shown. Nobody's language is assumed in the command line, the logs, the engine and what is stored: they are in English.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__all__ = ["LANGUAGES", "N_", "_", "best", "current", "follow", "ngettext", "speaking"]

LANGUAGES = {
    "en": "English",
    "zh_CN": "简体中文",
    "tr": "Türkçe",
    "ko": "한국어",
    "ms": "Bahasa Melayu",
}
"""Each language by its code, called as its speakers call it."""
CATALOGUES = Path(__file__).with_name("locale")

_chosen: ContextVar[str] = ContextVar("language", default="")
_source: list[Callable[[], str]] = []


def current() -> str:
    """The code of the language in which texts are told now."""
    found = _chosen.get() or (_source[0]() if _source else "")
    return found if found in LANGUAGES else "en"


def follow(ask: Callable[[], str]) -> None:
    """Ask this for the language wherever none is set by `speaking`: the app knows its visitor."""
    _source[:] = [ask]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Tell texts in one language meanwhile."""
    before = _chosen.set(language)
    try:
        yield
    finally:
        _chosen.reset(before)


def best(wanted: str) -> str:
    """Which of our languages serves a browser that asks for these, such as ``tr-TR,en;q=0.8``."""
    for part in wanted.split(","):
        tag = part.partition(";")[0].strip().casefold().replace("_", "-")
        for code in LANGUAGES:
            if tag.partition("-")[0] == code.partition("_")[0].casefold():
                return code
    return "en"


def _(text: str) -> str:
    """The text in the language of now."""
    return _words(current()).gettext(text) if text else ""


def ngettext(one: str, many: str, number: int) -> str:
    """One of two texts by a number, in the language of now and by its own rule."""
    return _words(current()).ngettext(one, many, number)


def N_(text: str) -> str:  # noqa: N802 - the name by which every gettext tool knows it
    """The text as it is, marked for translation."""
    return text


@cache
def _words(language: str) -> _gettext.NullTranslations:
    path = CATALOGUES / language / "LC_MESSAGES" / "desk.po"
    if not path.exists():
        return _gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)
