"""What holds for every test: a clean environment, a home of its own, and nothing beyond loopback."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has none

if TYPE_CHECKING:
    from runway_core.archive import Archive
    from tests.buckets import Buckets

Host = str | bytes | None

_PERSONAL = re.compile(
    r"(RUNWAY|RUNWAYML|STREAMLIT|AWS|FSSPEC)_.*|.*_PROXY|NETRC|SSLKEYLOGFILE", re.IGNORECASE
)
_NOWHERE = re.compile(r"(.*\.)?(invalid|test|example|localhost|example\.(com|net|org))\.?")
"""Names that RFC 2606 keeps for tests: looking one up is a fair way to fail."""

_strays: list[str] = []
"""Attempts of the running test to leave this machine."""


def pytest_configure() -> None:
    """Clean the environment before any test module is imported, and shut the way out."""
    for name in [name for name in os.environ if _PERSONAL.fullmatch(name)]:
        del os.environ[name]
    patch = pytest.MonkeyPatch()
    for method in ("connect", "connect_ex"):
        patch.setattr(socket.socket, method, _guarded_connect(getattr(socket.socket, method)))
    patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))
    patch.setattr(socket, "gethostbyname", _guarded_lookup(socket.gethostbyname))


# How long an example takes says more about what else this machine does than about us.
hypothesis.settings.register_profile(
    "here", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("here")

_LONGEST = (
    "browser 0",
    "browser 1",
    "tests/engine/test_kill.py",
    "tests/engine/test_kill_keyed.py",
    "tests/engine/test_cluster.py",
    "tests/engine/test_sharing.py",
    "tests/engine/test_many.py",
    "tests/engine/test_soak.py",
    "tests/providers/test_hostile_wire.py",
    "tests/cli/test_commands.py",
    "tests/engine/test_sqlite_faults.py",
    "tests/cli/test_settling.py",
    "tests/cli/test_budget.py",
)
"""What takes a minute or more begins first, so that nobody waits for one of these at the end."""


_BROWSERS = sorted(path.name for path in (Path(__file__).parent / "browser").glob("test_*.py"))


class Together(LoadScopeScheduling):  # type: ignore[misc]  # it is not typed for others
    """Keeps the tests of one file together, and never lets more than two browsers run beside each other.

    The marks for groups do nothing with this pytest: https://github.com/pytest-dev/pytest-xdist/issues/1386
    """

    def _split_scope(self, nodeid: str) -> str:
        return _together(nodeid)


def _together(nodeid: str) -> str:
    folder, _, file = nodeid.partition("::")[0].rpartition("/")
    if folder == "tests/browser":
        return f"browser {_BROWSERS.index(file) % 2}"
    return f"{folder}/{file}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: at for at, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: rank.get(_together(item.nodeid), len(rank)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return address == "localhost"


def _guarded_connect(real: Any) -> Any:
    def connect(self: socket.socket, address: Any) -> Any:
        inet = self.family in (socket.AF_INET, socket.AF_INET6)
        if inet and not _is_loopback(str(address[0])):
            _strays.append(f"connect to {address[0]}:{address[1]}")
            raise OSError(101, "a test may not leave this machine")
        return real(self, address)

    return connect


def _guarded_lookup(real: Any) -> Any:
    def look_up(host: Host, *args: Any, **options: Any) -> Any:
        name = host.decode("idna") if isinstance(host, bytes) else host or "localhost"
        if _is_loopback(name) or _is_number(name):
            return real(host, *args, **options)
        if not _NOWHERE.fullmatch(name.lower()):
            _strays.append(f"look-up of {name}")
        raise socket.gaierror(socket.EAI_NONAME, "a test may not look up names")

    return look_up


def _is_number(name: str) -> bool:
    """Whether the system reads this as an address, in any spelling: no server is asked for those."""
    if ":" in name:
        return True
    try:
        socket.inet_aton(name)
    except (OSError, UnicodeError):
        return False
    return True


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures that tests recorded, wherever they ran."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(autouse=True)
def nothing_leaves_loopback() -> Iterator[None]:
    """Fail a test that tried to leave this machine, even when the code under test hid it."""
    _strays.clear()
    yield
    assert not _strays, f"tried to leave this machine: {', '.join(_strays)}"


@pytest.fixture(autouse=True)
def main_stays_ours() -> Iterator[None]:
    """Streamlit's test harness puts each page it runs in ``__main__``'s place, and child processes run that."""
    own = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = own


@pytest.fixture(scope="session", autouse=True)
def no_real_data(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep a test that names no home away from the data of whoever runs it."""
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("user-data"))


@pytest.fixture(scope="session", autouse=True)
def new_databases_are_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run the migrations for this process's tests once; their other new databases begin as a copy of that one.

    What the migrations do is tested in `tests/store/test_migrations.py`, which gives them their databases itself,
    and every program that a test starts in a process of its own makes its database itself.
    """
    from runway_core import store
    from runway_core.store.database import Database
    from runway_core.store.migrate import migrate
    from runway_core.store.sqlite import SqliteDatabase

    made = tmp_path_factory.mktemp("migrated") / "desk.db"
    store.open_store(made).close()

    def migrate_or_copy(database: Database) -> None:
        if isinstance(database, SqliteDatabase):
            lock = database.path.with_suffix(".lock")
            if not database.path.exists() and not lock.exists():
                with contextlib.suppress(OSError):
                    shutil.copyfile(made, database.path)
        migrate(database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "migrate", migrate_or_copy)
        yield


@pytest.fixture(scope="session", autouse=True)
def postgres_ends_with_the_tests() -> Iterator[None]:
    """Stop the server that some tests of this process have started."""
    yield
    servers = sys.modules.get("tests.postgres")
    if servers is not None and servers.postgres.cache_info().currsize:
        servers.postgres().close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, named in the environment as a person would."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("RUNWAY_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[Buckets]:
    """One S3-compatible server for the tests of this process."""
    from tests.buckets import Buckets  # few tests need what it loads

    server = Buckets()
    yield server
    server.close()


@pytest.fixture
def buckets(bucket_server: Buckets, monkeypatch: pytest.MonkeyPatch) -> Iterator[Buckets]:
    """The server, its gate open and its address and keys in the environment."""
    for name, value in bucket_server.environment.items():
        monkeypatch.setenv(name, value)
    bucket_server.gate.reset()
    yield bucket_server
    bucket_server.gate.reset()


@pytest.fixture(params=["folder", "shared folder", "bucket"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """Media in each of the places where they may be kept."""
    from runway_core.archive import Archive

    folder = tmp_path / "media"
    url = ""
    if request.param == "shared folder":
        folder.mkdir()
        url = folder.as_uri()
    elif request.param == "bucket":
        url = request.getfixturevalue("buckets").fresh()
    made = Archive(folder, url=url)
    yield made
    made.close()
