"""One rule for the base URL that a person pastes, whatever part of it they copied."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote, urlsplit

from runway_core.catalog import Profile
from runway_core.domain import Capability
from runway_core.errors import InvalidInputError, Problem

CHARGES_PATH = "/openai/sk/log"
"""openai-hk's own (f.openai-hk.com/docs/openai/hkapi.html); its copies are assumed to have it too."""

_SUFFIXES = ("/runwayml/v1", "/runwayml", "/v1", "/graphql")
_DEFAULT_PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_IPV6 = re.compile(r"[0-9a-f:.]+")


@dataclass(frozen=True)
class Endpoint:
    """Where a protocol is served: everything before ``/v1``."""

    root: str
    """Normalised, such as ``https://api.openai-hk.com`` or ``https://relay.example/pro``."""
    prefix: str
    """Such as ``/runwayml``; empty for Runway itself."""

    @property
    def base(self) -> str:
        return self.root + self.prefix


def normalise_base_url(text: str) -> str:
    """The root of what a person typed: ``https://yunwu.ai/runwayml/v1/`` gives ``https://yunwu.ai``.

    Normalising twice changes nothing. ``http://`` is kept: whether it may be used is decided when
    a connection is made.

    Raises:
        InvalidInputError: with the field ``base_url``.
    """
    typed = text.strip()
    if not typed:
        _refuse("enter the address, such as https://api.openai-hk.com.")
    if (
        len(typed) > 500
        or not re.fullmatch(r"[\x21-\x7e]+", typed)
        or re.search(r"[\\\"<>]", typed)
    ):
        _refuse("must be one address without spaces or special characters.")
    if re.search(r"[?#]", typed):
        _refuse("must not hold “?” or “#”: copy only the part before it.")
    scheme, host, path = _split(_with_scheme(typed))
    return f"{scheme}://{host}{_bare_path(path)}"


def prefix_for(root: str, profile: Profile, override: str = "") -> str:
    """The path before ``/v1``: none at Runway itself, whichever profile is used; else the profile's.

    `override` is a connection's own path, which counts before all; ``/`` stands for none.

    Raises:
        InvalidInputError: `override` is no path; names ``options.prefix``.
    """
    if override.strip():
        path = override.strip().strip("/")
        if not re.fullmatch(r"(?:[A-Za-z0-9_~-][A-Za-z0-9._~/-]{0,100})?", path) or ".." in path:
            raise InvalidInputError(
                Problem("options.prefix", "must be a path such as /runwayml, or / for none.")
            )
        return f"/{path}" if path else ""
    host = urlsplit(root).hostname or ""
    if host == "runwayml.com" or host.endswith(".runwayml.com"):
        return ""
    return profile.prefix


def create_url(endpoint: Endpoint, capability: Capability) -> str:
    """Where a create is sent (contract: POST /v1/image_to_video, /v1/text_to_video)."""
    return f"{endpoint.base}/v1/{capability.value}"


def task_url(endpoint: Endpoint, remote_id: str) -> str:
    """Where a task is looked at and cancelled; the id can't lead to another path."""
    return f"{endpoint.base}/v1/tasks/{_segment(remote_id)}"


def graphql_url(endpoint: Endpoint) -> str:
    """Where GraphQL is served (doitong.com/{locale}/developers/api/runway: POST /graphql)."""
    return f"{endpoint.base}/graphql"


def question_url(endpoint: Endpoint, path: str, remote_id: str) -> str:
    """A path with ``{id}`` in it at this endpoint; the id can't lead to another path."""
    return endpoint.base + path.replace("{id}", _segment(remote_id))


def organization_url(endpoint: Endpoint) -> str:
    """Where Runway itself tells the balance (GET /v1/organization)."""
    return f"{endpoint.base}/v1/organization"


def usage_url(endpoint: Endpoint) -> str:
    """Where Runway itself tells what was used (POST /v1/organization/usage)."""
    return f"{endpoint.base}/v1/organization/usage"


def uploads_url(endpoint: Endpoint) -> str:
    """Where a place for a file is asked for (POST /v1/uploads)."""
    return f"{endpoint.base}/v1/uploads"


def token_usage_url(endpoint: Endpoint) -> str:
    """Where new-api relays tell what a key has left (controller/token.go)."""
    return f"{endpoint.root}/api/usage/token/"


def billing_url(endpoint: Endpoint, what: str) -> str:
    """Where one-api relays tell their ``subscription`` and ``usage`` (controller/billing.go)."""
    return f"{endpoint.root}/v1/dashboard/billing/{what}"


def charges_url(endpoint: Endpoint, profile: Profile) -> str:
    """Where the last charges are told: where the profile says, or at the same path of another root.

    A key goes to no other site than its own, so the profile's address counts only for a connection
    to the profile's site (openai-hk serves it on another host than its API).
    """
    if profile.log_url and _same_site(endpoint.root, profile.log_url):
        return profile.log_url
    return endpoint.root + CHARGES_PATH


def _same_site(root: str, other: str) -> bool:
    mine, theirs = urlsplit(root), urlsplit(other)
    host, log_host = mine.hostname or "", theirs.hostname or ""
    site = log_host.removeprefix("www.")
    if mine.scheme != "https" or theirs.scheme != "https" or mine.port is not None:
        return False
    return host == site or host.endswith(f".{site}")


def _segment(text: str) -> str:
    quoted = quote(text, safe="", errors="replace")
    return quoted.replace(".", "%2E") if set(text) == {"."} else quoted


def _with_scheme(typed: str) -> str:
    if typed.startswith("//"):
        return f"https:{typed}"
    return typed if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", typed) else f"https://{typed}"


def _split(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        _refuse("is not a web address.")
    if parts.scheme not in _DEFAULT_PORTS:
        _refuse("must begin with https://.")
    if "@" in parts.netloc:
        _refuse("must not hold a user name or a password.")
    host = _host(parts.hostname or "")
    if parts.netloc.endswith(":") or port == 0:
        _refuse("has no valid port.")
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    return parts.scheme, host, parts.path


def _host(host: str) -> str:
    host = host.lower().rstrip(".")
    if ":" in host and _IPV6.fullmatch(host):
        return f"[{host}]"
    if not _NAME.fullmatch(host):
        _refuse("names no site; it should look like https://api.openai-hk.com.")
    return host


def _bare_path(path: str) -> str:
    while True:
        path = path.rstrip("/")
        suffix = next((s for s in _SUFFIXES if path.endswith(s)), None)
        if suffix is None:
            return path
        path = path.removesuffix(suffix)


def _refuse(message: str) -> NoReturn:
    raise InvalidInputError(Problem("base_url", message))
