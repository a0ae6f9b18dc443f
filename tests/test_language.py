"""Five languages: every text is found, translated whole, and known again where the core has written it in English."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as some

from runway_core.language import (
    CATALOGUES,
    DOMAIN,
    LANGUAGES,
    _,
    best,
    current,
    ngettext,
    number,
    speaking,
    translated,
)
from runway_core.language.extract import messages, texts_of
from runway_core.language.templates import Templates

OTHERS = [code for code in LANGUAGES if code != "en"]
_PART = re.compile(r"\{\w*[^{}]*\}")
_MARKS = re.compile(r"\*\*|`|:[a-z-]+\[|:material/\w+:|\n")
"""Markdown that a translation has to keep: bold, code, colours, icons and line breaks."""


def _catalogue(language: str) -> Catalog:
    with (CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=language)


def _sides(message: Message) -> list[tuple[str, str]]:
    """Each original beside what it is told as."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    assert isinstance(message.string, tuple | list)
    return [(message.id[-1], told) for told in message.string]


def _ends(text: str) -> tuple[bool, bool]:
    return text[:1] == " ", text[-1:] == " "


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_that_a_page_may_show_is_translated(language: str) -> None:
    there = {message.id: message for message in _catalogue(language) if message.id}
    wanted = {message.id for message in messages() if message.id}
    assert wanted - set(there) == set(), "run `make words`, then translate what is new"
    assert set(there) - wanted == set(), "run `make words`: these are in the source no more"
    untold = [m.id for m in there.values() if m.fuzzy or not all(told for _, told in _sides(m))]
    assert untold == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_the_parts_and_the_marks_of_its_original(language: str) -> None:
    wrong = []
    for message in _catalogue(language):
        for original, told in _sides(message) if message.id else []:
            parts = set(_PART.findall(original)) ^ set(_PART.findall(told))
            marks = sorted(_MARKS.findall(original)) != sorted(_MARKS.findall(told))
            # Chinese puts no spaces between sentences.
            ends = language != "zh_CN" and _ends(original) != _ends(told)
            if parts - {"{n}", "{count}"} or marks or ends:
                wrong.append((original, told))
    assert wrong == []


def test_the_source_of_the_core_is_read_as_templates() -> None:
    found = texts_of(
        '''
        """Not this."""
        log.warning("Nor this one, it is for the log.")
        problem = Problem("ratio", f"{spec.id} has no “{request.ratio}”.")
        says = f"{count} video{'' if count == 1 else 's'} waited."
        raise ValueError("a fault of ours")
        '''.replace("\n        ", "\n")
    )
    assert found == {"{id} has no “{ratio}”.", "{count} video waited.", "{count} videos waited."}


def test_a_text_of_the_core_is_known_again_with_its_parts() -> None:
    told = Templates(
        {
            "{model} takes {what}.": "{what} → {model}",
            "only a first frame": "1",
            "Nothing was charged.": "0",
            "{a}: {b}": "never",
            "refused the API key.": "X",
        }
    ).tell
    assert told("gen4 takes only a first frame.") == "1 → gen4"
    assert told("gen4 takes only a first frame. Nothing was charged.") == "1 → gen4 0"
    assert told("Nothing was charged. Ask somebody.") == "0 Ask somebody."
    assert told("The big relay refused the API key.") == "The big relay X"
    assert told("who: knows") == "who: knows"


@given(some.text())
def test_no_text_is_lost_or_fails(text: str) -> None:
    known = Templates({"{a} and {b}.": "{b} {a}", "Done.": "Ready."})
    assert text in ("", known.tell(text)) or " and " in text or "Done." in text


@pytest.mark.parametrize("language", OTHERS)
def test_numbers_and_plurals_follow_the_language(language: str) -> None:
    with speaking(language):
        assert current() == language
        assert number(Decimal("1234.50")) == ("1.234,50" if language == "tr" else "1,234.50")
        assert ngettext("{n} person", "{n} people", 2) != "{n} people"
        assert _("Settings") != "Settings"
        assert translated("The saved API key can't be opened.") != (
            "The saved API key can't be opened."
        )
    assert (current(), _("Settings")) == ("en", "Settings")


@pytest.mark.parametrize(
    ("wanted", "served"),
    [
        ("tr-TR,tr;q=0.9,en;q=0.8", "tr"),
        ("zh-TW", "zh_CN"),
        ("ko", "ko"),
        ("ms_MY", "ms"),
        ("de-DE, en;q=0.5", "en"),
        ("de", "en"),
        ("", "en"),
        (",;q", "en"),
    ],
)
def test_a_browser_is_served_in_the_first_language_of_its_own_that_is_ours(
    wanted: str, served: str
) -> None:
    assert best(wanted) == served
