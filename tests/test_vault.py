"""API keys at rest: they open where they belong and nowhere else, and nothing repeats them."""

from __future__ import annotations

import string
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runway_core.errors import ConfigError, InvalidInputError, KeyUnreadableError
from runway_core.vault import Vault, clean_key, key_hint
from tests.builders import connection, store_with_relay
from tests.children import at_once, seal
from tests.house import ROOT

CANARY = "hk-canary-9f8e7d6c5b4a"
KEYS = st.text(alphabet=[chr(code) for code in range(0x21, 0x7F)], min_size=4, max_size=512)
PLACE = {"connection_id": "c1", "host": "api.openai-hk.com"}


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "master.key")


# --- sealing and opening -----------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(key=KEYS, connection_id=st.text(max_size=40), host=st.text(max_size=40))
def test_every_key_opens_again_for_its_connection_and_host(
    key: str, connection_id: str, host: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "master.key"
        sealed = Vault(path).seal(key, connection_id=connection_id, host=host)
        assert key.encode() not in sealed
        assert Vault(path).open(sealed, connection_id=connection_id, host=host) == key


def test_the_same_key_is_never_sealed_to_the_same_bytes(vault: Vault) -> None:
    assert len({vault.seal(CANARY, **PLACE) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"connection_id": "c2"},
        {"connection_id": ""},
        {"host": "api.openai-hk.com:8443"},
        {"host": "evil.example"},
        {"host": "API.openai-hk.com"},
        {"connection_id": "c1/api.openai-hk.com", "host": ""},
    ],
)
def test_a_key_opens_for_no_other_connection_or_host(
    vault: Vault, elsewhere: dict[str, str]
) -> None:
    sealed = vault.seal(CANARY, **PLACE)
    with pytest.raises(KeyUnreadableError) as refused:
        vault.open(sealed, **(PLACE | elsewhere))
    _keeps_silent(refused.value)
    assert "Enter the API key again" in refused.value.hint


def test_a_key_opens_under_no_other_master_key(vault: Vault, tmp_path: Path) -> None:
    sealed = vault.seal(CANARY, **PLACE)
    with pytest.raises(KeyUnreadableError) as refused:
        Vault(tmp_path / "other.key").open(sealed, **PLACE)
    _keeps_silent(refused.value)


def test_a_change_of_any_byte_is_noticed(vault: Vault) -> None:
    sealed = vault.seal(CANARY, **PLACE)
    for position in range(len(sealed)):
        for change in (0x01, 0x80):
            spoilt = bytearray(sealed)
            spoilt[position] ^= change
            with pytest.raises(KeyUnreadableError) as refused:
                vault.open(bytes(spoilt), **PLACE)
            _keeps_silent(refused.value)
    assert vault.open(sealed, **PLACE) == CANARY


def test_a_sealed_key_that_was_cut_or_grew_is_refused(vault: Vault) -> None:
    sealed = vault.seal(CANARY, **PLACE)
    for spoilt in [sealed[:size] for size in range(len(sealed))] + [sealed + b"\0"]:
        with pytest.raises(KeyUnreadableError):
            vault.open(spoilt, **PLACE)


def _keeps_silent(error: BaseException) -> None:
    seen: BaseException | None = error
    while seen is not None:
        assert CANARY not in f"{seen!r} {seen} {vars(seen)}"
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def test_a_saved_key_is_in_no_file_of_the_home_folder(tmp_path: Path) -> None:
    vault, store = Vault(tmp_path / "master.key"), store_with_relay(tmp_path)
    sealed = vault.seal(CANARY, connection_id="2", host="h")
    made = connection(id="2", name="Mine", key_hint=key_hint(CANARY))
    store.connections.add(made, key_sealed=sealed)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"desk.db", "master.key"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        for secret in (CANARY, CANARY[3:-4], CANARY[::-1]):
            assert secret.encode() not in content, path
            assert secret.encode("utf-16-le") not in content, path
    store.close()


# --- the master key ----------------------------------------------------------------------------


def test_the_master_key_is_for_its_owner_only_and_nothing_lies_beside_it(
    vault: Vault, tmp_path: Path
) -> None:
    vault.seal(CANARY, **PLACE)
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "master.key").stat().st_size == 32


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602, 0o610, 0o604])
def test_a_master_key_that_others_can_use_is_refused(
    vault: Vault, tmp_path: Path, mode: int
) -> None:
    sealed = vault.seal(CANARY, **PLACE)
    (tmp_path / "master.key").chmod(mode)
    for use in (lambda: vault.open(sealed, **PLACE), lambda: vault.seal(CANARY, **PLACE)):
        with pytest.raises(ConfigError, match="can be read by others") as refused:
            use()
        assert refused.value.hint == f"Run: chmod 600 {tmp_path / 'master.key'}"
        _keeps_silent(refused.value)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_damaged_master_key_is_said_and_not_replaced(
    vault: Vault, tmp_path: Path, size: int
) -> None:
    path = tmp_path / "master.key"
    path.touch(mode=0o600)
    path.write_bytes(b"k" * size)
    with pytest.raises(ConfigError, match="is damaged"):
        vault.seal(CANARY, **PLACE)
    assert path.read_bytes() == b"k" * size


def _missing_folder(path: Path) -> None:
    path.parent.rmdir()


def _folder_in_its_place(path: Path) -> None:
    path.mkdir(mode=0o700)


@pytest.mark.parametrize("harm", [_missing_folder, _folder_in_its_place])
def test_a_master_key_that_cannot_be_made_or_read_is_said(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    path = tmp_path / "home" / "master.key"
    path.parent.mkdir()
    harm(path)
    with pytest.raises(ConfigError, match=r"can't be made or read: .*\.$") as refused:
        Vault(path).seal(CANARY, **PLACE)
    assert refused.value.hint
    _keeps_silent(refused.value)


@pytest.mark.parametrize("place", ["master.key", "runway_core/master.key", "data/../master.key"])
def test_no_master_key_is_made_inside_the_programs_own_checkout(place: str) -> None:
    path = ROOT / place
    try:
        with pytest.raises(ConfigError, match="git checkout") as refused:
            Vault(path).seal(CANARY, **PLACE)
        assert "RUNWAY_HOME" in refused.value.hint
        assert not path.resolve().exists()
    finally:
        path.resolve().unlink(missing_ok=True)


def test_a_link_into_the_checkout_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "home").symlink_to(ROOT)
    try:
        with pytest.raises(ConfigError, match="git checkout"):
            Vault(tmp_path / "home" / "master.key").seal(CANARY, **PLACE)
    finally:
        (ROOT / "master.key").unlink(missing_ok=True)


def test_eight_processes_agree_on_one_master_key(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    for sealed in at_once(8, seal, path):
        assert Vault(path).open(sealed, connection_id="c", host="h") == "sk-canary"
    assert [found.name for found in tmp_path.iterdir()] == ["master.key"]


# --- what a person types -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "pasted",
    [
        CANARY,
        f"  {CANARY}\r\n",
        f"\t{CANARY}\u3000",
        f"Bearer {CANARY}",
        f" bearer   {CANARY}\n",
        f"BEARER\t{CANARY}",
    ],
)
def test_what_comes_along_with_a_pasted_key_is_taken_off(pasted: str) -> None:
    assert clean_key(pasted) == CANARY


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "is empty"),
        (" \n\t", "is empty"),
        ("Bearer ", "is empty"),
        (f"{CANARY[:9]}\n{CANARY[9:]}", "line breaks"),
        (f"{CANARY} {CANARY}", "spaces"),
        (f"Authorization: Bearer {CANARY}", "spaces"),
        (f"{CANARY}\u200b", "other characters"),
        (f"\ufeff{CANARY}", "other characters"),
        (f"{CANARY[:9]}\u00ad{CANARY[9:]}", "other characters"),
        (f"密钥{CANARY}", "other characters"),
        ("ｈｋ－ｆｕｌｌｗｉｄｔｈ", "other characters"),
        (f"{CANARY}\x00", "other characters"),
        (f"{CANARY}\x7f", "other characters"),
        (f"{CANARY}\udc80", "other characters"),
        ("hk-", "4 to 512 characters"),
        (CANARY * 30, "4 to 512 characters"),
    ],
)
def test_what_can_be_no_key_is_refused_without_repeating_it(pasted: str, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words) as refused:
        clean_key(pasted)
    assert [problem.field for problem in refused.value.problems] == ["key"]
    _keeps_silent(refused.value)
    if pasted.strip():
        assert pasted not in str(refused.value)


@given(KEYS.filter(lambda key: key.lower() != "bearer"))
def test_every_possible_key_is_taken_as_it_is(key: str) -> None:
    assert clean_key(key) == clean_key(f"Bearer {key} ") == key


@given(st.text(max_size=40))
def test_any_text_is_either_a_clean_key_or_refused_for_its_field(text: str) -> None:
    try:
        key = clean_key(text)
    except InvalidInputError as error:
        assert error.problems[0].field == "key"
    else:
        assert key in text and 4 <= len(key) <= 512
        assert set(key) <= set(string.ascii_letters + string.digits + string.punctuation)


def test_only_the_last_four_characters_are_shown_and_of_a_short_key_none() -> None:
    assert key_hint("hk-abcdef1234") == "…1234"
    assert key_hint("abcd1234") == "…1234"
    assert key_hint("abc1234") == key_hint("1234") == "…"
