"""Every documented failure code has advice of its own, and an unknown one has the right default."""

import pytest

from runway_core.failures import hint_for

DOCUMENTED = [
    "SAFETY.INPUT.TEXT",
    "SAFETY.INPUT.IMAGE",
    "SAFETY.OUTPUT.VIDEO",
    "INPUT_PREPROCESSING.SAFETY.TEXT",
    "INPUT_PREPROCESSING.INTERNAL",
    "INTERNAL.BAD_OUTPUT.CODE01",
    "INTERNAL.BAD_OUTPUT.01",
    "ASSET.INVALID",
    "INTERNAL",
    "THIRD_PARTY.UNAVAILABLE",
]


@pytest.mark.parametrize("code", DOCUMENTED)
def test_a_documented_code_has_its_own_advice(code: str) -> None:
    assert hint_for(code) != hint_for("SOMETHING.NEW")


def test_the_longest_part_counts() -> None:
    assert hint_for("INTERNAL.BAD_OUTPUT.CODE07") != hint_for("INTERNAL")
    assert hint_for("SAFETY.INPUT.AUDIO") == hint_for("SAFETY.INPUT.TEXT")
    assert hint_for("INTERNALISED") == hint_for("")


def test_a_safety_code_is_known_wherever_the_word_stands() -> None:
    assert "safety check" in hint_for("relay.safety.7")


def test_a_moderated_input_is_never_called_free() -> None:
    for code in DOCUMENTED[:4]:
        assert "charge" in hint_for(code)
