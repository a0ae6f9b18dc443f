"""Whoever steals a home folder without its key file has the videos and the words, and no key."""

from __future__ import annotations

import base64
import codecs
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from runway_core.errors import KeyUnreadableError
from runway_core.http import Http
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from runway_core.studio.backups import back_up
from runway_core.studio.copies import keep_daily
from tests.engine.conftest import Desk
from tests.relay import Relay

KEYS = ("hk-canary-key-0001", "hk-CANARY-second-4711", "sk-CANARY-third-0815")
SECRETS = ("whsec-CANARY-first-77", "whsec-CANARY-newer-78")


def spellings(secret: str) -> Iterator[bytes]:
    """A secret, and what somebody might have made of it."""
    raw = secret.encode()
    for whole in (raw, raw[3:-4]):  # its last four characters are shown to people
        yield from (whole, whole[::-1], whole.hex().encode(), whole.hex().upper().encode())
        yield from (codecs.encode(whole.decode(), "rot13").encode(),)
        yield from (whole.decode().encode("utf-16-le"), whole.decode().encode("utf-16-be"))
        for shift in range(3):  # wherever it begins in a longer text
            encoded = base64.b64encode(bytes(shift) + whole)
            yield encoded[4 if shift else 0 : -4]
            yield base64.urlsafe_b64encode(bytes(shift) + whole)[4 if shift else 0 : -4]


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def hits(folder: Path, secrets: tuple[str, ...]) -> list[str]:
    return [
        f"{secret} in {path.relative_to(folder)}"
        for path, content in files(folder).items()
        for secret in secrets
        for spelling in spellings(secret)
        if spelling in content
    ]


@pytest.fixture
def lived_in(tmp_path: Path) -> Iterator[Studio]:
    """A home in which keys were saved, changed and removed, a video was made, and copies were written."""
    relay = Relay()
    desk = Desk(tmp_path / "home", relay)
    studio = desk.studio
    desk.engine.start()
    made = desk.submit("a fox in the snow")
    studio.connections.add("Second", profile="openai-hk", key=KEYS[1])
    gone = studio.connections.add("Third", profile="yunwu", key=KEYS[2])
    for secret in SECRETS:
        studio.callbacks.add_secret(desk.connection.id, secret)
        studio.callbacks.add_secret(gone.id, secret)
    keep_daily(studio.settings, studio.store.database)
    studio.connections.remove(gone.id)
    studio.keys.rotate()
    desk.until_settled(made)
    relay.creates.append(
        lambda call: call.answer(400, {"error": f"bad key {call.headers['Authorization']}"})
    )
    desk.until_settled(desk.submit("refused"))
    back_up(studio.settings, studio.settings.home / "backup.tar")
    yield studio
    desk.close()
    relay.close()


def test_no_key_is_in_a_copy_of_everything_but_the_key_file(
    lived_in: Studio, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    stolen = tmp_path / "stolen"
    with closing(sqlite3.connect(lived_in.settings.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # so that a journal or its like is there to be stolen
        other.execute("UPDATE connections SET unit = unit || 'x'")
        skipped = shutil.ignore_patterns("master.key", "bells", "lock")
        shutil.copytree(lived_in.settings.home, stolen, ignore=skipped)
        other.execute("ROLLBACK")
    names = {path.name for path in files(stolen)}
    assert {"desk.db", "backup.tar", "receipts.log"} <= names
    assert names & {"desk.db-journal", "desk.db-wal"}
    assert [n for n in names if n.endswith(".mp4")] and [n for n in names if n.endswith(".json")]
    assert [n for n in names if n.startswith("desk-2")] and not [n for n in names if "key" in n]
    found = hits(stolen, KEYS + SECRETS)
    master = [m.split()[1] for m in lived_in.settings.master_key.read_text().splitlines()[1:]]
    raw = [bytes.fromhex(key) for key in master]
    found += [str(p) for p, content in files(stolen).items() if any(k in content for k in raw)]
    record_property(
        "a stolen copy without the key file",
        f"{len(found)} keys in {len(names)} files, {len(list(spellings(KEYS[0])))} spellings each",
    )
    assert len(master) == 2 and found == []
    (stolen / "planted").write_bytes(b"x" + base64.b64encode(b"?" + KEYS[1].encode()))
    assert hits(stolen, KEYS)  # so the search would find one


def test_a_stolen_copy_opens_no_key_with_a_key_file_of_its_own(
    lived_in: Studio, tmp_path: Path
) -> None:
    shutil.copytree(
        lived_in.settings.home,
        tmp_path / "stolen",
        ignore=shutil.ignore_patterns("master.key", "bells", "lock"),
    )
    thief = open_studio(Settings(home=tmp_path / "stolen"))
    thief.connections.add("Own", profile="yunwu", key="sk-own-key-0001")
    for name in ("relay", "Second"):
        with pytest.raises(KeyUnreadableError):
            thief.connections.open(thief.connections.by_name(name), Http())
    with pytest.raises(KeyUnreadableError):
        thief.callbacks.secrets(thief.connections.by_name("relay").id)
    assert set(thief.keys.rotate().unreadable) == {"relay", "Second"}
    thief.close()
