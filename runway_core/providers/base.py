"""What every protocol can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from decimal import Decimal

from runway_core.catalog import Catalog, ModelSpec, Profile, catalog
from runway_core.domain import GenerationRequest, Noun, Submitted, TaskUpdate
from runway_core.http import Http, Observe
from runway_core.providers.address import Endpoint
from runway_core.providers.refusals import Who


class Balance(Noun):
    """What is left at the provider."""

    amount: Decimal
    unit: str
    """The provider's own unit, such as ``credit``."""


class Probe(Noun):
    """What a free call says about a connection."""

    ok: bool
    message: str
    hint: str = ""
    url: str
    """The address that was called."""
    elapsed_ms: int


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
    ) -> None:
        self.profile = profile
        self.endpoint = endpoint
        self.who = Who(title=profile.title, kind=profile.kind, secrets=(key,) if key else ())
        self._key = key
        self._http = http
        self._observe = observe

    def spec(self, request: GenerationRequest) -> ModelSpec:
        """What this profile offers of the model that is asked for.

        Raises:
            InvalidInputError: it does not offer it.
        """
        offered = Catalog(profiles=(self.profile,), models=catalog().models)
        return offered.spec(self.profile.id, request.model, request.capability)

    @abstractmethod
    async def submit(self, request: GenerationRequest) -> Submitted:
        """Ask for a video: this costs money, is sent once and never again by itself.

        Pictures must be ``https://`` links or ``data:`` URIs.

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

    @abstractmethod
    async def probe(self) -> Probe:
        """Try address and key with a free call; never raises ProviderError."""
