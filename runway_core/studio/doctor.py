"""Checks a connection step by step, by free calls only: where it ends, why, and what to do about it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import get_args
from urllib.parse import urlsplit

from runway_core.domain import Connection, Exchange
from runway_core.errors import (
    AuthenticationError,
    DeskError,
    InsufficientCreditsError,
    PermissionDeniedError,
    ProviderError,
)
from runway_core.http import Http, Reply, clean, reach
from runway_core.people import Right
from runway_core.policy import patiently
from runway_core.providers import Account, Balance, Probe, Provider
from runway_core.providers.refusals import plain, read_complaint, refusal
from runway_core.settings import Settings
from runway_core.store import Store
from runway_core.studio import findings
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now
from runway_core.studio.connections import Connections
from runway_core.studio.diagnosis import Diagnosis, Step, StepName
from runway_core.studio.hosts import sandbox_host
from runway_core.studio.reaching import stage_step, unencrypted

Tell = Callable[[Step], None]

_NOWHERE = "/no-such-place"
"""A path that no API has: what answers there like at the real one knows neither."""
_NEEDED: tuple[StepName, ...] = tuple(n for n in get_args(StepName) if n not in ("limits", "clock"))
_HEADERS = {"authorization": "Authorization", "x-api-key": "X-API-Key"}
_OF_TASKS = ("task", "任务")
"""Words of an answer that knows what a task is."""


class Doctor(Service):
    """Checks connections. Every call is a look: nothing is made and nothing is charged."""

    def __init__(self, settings: Settings, *, store: Store, connections: Connections) -> None:
        self._settings = settings
        super().__init__(store)
        self._connections = connections

    @may(Right.MANAGE)
    def examine(
        self, connection: Connection, *, tell: Tell | None = None, patience: float = 15.0
    ) -> Diagnosis:
        """Check a connection; the balance that is learnt is remembered.

        Args:
            tell: called as each step ends.
            patience: seconds for each step that may hang.

        Raises:
            StorageError: what was learnt can't be saved.
        """
        visit = _Visit(connection, self._connections, tell=tell, patience=patience)
        hosts: set[tuple[str, int]] = set(self._settings.private_hosts)
        sandbox = sandbox_host(self._settings)
        if sandbox is not None:
            hosts.add(sandbox)
        diagnosis = asyncio.run(visit.run(frozenset(hosts)))
        if diagnosis.balance is not None:
            self._store.connections.set_balance(
                connection.id, diagnosis.balance, diagnosis.unit, diagnosis.checked_at
            )
        if visit.key_accepted:
            self._connections.mended(connection.id)
        elif visit.key_refused:
            self._connections.refused(connection, visit.key_refused)
        return diagnosis


class _Visit:
    """One check of one connection."""

    def __init__(
        self,
        connection: Connection,
        connections: Connections,
        *,
        tell: Tell | None,
        patience: float,
    ) -> None:
        self._connection = connection
        self._connections = connections
        self._profile = connections.profile(connection)
        self._tell = tell
        self._patience = patience
        self._steps: list[Step] = []
        self._seen: list[Exchange] = []
        self._key = ""
        self._no_key: DeskError | None = None
        self._provider: Provider | None = None
        self._balance: Balance | None = None
        self._said = ""
        self.key_accepted = False
        """Whether the provider was seen to take this key and no other."""
        self.key_refused = ""
        """What is told of that, where the provider refuses the key itself."""

    async def run(self, private_hosts: frozenset[tuple[str, int]]) -> Diagnosis:
        started, at = time.monotonic(), now()
        async with Http(private_hosts=private_hosts) as http:
            if self._prepare(http) and await self._reach(private_hosts):
                await self._ask(http)
        return self._diagnosis(at, round((time.monotonic() - started) * 1000))

    def _prepare(self, http: Http) -> bool:
        try:
            root = self._connections.root(self._connection)
        except DeskError as error:
            self._add(Step(name="address", state="failed", says=str(error), do=error.hint))
            return False
        try:
            self._key = self._connections.key(self._connection)
        except DeskError as error:
            self._no_key = error
        try:
            self._provider = self._open(http, root=root, key=self._key)
        except DeskError as error:
            do = "Correct it under Change."
            self._add(Step(name="address", state="failed", says=str(error), do=do))
        return self._provider is not None

    def _open(
        self, http: Http, *, root: str, key: str, options: Mapping[str, str] | None = None
    ) -> Provider:
        return self._connections.provider(
            self._connection, http, root=root, key=key, options=options, observe=self._seen.append
        )

    async def _reach(self, private_hosts: frozenset[tuple[str, int]]) -> bool:
        url = self._root
        stages = await reach(
            url,
            private_hosts=private_hosts,
            seconds=self._patience,
            tell=lambda stage: self._add(stage_step(stage, url)),
        )
        reached = not stages[-1].fault
        if reached and url.startswith("http://"):
            self._add(unencrypted(urlsplit(url).hostname or ""))
        return reached

    async def _ask(self, http: Http) -> None:
        assert self._provider is not None
        probe, exchange = await self._probe(self._provider)
        self._add(findings.answer_step(exchange))
        if exchange.status_code is None:
            return
        if probe.ok:
            await self._answered(http, exchange)
        else:
            await self._refused(http, exchange)
        clock = findings.clock_step(exchange)
        if clock is not None:
            self._add(clock)

    async def _probe(self, provider: Provider) -> tuple[Probe, Exchange]:
        """A free call, and the last exchange that it took."""
        before = len(self._seen)
        try:
            async with asyncio.timeout(self._patience):
                probe = await provider.probe()
        except TimeoutError:
            probe = Probe(ok=False, message="", url="", elapsed_ms=round(self._patience * 1000))
        if len(self._seen) > before:
            return probe, self._seen[-1]
        nothing = "It could not be asked." if probe.ok or not probe.message else probe.message
        return probe, Exchange(
            method="GET",
            url=probe.url,
            error=nothing,
            started_at=now(),
            elapsed_ms=probe.elapsed_ms,
        )

    async def _answered(self, http: Http, exchange: Exchange) -> None:
        """The free call went as it should; a relay's good answer is a refusal that may mean little."""
        reply, title = _reply(exchange), self._profile.title
        if reply.status >= 400 and not _knows_tasks(reply):
            _, elsewhere = await self._probe(
                self._open(http, root=self._root + _NOWHERE, key=self._key)
            )
            if findings.alike(exchange, elsewhere):
                says, do = findings.no_such_place(exchange.url)
                await self._wrong_service(
                    http, Step(name="service", state="failed", says=says, do=do)
                )
                return
        self._add(Step(name="service", state="ok", says=f"It answers as {title} does."))
        if self._no_key is not None:
            self._add(self._key_missing())
        elif await self._needs_key(http):
            self.key_accepted = True
            self._add(findings.accepted(title))
            await self._account()
        else:
            self._add(findings.unproven(title))
            await self._account()

    async def _needs_key(self, http: Http) -> bool:
        """Whether the same call without a key is refused for the lack of it."""
        _, bare = await self._probe(self._open(http, root=self._root, key=""))
        return bare.status_code is not None and isinstance(
            self._meant(_reply(bare)), AuthenticationError | PermissionDeniedError
        )

    async def _refused(self, http: Http, exchange: Exchange) -> None:
        reply, title = _reply(exchange), self._profile.title
        error = self._meant(reply)
        self._said = error.said
        if isinstance(error, AuthenticationError) and self._no_key is None:
            self.key_refused = f"{title} refused the API key. It goes on once the key works."
        judged = findings.judge_refusal(
            error, reply, title=title, url=exchange.url, unread=exchange.error
        )
        if judged.key is None:
            await self._wrong_service(http, judged.service)
            return
        self._add(judged.service)
        self._add(judged.key if self._no_key is None else self._key_missing())
        if isinstance(error, InsufficientCreditsError):
            self._add(findings.no_credit(error))

    async def _wrong_service(self, http: Http, found: Step) -> None:
        """Look whether the API is at a plainer address of the same host, and say so."""
        for root, options, where in self._elsewhere():
            probe, exchange = await self._probe(
                self._open(http, root=root, key=self._key, options=options)
            )
            good = exchange.status_code is not None and (
                (probe.ok and (exchange.status_code < 400 or _knows_tasks(_reply(exchange))))
                or isinstance(self._meant(_reply(exchange)), AuthenticationError)
            )
            if good:
                found = found.model_copy(update={"do": f"The API answers at {where}"})
                break
        self._add(found)

    def _elsewhere(self) -> list[tuple[str, dict[str, str], str]]:
        """Other addresses of the same host that may be meant: root, settings, and what to change."""
        parts = urlsplit(self._root)
        bare = f"{parts.scheme}://{parts.netloc}"
        found: list[tuple[str, dict[str, str], str]] = []
        if bare != self._root:
            found.append((bare, {}, f"{bare}: save that as the address."))
        if self._profile.setting("prefix") is not None and self._provider is not None:
            other = "/" if self._provider.endpoint.prefix else "/runwayml"
            says = f"{bare} with the path “{other}” in front: change that in the further settings."
            found.append((bare, {"prefix": other}, says))
        return found

    async def _account(self) -> None:
        assert self._provider is not None
        account: Account | None = None
        try:
            async with asyncio.timeout(self._patience):
                account = await patiently(self._provider.account)
                if account is None:
                    self._balance = await patiently(self._provider.balance)
                else:
                    self._balance = account.balance
        except (DeskError, TimeoutError) as error:
            says = f"It could not be asked for: {str(error) or 'no answer came in time.'}"
            self._add(Step(name="balance", state="warning", says=says))
            return
        known = self._known_balance()
        self._add(
            findings.balance_step(
                self._balance, title=self._profile.title, known=known, unit=self._profile.unit
            )
        )
        if account is not None:
            models = frozenset(spec.id for spec in self._profile.specs)
            self._add(findings.limits_step(account, models))

    def _known_balance(self) -> tuple[Decimal, datetime] | None:
        one = self._connection
        return (one.balance, one.balance_at) if one.balance is not None and one.balance_at else None

    def _key_missing(self) -> Step:
        assert self._no_key is not None
        return Step(
            name="key",
            state="failed",
            says=str(self._no_key),
            do=f"Enter the key under Change. {self._no_key.hint}".replace(
                " Enter it in Settings.", ""
            ),
        )

    def _meant(self, reply: Reply) -> ProviderError:
        assert self._provider is not None
        return refusal(reply, self._provider.who, "look")

    @property
    def _root(self) -> str:
        assert self._provider is not None
        return self._provider.endpoint.root

    def _add(self, step: Step) -> None:
        shown = step.model_copy(update={"says": self._clean(step.says), "do": self._clean(step.do)})
        self._steps.append(shown)
        if self._tell:
            self._tell(shown)

    def _clean(self, text: str) -> str:
        # Calls without the key don't know it, and a server may remember it.
        return clean(text, (self._key,) if self._key else ())

    def _diagnosis(self, at: datetime, elapsed_ms: int) -> Diagnosis:
        have = {step.name for step in self._steps}
        failed = any(step.state == "failed" for step in self._steps)
        for name in _NEEDED:
            if failed and name not in have:
                self._add(Step(name=name, state="not reached", says=""))
        order = list(get_args(StepName))
        urls = self._provider.create_urls() if self._provider else ()
        return Diagnosis(
            connection=self._connection.name,
            profile=self._profile.title,
            urls=tuple(f"POST {url}" for url in urls),
            key_header=self._key_header(),
            steps=tuple(sorted(self._steps, key=lambda step: order.index(step.name))),
            balance=self._balance.amount if self._balance else None,
            unit=self._balance.unit if self._balance else "",
            request_ids=tuple(
                dict.fromkeys(self._clean(plain(e.request_id)) for e in self._seen if e.request_id)
            ),
            said=self._clean(self._said),
            checked_at=at,
            elapsed_ms=elapsed_ms,
        )

    def _key_header(self) -> str:
        """As it was sent, or else as it would be."""
        for exchange in self._seen:
            for name, value in exchange.request_headers.items():
                if name.lower() in _HEADERS:
                    return self._clean(f"{_HEADERS[name.lower()]}: {value}")
        headers = self._provider.key_headers() if self._provider else {}
        lines = [f"{name}: {self._clean(value)}" for name, value in headers.items()]
        return "; ".join(lines) or "no key is sent"


def _reply(exchange: Exchange) -> Reply:
    return Reply(
        status=exchange.status_code or 0,
        headers={name.lower(): value for name, value in exchange.response_headers.items()},
        body=exchange.response_body.encode(),
        elapsed_ms=exchange.elapsed_ms,
    )


def _knows_tasks(reply: Reply) -> bool:
    complaint = read_complaint(reply)
    text = f"{complaint.text} {' '.join(complaint.codes)}".lower()
    return any(word in text for word in _OF_TASKS)
