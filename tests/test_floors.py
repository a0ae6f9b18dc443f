"""Versions with known holes are not used. Each floor is the first release without the named hole."""

from __future__ import annotations

import re
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import sqlalchemy as sa

from runway_core.store.sqlite import SqliteDatabase
from tests.house import ROOT

FLOORS = {
    "streamlit": "1.67",  # the release whose behaviour the entry, the guard and the pages rest on
    "starlette": "1.1.0",  # CVE-2026-48710, CVE-2026-48818
    "python-multipart": "0.0.27",  # CVE-2026-42561
    "pillow": "12.3.0",  # CVE-2026-40192 and thirteen after it
    "urllib3": "2.7.0",  # CVE-2026-44431, CVE-2026-44432
    "h11": "0.16.0",  # CVE-2025-43859
    "cryptography": "49",  # GHSA-537c-gmf6-5ccf
    "requests": "2.32.4",  # CVE-2024-47081
    "pyjwt": "2.13.0",  # CVE-2026-48526
    "httpx2": "2.12.0",  # CVE-2026-84382
}
LOCKS = ("requirements.lock", "requirements-dev.lock")


def numbers(text: str) -> tuple[int, ...]:
    """`2.13.0rc1` as (2, 13, 0)."""
    found = re.match(r"\d+(?:\.\d+)*", text)
    assert found, f"{text!r} is no version"
    return tuple(int(part) for part in found.group().split("."))


def pins(lock: str) -> dict[str, str]:
    """Each package of a lock and its version."""
    text = (ROOT / lock).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("package", FLOORS)
def test_the_installed_release_has_no_known_hole(package: str) -> None:
    try:
        installed = version(package)
    except PackageNotFoundError:
        assert package not in pins("requirements-dev.lock"), f"{package} is locked, not installed"
        return
    assert numbers(installed) >= numbers(FLOORS[package])


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locked_releases_have_no_known_hole(lock: str) -> None:
    locked = pins(lock)
    low = {p: locked[p] for p in FLOORS.keys() & locked if numbers(locked[p]) < numbers(FLOORS[p])}
    assert low == {}
    assert {"streamlit", "starlette", "python-multipart", "pillow", "cryptography"} <= locked.keys()


def test_a_lock_names_no_host_and_hashes_every_file() -> None:
    for lock in LOCKS:
        text = (ROOT / lock).read_text("utf-8")
        assert "://" not in text, lock
        assert "index" not in text.partition("==")[0], lock
        blocks = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
        assert len(blocks) > 20
        assert [b.split()[0] for b in blocks if "--hash=sha256:" not in b] == []


def test_the_development_lock_holds_every_pin_of_the_app_lock() -> None:
    app, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: pin for name, pin in app.items() if dev.get(name) != pin} == {}


def test_the_write_ahead_log_is_used_only_where_sqlite_does_not_corrupt_it(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "desk.db")
    with database.write() as connection:
        mode = connection.execute(sa.text("PRAGMA journal_mode")).scalar_one()
    database.close()
    found = sqlite3.sqlite_version_info
    fixed = found >= (3, 51, 3) or any(
        found[:2] == good[:2] and found >= good for good in ((3, 50, 7), (3, 44, 6))
    )
    assert fixed or mode != "wal"
