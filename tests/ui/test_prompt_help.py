"""Words that a click adds, and tips that are only given where they help."""

from __future__ import annotations

import pytest

from runway_core.ui.prompt_help import CHIPS, EXAMPLES, hints, with_words


@pytest.mark.parametrize(
    ("prompt", "words", "then"),
    [
        ("", "slow push in", "Slow push in"),
        ("A fox", "slow push in", "A fox, slow push in"),
        ("A fox.", "slow push in", "A fox. Slow push in"),
        ("A fox, ", "slow push in", "A fox, slow push in"),
        ("一只狐狸。", "慢推镜头", "一只狐狸。慢推镜头"),
        ("A fox, Slow Push In", "slow push in", "A fox, Slow Push In"),
    ],
)
def test_words_are_added_as_plain_text_and_once(prompt: str, words: str, then: str) -> None:
    assert with_words(prompt, words) == then
    assert with_words(then, words) == then


def test_contradictions_are_told_with_both_words() -> None:
    (told,) = hints("A boat at sea with a locked-off camera, then a slow push in")
    assert "“locked-off camera”" in told and "“slow push in”" in told


@pytest.mark.parametrize(
    ("prompt", "tip"),
    [
        ("A fox", "Be specific"),
        ("A red fox runs through deep snow and jumps", "light"),
        ("一只狐狸", "Be specific"),
    ],
)
def test_what_is_missing_is_asked_for(prompt: str, tip: str) -> None:
    (told,) = hints(prompt)
    assert tip in told


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "A red fox turns its head, golden hour, close-up",
        "一只红狐狸在雪地里慢慢转过头来看着我们",  # nobody here knows which of these words is a light
        "A long afternoon that ends at night",  # “noon” is only a part of a word
    ],
)
def test_a_good_prompt_is_left_alone(prompt: str) -> None:
    assert hints(prompt) == []


def test_no_example_has_anything_to_mend_and_no_chip_is_there_twice() -> None:
    assert [hints(text) for _name, text in EXAMPLES] == [[]] * len(EXAMPLES)
    chips = [word for words in CHIPS.values() for word in words]
    assert len(set(chips)) == len(chips)
