"""Answers that no honest server gives, each made from a number alone: the same number, the same answer."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from tests.providers.known_refusals import REFUSED
from tests.providers.known_tasks import FILM, TOLD

KEY = "hk-CANARY/0123+456789-wxyz"
"""With characters that JSON and links spell in more than one way."""

URI = "runway://eyJzbG90Ijox"
ORGANIZATION = {
    "creditBalance": 1250,
    "tier": {
        "maxMonthlyCreditSpend": 10_000,
        "models": {"gen4_turbo": {"maxConcurrentGenerations": 2, "maxDailyGenerations": None}},
    },
    "usage": {"models": {"gen4_turbo": {"dailyGenerations": 3}}},
}
USED = [{"date": "2026-02-03", "usedCredits": [{"model": "gen4_turbo", "amount": 25}]}]
GOOD: list[Any] = [
    *(told.body for told in TOLD),
    *(refused.body for refused in REFUSED if not isinstance(refused.body, bytes)),
    *[ORGANIZATION, {"results": USED, "models": ["gen4_turbo"]}] * 4,
    {"code": True, "data": {"total_available": 750_000, "unlimited_quota": False}},
    {"hard_limit_usd": 100.0, "total_usage": 5000},
    {"error": 0, "data": {"logs": [{"yufen": "141434", "ctime": "1703405714"}]}},
    {"uploadUrl": "https://127.0.0.1/x", "fields": {"key": "a"}, "runwayUri": URI},
]
ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**63, -(2**70), 10**400, 0.5, -0.0, 1e-320, 429, 503),
    *(
        float("nan"),
        float("inf"),
        "",
        " ",
        "SUCCEEDED",
        "failed",
        "weird",
        "\x00\x1b[31m",
        "\u202e",
    ),
    *("\ud800", "x" * 5000, "45%", "1e999", "2024-13-45T99:00:00Z", "task_not_exist", "{", '{"a":'),
    *("javascript:alert(1)", "file:///etc/passwd", "http://169.254.169.254/", "https://[bad"),
    *(FILM, f"Bearer {KEY}", KEY, f"https://a.example/{quote(KEY)}", f"(request id: {KEY})"),
    *("insufficient_quota", "data:video/mp4;base64," + "A" * 3000 + " " + KEY, [[[]]], [{}], {}),
]
STATUSES = [200] * 10 + [201, 202, 204, 206, 300, 301, 302, 307, 400, 400, 401, 402, 403, 404, 404]
STATUSES += [405, 408, 409, 413, 418, 422, 429, 429, 451, 500, 502, 503, 504, 520, 599, 600, 999]
KINDS = ["application/json"] * 6 + [
    "text/html",
    "",
    "video/mp4",
    "application/json; charset=utf-99",
]
NAMES = [
    *(
        "id",
        "task_id",
        "status",
        "state",
        "output",
        "url",
        "data",
        "task",
        "error",
        "errors",
        "code",
    ),
    *(
        "message",
        "issues",
        "progress",
        "failure",
        "failureCode",
        "fail_reason",
        "cost",
        "createdAt",
    ),
    *(
        "creditBalance",
        "tier",
        "models",
        "results",
        "usedCredits",
        "amount",
        "logs",
        "yufen",
        "form",
    ),
    *("generate", "generation", "metadata", "artifacts", "fields", "uploadUrl", "__proto__", KEY),
]
Rng = random.Random


class Answer:
    """Bytes, and how they are sent."""

    def __init__(self, data: bytes, how: str = "at once") -> None:
        self.data = data
        self.how = how


def hostile(seed: str) -> tuple[str, Answer]:
    """The kind and the answer of that number."""
    rng = random.Random(seed)
    kind = rng.choices(list(MAKERS), [weight for weight, _ in MAKERS.values()])[0]
    return kind, MAKERS[kind][1](rng)


def odd(rng: Rng, depth: int = 0) -> Any:
    """Any JSON value, or what JSON has no word for."""
    choice = rng.random()
    if depth > 3 or choice < 0.6:
        return rng.choice(ODD)
    if choice < 0.75:
        return [odd(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(NAMES): odd(rng, depth + 1) for _ in range(rng.randrange(6))}


def mutated(rng: Rng, value: Any) -> Any:
    """A good answer with some of it gone and some of it odd."""
    if rng.random() < 0.12:
        return odd(rng, 2)
    if isinstance(value, dict):
        kept = {k: mutated(rng, v) for k, v in value.items() if rng.random() > 0.1}
        if rng.random() < 0.15:
            kept[rng.choice(NAMES)] = odd(rng, 2)
        return kept
    return [mutated(rng, v) for v in value] if isinstance(value, list) else value


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


def spelled(rng: Rng, value: Any) -> bytes:
    """JSON, at times with every slash in its other spelling."""
    body = text(value)
    return body.replace(b"/", b"\\/") if rng.random() < 0.2 else body


def framed(rng: Rng, body: bytes, *lines: str, status: int = 0, kind: str = "") -> Answer:
    """A well-formed HTTP answer with odd headers."""
    code = status or rng.choice(STATUSES)
    head = [f"HTTP/1.1 {code} X", f"Content-Type: {kind or rng.choice(KINDS)}", *lines]
    if rng.random() < 0.15:
        name = rng.choice(
            ["Retry-After", "X-RateLimit-Reset", "X-Request-Id", "Set-Cookie", "Date"]
        )
        values = ["5", "-1", "1e9", "9" * 30, "Wed, 99 Foo", "\xb2", KEY, "x" * 190 + KEY, "", "1m"]
        head.append(f"{name}: {rng.choice(values)}")
    if 300 <= code < 400:
        target = rng.choice(["/", "http://169.254.169.254/", "//evil", "http://[bad", "\xff", ""])
        head.append(f"Location: {target}")
    if code == 204:
        return Answer("\r\n".join(head).encode("latin-1") + b"\r\n\r\n")
    head.append(f"Content-Length: {len(body)}")
    return Answer("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)


def _truncated(rng: Rng) -> Answer:
    body = text(rng.choice(GOOD))
    return framed(rng, body[: -rng.randrange(1, min(len(body), 30))])


def _nested(rng: Rng) -> Answer:
    opening, depth = (
        rng.choice([b"[", b'{"data":', b'{"task":[']),
        rng.choice([70, 70, 400, 5000, 5000, 100_000]),
    )
    return framed(rng, opening * depth)


def _huge(rng: Rng) -> Answer:
    number = rng.choice(
        ["9" * 5000, "1e999999999999", "-" + "9" * 400, "1E-99999", "0." + "1" * 9000]
    )
    name = rng.choice(["progress", "creditBalance", "createdAt", "n", "status"])
    return framed(rng, f'{{"id":"a1","{name}":{number},"cost":{{"credits":{number}}}}}'.encode())


def _charset(rng: Rng) -> Answer:
    body = json.dumps(rng.choice(GOOD))
    name = rng.choice(["utf-16", "utf-32", "utf-8-sig", "utf-7", "cp500"])
    kind = f"application/json; charset={rng.choice(['utf-16', 'utf-99', 'utf-7', 'cp500'])}"
    return framed(rng, body.encode(name), kind=kind)


def _bomb(rng: Rng) -> Answer:
    named = rng.choice(["gzip", "deflate", "br", "zstd", "gzip, gzip", "x"])
    lines = () if rng.random() < 0.3 else (f"Content-Encoding: {named}",)
    return framed(rng, BOMB, *lines)


def _header_bomb(rng: Rng) -> Answer:
    bomb = rng.choice(
        [
            b"X-A: " + b"a" * 150_000 + b"\r\n",
            b"".join(b"X-%d: y\r\n" % n for n in range(4_000)),
            b"X-A: 1\r\n folded\r\n" * 2000,
            b"no colon\r\n\x00: \xff\r\n",
        ]
    )
    return Answer(b"HTTP/1.1 200 OK\r\n" + bomb + b"Content-Length: 2\r\n\r\n{}", "and close")


def _misframed(rng: Rng) -> Answer:
    body = text(rng.choice(GOOD))
    return Answer(
        rng.choice(
            [
                b"",
                rng.randbytes(200),
                b"SSH-2.0-x\r\n\r\n",
                b"HTTP/1.1 abc\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 7\r\n\r\n" + body,
                b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + body,
                b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + body,
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + body,
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + body,
                b"HTTP/1.1 100 Continue\r\n\r\n" * 60,
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + body,
                b"HTTP/0.9 200\r\n\r\n" + body,
                b"HTTP/1.0 200 OK\r\n\r\n" + body,
            ]
        ),
        "and close",
    )


def _tiring(rng: Rng) -> Answer:
    """Texts that make a careless pattern try everything."""
    unit = rng.choice(
        ["http://", "data:a,", "data:a;b", "(request id: ", "{", "\\", "_jwt=", "https:\\/\\/"]
    )
    size = rng.choice([20_000, 60_000])
    body = text({"error": {"message": (unit * size)[:size] + KEY}, "message": KEY})
    return framed(rng, body, status=rng.choice([200, 400, 401, 500]))


def _large(rng: Rng) -> Answer:
    unit = rng.choice(
        [b'{"id":"' + b"x" * 99, b"[[]," * 25, b" " * 100, b'{"output":["https://a.b/",']
    )
    return framed(rng, unit * rng.choice([9_000, 30_000]), status=200)


def _slow(rng: Rng) -> Answer:
    good = framed(rng, text(rng.choice(GOOD)), status=200).data
    return Answer(good, rng.choice(["byte by byte", "never to its end"]))


BOMB = gzip.compress(bytes(64 << 20), 9)
MAKERS: dict[str, tuple[int, Callable[[Rng], Answer]]] = {
    "good": (
        8,
        lambda rng: framed(rng, text(rng.choice(GOOD)), status=rng.choice([200, 200, 400])),
    ),
    "mutated": (36, lambda rng: framed(rng, spelled(rng, mutated(rng, rng.choice(GOOD))))),
    "any JSON": (12, lambda rng: framed(rng, spelled(rng, odd(rng)))),
    "truncated": (5, _truncated),
    "a page": (4, lambda rng: framed(rng, b"<html><body>502 " + KEY.encode() + b"</body></html>")),
    "noise": (4, lambda rng: framed(rng, rng.randbytes(rng.randrange(300)))),
    "nested": (3, _nested),
    "huge numbers": (4, _huge),
    "another charset": (4, _charset),
    "a gzip bomb": (3, _bomb),
    "a header bomb": (1, _header_bomb),
    "misframed": (6, _misframed),
    "tiring": (2, _tiring),
    "large": (1, _large),
    "slow": (2, _slow),
}


class HostileServer:
    """Answers by the number in a path's first part; ``/u7`` gives a good form that leads to ``/s7``."""

    def __init__(self) -> None:
        self.served: Counter[str] = Counter()
        """Answers given, by their kind."""
        self.asked: Counter[str] = Counter()
        """Requests, by the path's first part."""
        self.told_key: set[str] = set()
        """Where the key came in, by the path's first part."""
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def run(self, use: Callable[[HostileServer], Awaitable[None]]) -> None:
        """Serve while `use` runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            await use(self)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer_one(reader, writer):
                pass
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the other side has gone, or the test is over
        finally:
            writer.transport.abort()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await reader.readexactly(int(line[15:]))
        path = head.split()[1].decode()
        name = path.split("/")[1]
        self.asked[name] += 1
        if KEY.encode() in head:
            self.told_key.add(name)
        if name.startswith("u") and path.endswith("/v1/uploads"):
            answer = self._form(name)
        else:
            kind, answer = hostile(f"{name}.{self.asked[name]}")
            self.served[kind] += 1
        return await _send(answer, reader, writer)

    def _form(self, name: str) -> Answer:
        form = {"uploadUrl": f"{self.url}/s{name[1:]}/x", "fields": {"k": "v"}, "runwayUri": URI}
        body = text(form)
        return Answer(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


async def _send(answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    if answer.how == "byte by byte":
        for byte in answer.data:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)
    elif answer.how == "never to its end":
        writer.write(answer.data[:-1])
        await writer.drain()
        await reader.read()  # until the other side gives up
    else:
        writer.write(answer.data)
        await writer.drain()
    return answer.how == "at once"
