"""The words of whoever looks at a page: gettext, in the language that each run or request has.

English is in the source and needs no catalogue. Pages mark and translate a text in one step, and put its parts in
afterwards, by name, so that a translation may change their order::

    _("{who} runs {number} at a time.").format(who=who, number=number)
    ngettext("{n} video", "{n} videos", n).format(n=n)

A text that is written down once, at import, is only marked there with ``N_``, and translated by ``_`` when it is
shown. Below the pages everything speaks English: errors, logs, JSON and what is stored are the same whoever looks.
Pages tell such texts with `translated`, which knows them again by the templates that `extract` finds in the source.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from runway_core.language.templates import Templates

__all__ = [
    "LANGUAGES",
    "N_",
    "_",
    "best",
    "current",
    "follow",
    "ngettext",
    "number",
    "speaking",
    "translated",
]

LANGUAGES = {
    "en": "English",
    "zh_CN": "简体中文",
    "tr": "Türkçe",
    "ko": "한국어",
    "ms": "Bahasa Melayu",
}
"""Each language by its code, called as its speakers call it."""
CATALOGUES = Path(__file__).parents[1] / "locale"
DOMAIN = "desk"

_chosen: ContextVar[str] = ContextVar("language", default="")
_source: list[Callable[[], str]] = []


def current() -> str:
    """The code of the language in which texts are translated now."""
    found = _chosen.get() or (_source[0]() if _source else "")
    return found if found in LANGUAGES else "en"


def follow(ask: Callable[[], str]) -> None:
    """Ask this for the language wherever none is set by `speaking`: the pages know their visitor."""
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
    """Which of our languages serves a browser that asks for these, first choice first: ``tr-TR,en;q=0.8``."""
    for part in wanted.split(","):
        spoken = part.partition(";")[0].strip().casefold().replace("_", "-").partition("-")[0]
        for code in LANGUAGES:
            if spoken == code.partition("_")[0]:
                return code
    return "en"


def _(text: str) -> str:
    """The text in the language of now."""
    return _words(current()).gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    """One of two texts by a number, in the language of now and by its own rule."""
    return _words(current()).ngettext(one, many, count)


def N_(text: str) -> str:  # noqa: N802 - the name by which every gettext tool knows it
    """The text as it is, marked for translation."""
    return text


def translated(text: str) -> str:
    """What the core has written in English, in the language of now; as it is where it is nobody's template."""
    language = current()
    return text if language == "en" or not text else _templates(language).tell(text)


def number(value: int | Decimal) -> str:
    """A number with its groups and its decimal sign as they are written in the language of now; no digit is lost."""
    decimals = f"{Decimal(value):f}".partition(".")[2]
    pattern = "#,##0" + (f".{'0' * len(decimals)}" if decimals else "")
    return format_decimal(value, format=pattern, locale=current())


@cache
def _words(language: str) -> _gettext.NullTranslations:
    path = CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if language == "en" or not path.exists():
        return _gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)


@cache
def _templates(language: str) -> Templates:
    path = CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as file:
        messages = read_po(file, locale=language)
    pairs = ((found.id, found.string) for found in messages if found.id and not found.fuzzy)
    return Templates({i: s for i, s in pairs if isinstance(i, str) and isinstance(s, str) and s})
