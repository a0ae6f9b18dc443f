"""What every protocol can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol, Self

from runway_core.catalog import Catalog, ModelSpec, Profile, catalog
from runway_core.catalog.parts import as_text
from runway_core.domain import (
    Capability,
    GenerationRequest,
    ModelLimit,
    Noun,
    Submitted,
    TaskUpdate,
)
from runway_core.errors import DeskError, InvalidInputError, Problem
from runway_core.http import Http, Observe
from runway_core.providers.address import Endpoint, create_url
from runway_core.providers.refusals import Who


class Balance(Noun):
    """What is left at the provider."""

    amount: Decimal
    unit: str
    """The provider's own unit, such as ``credit``; ``unit`` where a relay does not say which it is."""

    @property
    def text(self) -> str:
        """As people say it, such as ``1,250 credits`` or ``0.7 USD``."""
        amount = f"{self.amount.normalize():,f}" if self.amount else "0"
        plural = "s" if self.amount != 1 and self.unit in ("credit", "point", "unit") else ""
        return f"{amount} {self.unit}{plural}"


class Account(Noun):
    """What Runway says about an organization (GET /v1/organization)."""

    balance: Balance
    monthly_spend: int | None
    """Most credits in 30 days."""
    limits: tuple[ModelLimit, ...] = ()


class DayUsage(Noun):
    """Credits that one model used on one day (UTC); negative after a refund."""

    day: date
    model: str
    credits: Decimal


class Outline(Noun):
    """A create as it goes over the wire: a POST of `body` as JSON to `url`."""

    url: str
    headers: dict[str, str]
    """What carries the key included."""
    body: dict[str, object]


class Memory(Protocol):
    """What a provider has learnt about one connection, kept over restarts."""

    def get(self, name: str) -> str:
        """What was remembered; empty when nothing was."""

    def set(self, name: str, value: str) -> None:
        """Remember it."""


class Forgetful:
    """A memory that lasts as long as the program."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def get(self, name: str) -> str:
        return self._values.get(name, "")

    def set(self, name: str, value: str) -> None:
        self._values[name] = value


class Careful:
    """A memory that forgets when it fails: nothing learnt is worth losing a paid task over."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, name: str) -> str:
        with suppress(DeskError):
            return self._memory.get(name)
        return ""

    def set(self, name: str, value: str) -> None:
        """Remember it if it is new."""
        with suppress(DeskError):
            if self._memory.get(name) != value:
                self._memory.set(name, value)


class Probe(Noun):
    """What a free call says about a connection."""

    ok: bool
    message: str
    hint: str = ""
    url: str
    """The address that was called."""
    elapsed_ms: int


Gate = Callable[[], Awaitable[None]]
"""Asked before each request of a key: returns when it may go out, raises ProviderError when it may not now."""


class Provider(ABC):
    """A client for one connection. Every method but `probe` raises ProviderError."""

    def __init__(
        self,
        profile: Profile,
        endpoint: Endpoint,
        *,
        key: str,
        http: Http,
        observe: Observe | None = None,
        options: Mapping[str, str] | None = None,
        memory: Memory | None = None,
        gate: Gate | None = None,
    ) -> None:
        self.profile = profile
        self.endpoint = endpoint
        self.who = Who(
            title=profile.title,
            kind=profile.kind,
            secrets=(key,) if key else (),
            plain_http=endpoint.root.startswith("http://"),
        )
        self._key = key
        self._http = http
        self._observe = observe
        self._options = dict(options or {})
        self._memory = Careful(memory or Forgetful())
        self._gate = gate or _open

    def through(self, observe: Observe, *, gate: Gate) -> Self:
        """The same client, which tells of its requests elsewhere and asks somebody else before each."""
        other = copy(self)
        other._observe, other._gate = observe, gate
        return other

    @property
    def proven(self) -> bool:
        """Whether a create that is sent again with its own token is known to make no second one."""
        return False

    def option(self, name: str) -> str:
        """What the connection sets, or the profile's default; empty when neither does."""
        setting = self.profile.setting(name)
        default = "" if setting is None or setting.default is None else as_text(setting.default)
        return self._options.get(name, default)

    def spec(self, request: GenerationRequest) -> ModelSpec:
        """What this profile offers of the model that is asked for, as its options make it.

        Raises:
            InvalidInputError: it does not offer it.
        """
        offered = Catalog(profiles=(self.profile,), models=catalog().models)
        spec = offered.spec(self.profile.id, request.model, request.capability)
        return spec.given(request.options)

    @classmethod
    def create_address(
        cls, endpoint: Endpoint, capability: Capability, options: Mapping[str, str]
    ) -> str:
        """Where a create is sent by a connection with these options."""
        return create_url(endpoint, capability)

    def create_urls(self) -> tuple[str, ...]:
        """Every address that a create of this connection may go to."""
        options = {setting.name: self.option(setting.name) for setting in self.profile.settings}
        urls = (
            self.create_address(self.endpoint, made, options)
            for made in self.profile.capabilities()
        )
        return tuple(dict.fromkeys(urls))

    def key_headers(self) -> dict[str, str]:
        """The headers that carry the key; none without a key."""
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}

    @abstractmethod
    def outline(self, request: GenerationRequest, *, token: str, callback_url: str = "") -> Outline:
        """The create that `submit` sends, or begins with where it knows several; nothing is sent here.

        Raises:
            InvalidInputError: the profile has no such model, or a file is no link yet.
        """

    @abstractmethod
    async def submit(
        self, request: GenerationRequest, *, token: str, callback_url: str = ""
    ) -> Submitted:
        """Ask for a video: this costs money, is sent once and never again by itself.

        Files must be ``https://`` links, ``data:`` URIs or uploads. `token` is the same for the same
        wish; a provider that knows idempotency keys makes them from it. `callback_url` is called by
        providers that can, when the task has ended.

        Raises:
            InvalidInputError: the profile has no such model; nothing was sent.
            ProviderError: its ``outcome`` says whether it may have been charged.
        """

    @abstractmethod
    async def retrieve(self, remote_id: str, *, submitted_at: datetime | None = None) -> TaskUpdate:
        """Look at a task; free. `submitted_at` helps with tasks that a relay does not know yet.

        Raises:
            ProviderError: nothing was learnt; the task is as before.
        """

    @abstractmethod
    async def cancel(self, remote_id: str) -> None:
        """Stop a task that runs, or forget one that has ended; also when it is gone already.

        Raises:
            ProviderError: it may still be running.
        """

    @abstractmethod
    async def balance(self) -> Balance | None:
        """What is left, or None when this provider does not tell.

        Raises:
            ProviderError: it could not be asked.
        """

    async def account(self) -> Account | None:
        """Balance and limits of the plan, or None when this provider does not tell.

        Raises:
            ProviderError: it could not be asked.
        """
        return None

    @classmethod
    def tells_usage(cls, profile: Profile) -> bool:
        """Whether this provider has a call that tells what was used each day."""
        return False

    async def usage(self, start: date, before: date) -> tuple[DayUsage, ...] | None:
        """What was used each day from `start` up to and without `before`, or None when it is not told.

        Raises:
            ProviderError: it could not be asked.
        """
        return None

    async def upload(self, path: Path, *, filename: str, mime: str) -> str:
        """Bring a file to the provider; free. Returns what stands for it in a request.

        Raises:
            InvalidInputError: this provider takes no uploads.
            ProviderError: it could not be brought there.
        """
        raise InvalidInputError(
            Problem("media", f"{self.profile.title} takes no file as large as {filename}.")
        )

    @abstractmethod
    async def probe(self) -> Probe:
        """Try address and key with a free call; never raises ProviderError."""


async def _open() -> None:
    """Nothing is held back."""
