"""No answer on earth breaks the check or makes it show the key."""

from __future__ import annotations

import random

import pytest

from tests.doctor.conftest import (
    KEY,
    Examine,
)
from tests.http.raw_server import RawServer, answer


def hostile(chance: random.Random) -> bytes:
    """Answers that mean harm: bent good ones, odd headers, odd places to go on to."""
    texts: list[bytes] = [
        text if isinstance(text, bytes) else text.encode()
        for text in (
            "",
            "null",
            "[[[[" * 200,
            '{"error":' * 60,
            '{"creditBalance":1e999999,"tier":{"models":[1]},"usage":NaN}',
            '{"error":{"message":["x"],"code":{"a":1}},"issues":[{"path":[1,{}]}]}',
            b"\xff\xfe\x00" * 30,
            f'{{"error":"{KEY}","message":"{{0}} {{url}} %s"}}',
            '{"errors":[null,{"extensions":[]}],"data":{"__typename":5}}',
            '{"error":"Could not find Task"',
        )
    ]
    body = chance.choice(texts)
    if chance.random() < 0.5 and body and KEY.encode() not in body:  # a bent key is no key
        cut = chance.randrange(len(body))
        body = body[:cut] + body[cut + 1 :]
    headers = chance.sample(
        [
            "Location: http://[::1",
            "Location: \x7f//{host}\t",
            f"Location: https://{KEY}@x.example/{KEY}",
            "Date: Mon, 32 Foo 99999 25:61:61 +9999",
            "Retry-After: 99999999999999999999",
            f"X-Request-Id: {KEY}",
            "X-RateLimit-Reset: 1e9999",
        ],
        k=3,
    )
    status = chance.choice(
        ["200 OK", "301 X", "400 X", "401 X", "403 X", "404 X", "429 X", "599 X"]
    )
    kind = chance.choice(["application/json", "text/html", "", "application/json; charset=utf-7"])
    return answer(body, status, *headers, kind=kind)


@pytest.mark.parametrize("seed", range(8, 23))
def test_no_answer_on_earth_breaks_the_check(examine: Examine, seed: int) -> None:
    chance = random.Random(seed)
    profile = chance.choice(["custom", "runway", "doitong"])
    with RawServer(lambda line, _: line.send(hostile(chance))) as server:
        found = examine(server.url, profile=profile)
    assert found.ok or found.trouble
