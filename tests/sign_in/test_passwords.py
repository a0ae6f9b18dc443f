"""What a password may be, and how it is kept."""

from __future__ import annotations

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit_authenticator.utilities.hasher import (  # type: ignore[import-untyped]  # it has no types
    Hasher,
)
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from runway_core.errors import InvalidInputError
from runway_core.studio import passwords
from tests.team import PASSWORD, password_hash

GOOD = [
    PASSWORD,
    "correct horse battery staple",
    "雪の中の狐は静かに歩いている夜明け",
    "  kettle moon paper  ",
]
COMMON = ["password1234", "qwertyuiop123", "123456789012", "iloveyouforever", "1q2w3e4r5t6y"]
COMMON += ["aaaaaaaaaaaa", "adminadminadmin", "P@ssw0rd1234", "letmeinplease", "runwaydesk12"]


@pytest.mark.parametrize("password", GOOD)
def test_any_characters_may_be_in_a_password(password: str) -> None:
    passwords.check(password, name="Ada")


@pytest.mark.parametrize(("length", "good"), [(11, False), (12, True), (128, True), (129, False)])
def test_it_has_12_to_128_characters(length: int, good: bool) -> None:
    password = ("kettle moon paper frost " * 6)[:length].replace("frost ", "fr0st,")
    varied = "".join(chr(ord(c) + i % 7) for i, c in enumerate(password))
    if good:
        passwords.check(varied)
        return
    with pytest.raises(InvalidInputError) as refused:
        passwords.check(varied)
    assert [problem.field for problem in refused.value.problems] == ["password"]
    assert str(12 if length < 12 else 128) in str(refused.value)


@pytest.mark.parametrize("password", COMMON)
def test_what_everybody_takes_is_refused(password: str) -> None:
    with pytest.raises(InvalidInputError, match="easily guessed"):
        passwords.check(password)


def test_the_common_ones_of_this_length_are_known_and_refused() -> None:
    listed = sorted({w for words in FREQUENCY_LISTS.values() for w in words if len(w) >= 12})
    assert len(listed) >= 3_000
    let_through = []
    for password in listed[::5]:
        try:
            passwords.check(password)
        except InvalidInputError:
            continue
        let_through.append(password)
    assert let_through == []


@pytest.mark.parametrize(
    ("password", "name", "email"),
    [
        ("ada of lovelace", "Ada of  Lovelace", ""),
        ("adalovelace1815", "Ada Lovelace", ""),
        ("ada@example.org", "Ada", "ada@example.org"),
    ],
)
def test_ones_own_name_is_no_password(password: str, name: str, email: str) -> None:
    with pytest.raises(InvalidInputError):
        passwords.check(password, name=name, email=email)


def test_a_random_one_is_good_and_never_the_same() -> None:
    made = {passwords.random_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        passwords.check(password)


def test_hashes_go_both_ways_between_us_and_streamlit_authenticator() -> None:
    assert Hasher.is_hash(password_hash()) and Hasher.check_pw(PASSWORD, password_hash())
    assert passwords.matches("abc def 123", Hasher.hash("abc def 123"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x" * 72 + "a", "x" * 72 + "b"),  # bcrypt would not see the difference
        ("雪" * 24 + "a", "雪" * 24 + "b"),
        ("kettle moon\0paper", "kettle moon\0scissors"),
        ("kettle moon paper", " kettle moon paper"),
        ("kettle moon paper", "Kettle moon paper"),
    ],
)
def test_every_character_counts(one: str, other: str) -> None:
    kept = passwords.hashed(one)
    assert passwords.matches(one, kept) and not passwords.matches(other, kept)


@pytest.mark.parametrize(
    "kept", ["", "nonsense", "$2b$31$" + "a" * 53, "$2b$12$tooshort", "\ud800"]
)
def test_without_a_usable_hash_nothing_fits(kept: str) -> None:
    assert not passwords.matches(PASSWORD, kept)
    assert not passwords.matches("", kept)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_checked(password: str) -> None:
    cheap = bcrypt.hashpw(passwords._bytes(password), bcrypt.gensalt(4)).decode()
    assert passwords.matches(password, cheap)
    assert not passwords.matches(password + "x", cheap)


def test_a_hash_that_would_take_hours_to_check_is_not_one() -> None:
    body = password_hash()[7:]
    assert passwords.is_hash(f"$2y$10${body}") and not passwords.is_hash(f"$2b$31${body}")
    assert passwords.looks_hashed(f"$2b$31${body}")
