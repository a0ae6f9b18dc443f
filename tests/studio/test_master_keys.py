"""The master key changes while everything goes on, and nothing that was saved is ever unreadable."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from runway_core.errors import ConfigError, KeyUnreadableError
from runway_core.http import Http
from runway_core.settings import Settings
from runway_core.store.sealed import COLUMNS
from runway_core.studio import Studio, open_studio
from runway_core.studio.backups import back_up, restore
from runway_core.studio.copies import bring_back, keep_daily
from runway_core.studio.master_keys import BOUND
from runway_core.vault import Vault
from runway_core.vault.file import RingFile
from runway_core.vault.ring import Ring, read, written
from tests.builders import connection as relay
from tests.builders import new_task
from tests.children import PATIENCE, at_once, barrier, start
from tests.http.raw_server import RawServer, always, answer
from tests.killing import integrity
from tests.postgres import postgres

ROWS = 300
KILLS = 12


def home_with(folder: Path, keys: int) -> Studio:
    """A home with that many saved keys, one in ten with secrets for calls."""
    folder.mkdir(exist_ok=True)
    studio = open_studio(Settings(home=folder))
    for n in range(keys):
        made = relay(id=f"c{n}", name=f"Relay {n}", key_hint="…")
        vault = Vault(studio.settings.master_key)
        sealed = vault.seal(key(n), connection_id=made.id, host="api.openai-hk.com")
        studio.store.connections.add(made, key_sealed=sealed)
        if n % 10 == 0:
            studio.callbacks.add_secret(made.id, f"whsec-{n}-secret")
    return studio


def key(n: int) -> str:
    return f"hk-canary-{n:04}"


def readable(studio: Studio, keys: int) -> bool:
    """Whether every key and secret opens as what it was saved as."""
    return all(
        studio.connections.key(studio.connections.get(f"c{n}")) == key(n)
        and (n % 10 != 0 or studio.callbacks.secrets(f"c{n}") == (f"whsec-{n}-secret",))
        for n in range(keys)
    )


def age(studio: Studio) -> None:
    """As if the keys had been changed two minutes ago."""
    path = studio.settings.master_key
    os.utime(path, (time.time() - 120, time.time() - 120))


def by_hand(studio: Studio, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(studio.settings.database)) as sql, sql:
        sql.execute(statement, values)


# --- what a change does ------------------------------------------------------------------------------


def test_every_sealed_column_is_known_to_the_change() -> None:
    assert set(BOUND) == set(COLUMNS) and len(COLUMNS) >= 2


def test_everything_is_sealed_anew_and_the_old_key_alone_opens_nothing(tmp_path: Path) -> None:
    studio = home_with(tmp_path, 20)
    path = studio.settings.master_key
    old, before = path.read_bytes(), [one.value for one in studio.store.sealed.all()]
    done = studio.keys.rotate()
    assert (done.resealed, done.unreadable) == (22, ())
    assert [(one.role, one.seals) for one in studio.keys.all()] == [("seal", 22), ("old", 0)]
    assert readable(studio, 20)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in tmp_path.glob("master.key*")] == ["master.key"]
    content = studio.settings.database.read_bytes()
    assert not [value for value in before if value in content]
    path.write_bytes(old)
    for n in range(20):
        with pytest.raises(KeyUnreadableError):
            studio.connections.key(studio.connections.get(f"c{n}"))
    studio.close()


def test_what_was_sealed_before_values_named_their_key_opens_and_is_sealed_anew(
    tmp_path: Path,
) -> None:
    studio = home_with(tmp_path, 1)
    nonce, bound = bytes(12), b"runway-desk/v1/c0/api.openai-hk.com"
    master = studio.settings.master_key.read_bytes()
    unnamed = b"\x01" + nonce + AESGCM(master).encrypt(nonce, key(0).encode(), bound)
    studio.store.connections.change("c0", key_sealed=unnamed)
    assert readable(studio, 1)
    assert studio.keys.rotate().resealed == 2
    assert studio.store.connections.key_sealed("c0") != unnamed and readable(studio, 1)
    studio.close()


def test_what_nobody_can_open_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    studio = home_with(tmp_path, 3)
    studio.store.connections.change("c1", key_sealed=b"\x02" + b"x" * 60)
    done = studio.keys.rotate()
    assert (done.resealed, done.unreadable) == (3, ("Relay 1",))
    assert studio.store.connections.key_sealed("c1") == b"\x02" + b"x" * 60
    age(studio)
    studio.keys.forget()
    studio.close()


def test_old_keys_are_given_up_only_when_nothing_needs_them(tmp_path: Path) -> None:
    studio = home_with(tmp_path, 3)
    late = Vault(studio.settings.master_key).seal(
        "hk-late-key", connection_id="c0", host="callbacks"
    )
    studio.keys.rotate()
    age(studio)
    studio.store.connections.change("c0", hook_secrets_sealed=late)  # by one that was slow to write
    with pytest.raises(ConfigError, match="1 saved keys or secrets still need") as refused:
        studio.keys.forget()
    assert "key rotate" in refused.value.hint
    studio.keys.rotate()
    with pytest.raises(ConfigError, match="less than a minute ago"):
        studio.keys.forget()
    age(studio)
    studio.keys.forget()
    assert [one.role for one in studio.keys.all()] == ["seal"]
    assert studio.settings.master_key.stat().st_size == 32
    assert studio.connections.key(studio.connections.get("c2")) == key(2)
    studio.close()


def test_swapped_rows_and_a_change_by_hand_open_nothing_and_nothing_is_sent(
    tmp_path: Path,
) -> None:
    with RawServer(always(answer())) as thief:
        (tmp_path / "home").mkdir()
        settings = Settings(home=tmp_path / "home", private_hosts=thief.private)
        studio = open_studio(settings)
        one, two = (
            studio.connections.add(name, profile="openai-hk", key=f"hk-canary-{name}")
            for name in ("one", "two")
        )
        studio.keys.rotate()
        sealed = {c.id: studio.store.connections.key_sealed(c.id) for c in (one, two)}
        for mine, other in ((one, two), (two, one)):
            by_hand(
                studio,
                "UPDATE connections SET key_sealed = ? WHERE id = ?",
                *(sealed[other.id], mine.id),
            )
        for swapped in (one, two):
            with pytest.raises(KeyUnreadableError):
                studio.connections.open(swapped, Http())
        by_hand(
            studio,
            "UPDATE connections SET base_url = ?, key_sealed = ? WHERE id = ?",
            *(thief.url, sealed[one.id], one.id),
        )
        moved = studio.connections.get(one.id)
        assert moved.base_url == thief.url
        with pytest.raises(KeyUnreadableError, match="belongs to another address"):
            studio.connections.open(moved, Http(private_hosts=settings.private_hosts))
        assert not studio.doctor.examine(moved).ok
        assert not [r for r in thief.requests if "canary" in r.head or r.header("authorization")]
        studio.close()


# --- while others are at work --------------------------------------------------------------------------


def rotate_for_ever(home: Path, meeting: Any) -> None:
    """Change the master key again and again."""
    studio = open_studio(Settings(home=home))
    meeting.wait(PATIENCE)
    while True:
        studio.keys.rotate()


def test_a_kill_at_any_moment_leaves_every_key_readable(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    home_with(tmp_path, ROWS).close()
    chance, halfway = random.Random(20261122), 0
    for _ in range(KILLS):
        meeting = barrier(2)
        child = start(rotate_for_ever, tmp_path, meeting)
        meeting.wait(PATIENCE)
        child.join(chance.uniform(0.02, 0.4))
        assert child.is_alive()
        child.kill()
        child.join(PATIENCE)
        assert integrity(tmp_path / "desk.db") == "ok"
        studio = open_studio(Settings(home=tmp_path))
        assert readable(studio, ROWS)
        halfway += len([one for one in studio.keys.all() if one.seals]) > 1
        studio.close()
    record_property("kills while the master key changes: unreadable keys", f"0 of {KILLS * ROWS}")
    assert halfway >= KILLS // 2  # else the kills came between the changes
    studio = open_studio(Settings(home=tmp_path))
    studio.keys.rotate()
    age(studio)
    studio.keys.forget()
    assert readable(studio, ROWS)
    studio.close()


def change_and_read(home: Path) -> int:
    """Read every key and save new ones, while this process and others change the master key."""
    studio, opened = open_studio(Settings(home=home)), 0
    for number in range(3):
        name = f"{os.getpid()} {number}"
        made = studio.connections.add(
            name, profile="openai-hk", key=f"hk-own-{name.replace(' ', '-')}"
        )
        studio.keys.rotate()
        for one in studio.connections.all():
            if one.key_hint:
                opened += studio.connections.key(one).startswith("hk-")
        assert studio.connections.key(made) == f"hk-own-{name.replace(' ', '-')}"
    studio.close()
    return opened


def test_processes_that_save_and_read_meanwhile_notice_nothing(tmp_path: Path) -> None:
    home_with(tmp_path, 10).close()
    assert all(opened >= 3 * 10 for opened in at_once(4, change_and_read, tmp_path))
    studio = open_studio(Settings(home=tmp_path))
    assert readable(studio, 10)
    assert [one.role for one in studio.keys.all()] == ["seal"] + ["old"] * 12
    studio.close()


def change_and_die(home: Path) -> None:
    """Be killed while holding the file of the keys."""

    def die(_ring: Ring) -> Ring:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    RingFile(home / "master.key").change(die)


def test_who_dies_with_the_file_in_hand_holds_up_nobody(tmp_path: Path) -> None:
    studio = home_with(tmp_path, 1)
    before = studio.settings.master_key.read_bytes()
    child = start(change_and_die, tmp_path)
    child.join(PATIENCE)
    assert child.exitcode == -signal.SIGKILL
    assert studio.settings.master_key.read_bytes() == before
    assert studio.keys.rotate().resealed == 2
    studio.close()


def test_addresses_that_providers_have_go_on_working(tmp_path: Path) -> None:
    app, other = home_with(tmp_path, 1), open_studio(Settings(home=tmp_path))
    app.callbacks.set_address("https://desk.example.com")
    new = new_task(connection_id="c0", profile="openai-hk")
    app.store.tasks.add(new)
    task = app.tasks.get(new.id)
    before = app.callbacks.url_for(task)
    other.keys.rotate()
    after = other.callbacks.url_for(task)
    assert before != after
    for studio in (app, other):
        for url in (before, after):
            assert studio.callbacks.subject("openai-hk", url.rpartition("/")[2]) == task.id
    age(other)
    other.keys.forget()
    assert app.callbacks.subject("openai-hk", before.rpartition("/")[2]) is None
    assert app.callbacks.subject("openai-hk", after.rpartition("/")[2]) == task.id
    app.close()
    other.close()


# --- copies and other machines -------------------------------------------------------------------------


def test_a_copy_from_before_opens_until_the_old_keys_are_given_up(tmp_path: Path) -> None:
    studio = home_with(tmp_path / "home", 2)
    copy = keep_daily(studio.settings, studio.store.database)
    assert copy is not None
    studio.keys.rotate()
    studio.close()
    bring_back(studio.settings, copy.path)
    back = open_studio(studio.settings)
    assert readable(back, 2)
    assert [one.seals for one in back.keys.all()] == [0, 3]
    back.keys.rotate()
    back_up(back.settings, tmp_path / "backup.tar", key=True)
    back.close()
    (tmp_path / "new").mkdir()
    settings = Settings(home=tmp_path / "new")
    assert restore(settings, tmp_path / "backup.tar").has_key
    restored = open_studio(settings)
    assert readable(restored, 2)
    restored.close()


def test_a_second_machine_reads_what_the_first_seals_from_the_moment_it_does(
    tmp_path: Path,
) -> None:
    url = postgres().fresh()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one = open_studio(Settings(home=tmp_path / "one", database_url=url))
    two = open_studio(Settings(home=tmp_path / "two", database_url=url))
    here, there = one.settings.master_key, two.settings.master_key
    made = one.connections.add("Relay", profile="openai-hk", key=key(1))
    there.write_bytes(here.read_bytes())
    there.chmod(0o600)
    with pytest.raises(ConfigError, match="Other machines") as refused:
        one.keys.rotate()
    assert "key prepare" in refused.value.hint
    one.keys.prepare()
    prepared = here.read_bytes()
    one.keys.prepare()
    assert here.read_bytes() == prepared
    there.write_bytes(prepared)
    assert one.keys.rotate().resealed == 1
    assert two.connections.key(made) == key(1)
    two.connections.change(made.id, name="Relay", base_url=made.base_url, key=key(2))
    assert one.connections.key(made) == key(2)
    assert one.keys.rotate().resealed == 1  # what the other machine has sealed with the old one
    two.keys.rotate()
    assert two.connections.key(made) == key(2)
    assert [k.name for k in one.keys.all()] == [k.name for k in two.keys.all()]
    one.close()
    two.close()


# --- the file ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ring",
    [
        Ring(b"s" * 32),
        Ring(b"s" * 32, b"n" * 32),
        Ring(b"s" * 32, None, (b"o" * 32, b"p" * 32)),
        Ring(b"s" * 32, b"n" * 32, (b"o" * 32,)),
    ],
)
def test_keys_come_back_from_the_file_as_they_were(ring: Ring) -> None:
    assert read(written(ring)) == ring


def test_a_damaged_file_of_several_keys_is_said_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    whole = written(Ring(b"s" * 32, b"n" * 32, (b"o" * 32,)))
    path.touch(mode=0o600)
    for spoilt in (
        *(whole[:size] for size in (0, 10, 26, 60, len(whole) - 9)),
        whole.replace(b"old ", b"odd "),
        whole.replace(b"keys 1", b"keys 2"),
        whole.replace(b"next", b"seal"),
        whole + b"\xff",
    ):
        path.write_bytes(spoilt)
        with pytest.raises(ConfigError, match="is damaged"):
            Vault(path).seal("hk-12345678", connection_id="c", host="h")
        assert path.read_bytes() == spoilt


def test_a_change_of_the_keys_is_seen_at_once_and_so_is_a_wrong_mode(tmp_path: Path) -> None:
    studio = home_with(tmp_path, 1)
    vault = Vault(studio.settings.master_key)
    sealed = vault.seal("hk-12345678", connection_id="c", host="h")
    assert vault.is_current(sealed)
    studio.keys.rotate()
    assert not vault.is_current(sealed)
    assert vault.open(sealed, connection_id="c", host="h") == "hk-12345678"
    studio.settings.master_key.chmod(0o640)
    with pytest.raises(ConfigError, match="can be read by others"):
        vault.open(sealed, connection_id="c", host="h")
    studio.close()
