"""10,000 hostile answers over real sockets, shared out over every call of every provider."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from runway_core.catalog import ModelSpec, Profile, catalog
from runway_core.domain import (
    Exchange,
    Frame,
    FramePosition,
    GenerationRequest,
    Submitted,
    TaskUpdate,
)
from runway_core.errors import DeskError, NoAnswerError
from runway_core.http import Http
from runway_core.providers import PROVIDERS, Probe, Provider, open_provider
from tests.providers.hostile import KEY, MAKERS, HostileServer

ANSWERS = 10_000
LONGEST = 0.5
"""Seconds of every call's deadline."""
AT_ONCE = 8
MEMORY_MOST = 64
"""MiB."""
Call = Callable[[Provider, Http, Path, str], Awaitable[object]]


def wish(spec: ModelSpec) -> GenerationRequest:
    """The plainest request that a model takes."""
    frames = (Frame(uri="https://pictures.example/a.png"),) if spec.positions else ()
    assert not frames or FramePosition.FIRST in spec.positions
    return GenerationRequest(
        capability=spec.capability,
        model=spec.id,
        prompt="A wave" if spec.prompt_max else "",
        frames=frames,
        ratio=(spec.ratios or ("",))[0],
        duration=(spec.durations or (0,))[0],
    )


async def submit(provider: Provider, http: Http, path: Path, url: str) -> object:
    spec = next(s for s in provider.profile.specs if not any(m.least for m in s.media))
    return await provider.submit(wish(spec), token=url)


async def look(provider: Provider, http: Http, path: Path, url: str) -> object:
    return await provider.retrieve("a-task", submitted_at=datetime.now(UTC))


async def cancel(provider: Provider, http: Http, path: Path, url: str) -> object:
    await provider.cancel("a-task")
    return None


async def balance(provider: Provider, http: Http, path: Path, url: str) -> object:
    return await provider.balance()


async def account(provider: Provider, http: Http, path: Path, url: str) -> object:
    return await provider.account()


async def usage(provider: Provider, http: Http, path: Path, url: str) -> object:
    return await provider.usage(date(2026, 1, 1), date(2026, 5, 1))


async def probe(provider: Provider, http: Http, path: Path, url: str) -> object:
    return await provider.probe()


async def upload(provider: Provider, http: Http, path: Path, url: str) -> object:
    return await provider.upload(path, filename="a.mp4", mime="video/mp4")


async def download(provider: Provider, http: Http, path: Path, url: str) -> object:
    return await http.download(url, path.with_suffix(f".{url.rpartition('/')[2]}"))


CALLS: dict[str, Call] = {
    "submit": submit,
    "retrieve": look,
    "cancel": cancel,
    "balance": balance,
    "account": account,
    "usage": usage,
    "probe": probe,
    "upload slot": upload,
    "storage": upload,
    "download": download,
}


class Attack:
    """What came of all the calls."""

    def __init__(self, server: HostileServer, file: Path) -> None:
        self.server = server
        self.file = file
        self.outcomes: Counter[str] = Counter()
        self.foreign: list[str] = []
        self.leaks: list[str] = []
        self.late: list[tuple[str, str, Profile]] = []
        self.latest = 0.0
        """Most seconds that a call took beyond its deadlines."""
        self.memory: list[float] = []

    def rounds(self) -> Iterator[tuple[str, str, Profile]]:
        """Numbers, calls and profiles, until enough answers were given."""
        number = 0
        while self.server.served.total() < ANSWERS:
            for profile in catalog().profiles:
                for call in CALLS:
                    number += 1
                    yield f"{'u' if call == 'storage' else 'r'}{number}", call, profile

    async def work(self, http: Http, rounds: Iterator[tuple[str, str, Profile]]) -> None:
        for name, call, profile in rounds:
            if await self._one(http, name, call, profile) > 1:
                self.late.append((name, call, profile))
            if self.outcomes.total() % 25 == 0:
                self.memory.append(resident())

    async def again(self, http: Http) -> None:
        """Make each late call once more, alone: on a busy machine any call may be late, by chance."""
        for name, call, profile in self.late:
            for part in (name, f"s{name[1:]}"):
                self.server.asked[part] = 0
            self.latest = max(self.latest, await self._one(http, name, call, profile))

    async def _one(self, http: Http, name: str, call: str, profile: Profile) -> float:
        """Seconds that the call took beyond its deadlines."""
        seen: list[Exchange] = []
        url = f"{self.server.url}/{name}"
        provider = open_provider(
            profile.model_copy(update={"uploads": True}),
            url,
            key=KEY,
            http=http,
            observe=seen.append,
        )
        started = time.monotonic()
        try:
            found = await CALLS[call](provider, http, self.file, url)
        except DeskError as error:
            self._failed(name, call, error)
        except Exception as error:  # noqa: BLE001 - that none gets here is what is shown
            self.foreign.append(f"{name} {call}: {type(error).__name__}: {error}")
        else:
            self._fine(name, call, found)
        asked = self.server.asked[name] + self.server.asked[f"s{name[1:]}"]
        took = time.monotonic() - started
        self._told(name, call, "".join(exchange.model_dump_json() for exchange in seen))
        untold = name if call == "download" else f"s{name[1:]}"
        if untold in self.server.told_key:
            self.leaks.append(f"{name} {call}: the key was sent")
        return took - LONGEST * max(1, asked)

    def _failed(self, name: str, call: str, error: DeskError) -> None:
        self.outcomes["no answer" if isinstance(error, NoAnswerError) else "an error"] += 1
        words = f"{error} {error.hint} {vars(error)!r}"
        assert str(error) and error.hint and words.isprintable(), f"{name} {call}: {words!r}"
        self._told(name, call, words)

    def _fine(self, name: str, call: str, found: object) -> None:
        told = found.ok if isinstance(found, Probe) else True
        self.outcomes["a value" if told else "an error"] += 1
        if isinstance(found, Submitted | Probe):
            self._told(name, call, found.model_dump_json())
        if isinstance(found, TaskUpdate):
            self._told(name, call, found.model_copy(update={"outputs": ()}).model_dump_json())
            assert all(link.startswith("http") for link in found.outputs)

    def _told(self, name: str, call: str, words: str) -> None:
        if call == "download":
            return  # a file server is never told the key, so that it can't tell it back
        if "CANARY" in words or "0123+456789" in words:
            at = max(words.find("CANARY"), words.find("0123+456789"))
            self.leaks.append(f"{name} {call}: {words[max(0, at - 300) : at + 60]}")


def resident() -> float:
    """MiB that this process holds now."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def attack(file: Path) -> Attack:
    made = Attack(HostileServer(), file)

    async def use(server: HostileServer) -> None:
        hosts = frozenset({("127.0.0.1", server.port)})
        rounds = made.rounds()
        async with Http(private_hosts=hosts, longest=LONGEST) as http:
            await asyncio.gather(*(made.work(http, rounds) for _ in range(AT_ONCE)))
            await made.again(http)

    await made.server.run(use)
    return made


@pytest.mark.timeout(300)
def test_10_000_hostile_answers_leave_no_trace(
    tmp_path: Path, record_property: Callable[[str, Any], None]
) -> None:
    file = tmp_path / "film.mp4"
    file.write_bytes(b"x" * 4096)
    started = time.monotonic()
    made = asyncio.run(attack(file))
    took = time.monotonic() - started
    rise = max(made.memory) - made.memory[0]
    record_property("hostile answers", made.server.served.total())
    record_property("hostile answers, seconds", round(took, 1))
    record_property("hostile answers, MiB more", round(rise, 1))
    record_property("hostile answers, calls over 1 s late on a busy machine", len(made.late))
    assert not made.foreign, "\n".join(made.foreign[:5])
    assert not made.leaks, "\n".join(made.leaks[:2])
    assert made.latest < 1
    assert rise < MEMORY_MOST
    assert made.server.served.total() >= ANSWERS
    assert set(made.server.served) == set(MAKERS)
    # Not everything failed on the way: answers were read, and some of them as good ones.
    assert made.outcomes["a value"] > made.outcomes.total() / 20
    assert made.outcomes["an error"] > made.outcomes.total() / 3


def test_every_protocol_is_attacked() -> None:
    assert {profile.protocol for profile in catalog().profiles} == set(PROVIDERS)
