"""The home folder and the environment, read once at start.

================== =============================================================================
RUNWAY_HOME        folder of all data; default: the user's data folder of this system
RUNWAY_DATABASE_URL
                   ``postgresql://…`` for more than one machine; default: SQLite in the home folder
RUNWAY_MEDIA_URL   ``s3://bucket/folder`` (keys and endpoint in the AWS tools' own variables) or
                   ``file:///folder`` for pictures and videos; default: in the home folder
RUNWAY_PRIVATE_HOSTS
                   ``host:port,…`` on private networks that connections and downloads may use
RUNWAY_HOSTS       ``desk.example.com,…``: the names under which other machines may open the app; default:
                   none but this computer's own
RUNWAY_SANDBOX_SPEED
                   divides the built-in sandbox's waiting times; default 4
RUNWAY_LOG         how log lines are written: ``text``, ``json``, or ``auto``, the default: text on a
                   terminal, else JSON
RUNWAY_LOG_LEVEL   the least that is logged: ``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``; default INFO
                   for what runs until it is stopped, WARNING for other commands
================== =============================================================================
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import platformdirs

from runway_core.errors import ConfigError

_LOG_FORMS = ("text", "json", "auto")
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True)
class SandboxAddress:
    """Where the built-in sandbox of this home listens now, and the key it takes."""

    url: str
    key: str


@dataclass(frozen=True)
class LogChoice:
    """How log lines are to be written."""

    form: str = "auto"
    """``text``, ``json`` or ``auto``."""
    level: str = ""
    """Empty when nobody has said it."""


@dataclass(frozen=True)
class Settings:
    """Where everything is. Made by `load`."""

    home: Path
    private_hosts: frozenset[tuple[str, int]] = frozenset()
    hosts: frozenset[str] = frozenset()
    """Names under which the app may be opened from other machines, in lower case."""
    sandbox_speed: float = 4.0
    database_url: str = field(default="", repr=False)
    """Empty for SQLite; may hold a password, so it is never shown."""
    media_url: str = ""
    """Empty for a folder in the home; holds no secret."""

    @property
    def database(self) -> Path:
        return self.home / "desk.db"

    @property
    def media(self) -> Path:
        """The folder of the media; when they are in a bucket, of what is on its way and of copies."""
        if self.media_url.startswith("file:"):
            path = unquote(urlsplit(self.media_url).path)
            return Path(re.sub("^/(?=[A-Za-z]:)", "", path))  # the drive of a Windows folder
        return self.home / "media"

    @property
    def master_key(self) -> Path:
        return self.home / "master.key"

    @property
    def receipts(self) -> Path:
        return self.home / "receipts.log"

    @property
    def sandbox(self) -> Path:
        return self.home / "sandbox"

    def sandbox_address(self) -> SandboxAddress | None:
        """Read the address that the running built-in sandbox left in ``sandbox/address.json``."""
        try:
            data = json.loads((self.sandbox / "address.json").read_text())
            return SandboxAddress(url=str(data["url"]), key=str(data["key"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _private_hosts(text: str) -> frozenset[tuple[str, int]]:
    hosts = set()
    for item in filter(None, (part.strip() for part in text.split(","))):
        host, _, port = item.rpartition(":")
        if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ConfigError(
                f"RUNWAY_PRIVATE_HOSTS has “{item}”, which is not host:port.",
                hint="Write it like 192.168.1.20:8080, several separated by commas.",
            )
        hosts.add((host.strip("[]").lower(), int(port)))
    return frozenset(hosts)


def _media_url(text: str) -> str:
    """A URL of media without secrets; a wrong one is not shown, because it may hold one.

    Raises:
        ConfigError: it makes no sense.
    """
    text = text.strip().rstrip("/")
    if not text:
        return ""
    where = "Write it like s3://bucket/folder or file:///mnt/desk."
    try:
        url = urlsplit(text)
    except ValueError:
        url = urlsplit("")
    if "@" in url.netloc:
        raise ConfigError(
            "RUNWAY_MEDIA_URL must not hold a user name or a password.",
            hint=f"{where} Keys belong in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
    path = PurePosixPath(url.path)
    bucket = url.scheme == "s3" and re.fullmatch(r"[a-zA-Z0-9._-]{3,}", url.netloc)
    folder = url.scheme == "file" and not url.netloc and len(path.parts) > 1
    plain = not (url.query or url.fragment) and ".." not in path.parts and "//" not in url.path
    if not (plain and (bucket or folder)):
        raise ConfigError("RUNWAY_MEDIA_URL is no address of a bucket or a folder.", hint=where)
    return text


def private_hosts() -> frozenset[tuple[str, int]]:
    """What ``RUNWAY_PRIVATE_HOSTS`` names; for programs that have no home folder.

    Raises:
        ConfigError: it makes no sense.
    """
    return _private_hosts(os.environ.get("RUNWAY_PRIVATE_HOSTS", ""))


def _hosts(text: str) -> frozenset[str]:
    names = {part.strip().lower().rstrip(".") for part in text.split(",")} - {""}
    for name in sorted(names):
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", name):
            raise ConfigError(
                f"RUNWAY_HOSTS has “{name}”, which is no name of a computer.",
                hint="Write it like desk.example.com, without https:// and port, several separated by commas.",
            )
    return frozenset(name.strip("[]") for name in names)


def served_hosts() -> frozenset[str]:
    """What ``RUNWAY_HOSTS`` names; nothing when it makes no sense, which `load` refuses."""
    try:
        return _hosts(os.environ.get("RUNWAY_HOSTS", ""))
    except ConfigError:
        return frozenset()


def log_choice(environ: dict[str, str] | None = None) -> LogChoice:
    """Read how to log; what makes no sense counts as not said, and `load` refuses it."""
    env = dict(os.environ) if environ is None else environ
    form = env.get("RUNWAY_LOG", "").strip().lower()
    level = env.get("RUNWAY_LOG_LEVEL", "").strip().upper()
    return LogChoice(
        form=form if form in _LOG_FORMS else "auto", level=level if level in _LOG_LEVELS else ""
    )


def _check_log(env: dict[str, str]) -> None:
    if env.get("RUNWAY_LOG", "").strip().lower() not in ("", *_LOG_FORMS):
        raise ConfigError("RUNWAY_LOG must be text, json or auto.")
    if env.get("RUNWAY_LOG_LEVEL", "").strip().upper() not in ("", *_LOG_LEVELS):
        raise ConfigError("RUNWAY_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")


def _home(text: str) -> Path:
    try:
        home = Path(text or platformdirs.user_data_dir("runway-desk", False)).expanduser()
        home = home.absolute()
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError) as error:  # RuntimeError: "~name" of nobody on this machine
        why = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"The data folder {text or 'of this user'} can't be made: {why}.",
            hint="Set RUNWAY_HOME to a folder that you may write to.",
        ) from None
    return home


def load(environ: dict[str, str] | None = None) -> Settings:
    """Read the environment and make the home folder.

    Raises:
        ConfigError: a variable makes no sense, or the folder can't be made.
    """
    env = dict(os.environ) if environ is None else environ
    _check_log(env)
    home = _home(env.get("RUNWAY_HOME", ""))
    try:
        speed = float(env.get("RUNWAY_SANDBOX_SPEED") or 4)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 1000:
        raise ConfigError("RUNWAY_SANDBOX_SPEED must be a number from 0.1 to 1000.")
    return Settings(
        home=home,
        private_hosts=_private_hosts(env.get("RUNWAY_PRIVATE_HOSTS", "")),
        hosts=_hosts(env.get("RUNWAY_HOSTS", "")),
        sandbox_speed=speed,
        database_url=env.get("RUNWAY_DATABASE_URL", "").strip(),
        media_url=_media_url(env.get("RUNWAY_MEDIA_URL", "")),
    )
