"""Somebody else's computer that makes many calls at once: run it in a process of its own."""

from __future__ import annotations

import asyncio
import time

Call = tuple[str, bytes, str]
"""Path, body, and one more header."""
TOGETHER = 200


def storm(port: int, calls: list[Call]) -> list[tuple[int, float]]:
    """Make the calls, 200 at a time; the status and the seconds of each."""
    return asyncio.run(_storm(port, calls))


async def _post(port: int, path: str, raw: bytes, header: str) -> tuple[int, float]:
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"{header}\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    writer.write(head.encode() + raw)
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]), time.monotonic() - began


async def _storm(port: int, calls: list[Call]) -> list[tuple[int, float]]:
    room = asyncio.Semaphore(TOGETHER)

    async def one(path: str, raw: bytes, header: str) -> tuple[int, float]:
        async with room:
            return await _post(port, path, raw, header)

    return await asyncio.gather(*(one(*call) for call in calls))
