"""Signatures and addresses of calls: the known vectors, and nothing else on earth."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.webhooks import subject_of, token_for, verify

SECRET = "doitong-test-secret"
HEADER = "X-Doitong-Signature"
JOB = {
    "id": "abc123xyz",
    "status": "completed",
    "url": "https://cdn.doitong.com/outputs/abc123xyz.mp4",
    "service": "runway",
    "createdAt": "2024-01-01T00:00:00Z",
    "completedAt": "2024-01-01T00:01:00Z",
    "metadata": {"duration": 5, "width": 1920, "height": 1080},
}
PICTURE_JOB = JOB | {"service": "runway-i2v"}
BODY = json.dumps(JOB, separators=(",", ":")).encode()
MAC = "0005f62fa6470f19c953b85cc44eaecf0eb06feebf1940d076de43e1189b0547"
GITHUB = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
KEY = bytes(range(32))


def signed(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("secrets", "body", "header", "good"),
    [
        # GitHub's published vector; the others were computed with the assumed algorithm.
        (["It's a Secret to Everybody"], b"Hello, World!", f"sha256={GITHUB}", True),
        ([SECRET], BODY, f"sha256={MAC}", True),
        ([SECRET], BODY, f"sha256={MAC.upper()}", True),
        ([SECRET], BODY, f"  sha256={MAC} ", True),
        (["old", SECRET], BODY, f"sha256={MAC}", True),
        ([SECRET, "new"], BODY, f"sha1=aa, sha256={'0' * 64},sha256={MAC}", True),
        ([SECRET], json.dumps(JOB).encode(), f"sha256={MAC}", False),
        ([SECRET], BODY + b"\n", f"sha256={MAC}", False),
        ([SECRET], BODY, f"sha1={MAC[:40]}", False),
        ([SECRET], BODY, f"sha1={MAC}", False),
        ([SECRET], BODY, "sha256=abc", False),
        ([SECRET], BODY, "sha256=" + "g" * 64, False),
        ([SECRET], BODY, f"SHA256={MAC}", False),
        ([SECRET], BODY, f"sha256={MAC}0", False),
        ([SECRET], BODY, f"sha256={MAC}\n", False),
        ([SECRET], BODY, "", False),
        ([SECRET], BODY, MAC, False),
        ([SECRET], BODY, "sha256=" + "０" * 64, False),
        (["other"], BODY, f"sha256={MAC}", False),
        ([], BODY, f"sha256={MAC}", False),
        ([""], BODY, signed("", BODY), False),
    ],
)
def test_a_signature_is_good_only_over_the_very_bytes(
    secrets: list[str], body: bytes, header: str, good: bool
) -> None:
    assert verify({HEADER: header}, body, secrets) is good
    assert verify([(b"x-hub-signature-256", header.encode())], body, secrets) is good


def test_other_bodies_of_the_same_provider_have_their_own_signatures() -> None:
    for body in (json.dumps(PICTURE_JOB).encode(), '{"id":"ü","status":"failed"}'.encode()):
        assert verify({HEADER.lower(): signed(SECRET, body)}, body, [SECRET])
        assert not verify({HEADER: signed(SECRET, body)}, BODY, [SECRET])


STANDARD = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENT = datetime.fromtimestamp(1614265330, UTC)


@pytest.mark.parametrize(
    ("changes", "now", "good"),
    [
        ({}, None, True),
        ({}, SENT + timedelta(seconds=299), True),
        ({}, SENT - timedelta(seconds=301), False),
        ({}, SENT + timedelta(days=1), False),
        ({"webhook-signature": f"v1a,xx v1,bad {STANDARD['webhook-signature']}"}, None, True),
        ({"webhook-signature": STANDARD["webhook-signature"].replace("v1,", "v2,")}, None, False),
        ({"webhook-id": "msg_other"}, None, False),
        ({"webhook-id": ""}, None, False),
        ({"webhook-timestamp": "1614265331"}, None, False),
        ({"webhook-timestamp": "soon"}, None, False),
        ({"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"}, None, False),
        ({"webhook-timestamp": "9" * 400}, SENT, False),
    ],
)
def test_the_standard_form_is_read_as_published(
    changes: dict[str, str], now: datetime | None, good: bool
) -> None:
    body = b'{"test": 2432232314}'
    assert verify(STANDARD | changes, body, ["old", WHSEC], now=now) is good
    assert not verify(STANDARD | changes, body + b" ", [WHSEC], now=now)
    assert not verify(STANDARD, body, [WHSEC.removeprefix("whsec_")])
    assert not verify(STANDARD, body, ["whsec_!!!", "whsec_"])


def mutations(seed: int, count: int) -> list[tuple[list[tuple[bytes, bytes]], bytes]]:
    """Headers and bodies that are all but right."""
    dice = random.Random(seed)
    found: list[tuple[list[tuple[bytes, bytes]], bytes]] = []
    good = f"sha256={MAC}".encode()
    while len(found) < count:
        header, body = bytearray(good), bytearray(BODY)
        for target in dice.choice(((header,), (body,), (header, body))):
            for _ in range(dice.randint(1, 4)):
                at = dice.randrange(len(target) or 1)
                kind = dice.randrange(4)
                if kind == 0 and target:
                    target[at] = dice.randrange(256)
                elif kind == 1 and target:
                    del target[at : at + dice.randint(1, 40)]
                elif kind == 2:
                    target[at:at] = dice.randbytes(dice.randint(1, 8))
                else:
                    target[at:at] = bytes(target[: dice.randint(0, 80)])
        name = dice.choice([b"X-Doitong-Signature", b"x-hub-signature-256", b"Webhook-Signature"])
        headers = [(name, bytes(header))] * dice.choice((1, 1, 1, 2))
        if (
            (bytes(header).lower(), bytes(body)) != (good, BODY) and good not in bytes(header)
        ) or bytes(body) != BODY:
            found.append((headers, bytes(body)))
    return found


def test_20_000_mutated_calls_are_all_refused_and_none_breaks_anything(
    record_property: Any,
) -> None:
    calls = mutations(seed=20_261, count=20_000)
    began = time.perf_counter()
    accepted = [call for call in calls if verify(call[0], call[1], ["old secret", SECRET, WHSEC])]
    record_property("mutated calls accepted", f"{len(accepted)} of {len(calls)}")
    record_property("microseconds a call", round((time.perf_counter() - began) / 20_000 * 1e6))
    assert accepted == []
    assert verify([(HEADER.encode(), f"sha256={MAC}".encode())], BODY, ["old secret", SECRET])


@given(
    headers=st.dictionaries(st.sampled_from([HEADER, *STANDARD, "x"]) | st.text(), st.text()),
    body=st.binary(),
    secrets=st.lists(st.text(), max_size=3),
)
def test_nothing_that_comes_from_outside_raises(
    headers: dict[str, str], body: bytes, secrets: list[str]
) -> None:
    assert verify(headers, body, secrets, now=SENT) is False


@given(secret=st.text(min_size=1), body=st.binary())
def test_what_was_signed_is_known_again(secret: str, body: bytes) -> None:
    raw = secret.encode("utf-8", "surrogatepass")
    mac = hmac.new(raw, body, hashlib.sha256).hexdigest()
    assert verify([(b"X-DOITONG-signature", b"sha256=" + mac.encode())], body, ["x", secret])


def test_an_address_is_known_only_with_its_own_proof_and_at_its_own_place() -> None:
    subject = "3f2c9a50-1111-4222-8333-0123456789ab"
    token = token_for(KEY, "openai-hk", subject)
    assert token.startswith(f"{subject}.") and len(token) == len(subject) + 33
    assert subject_of(KEY, "openai-hk", token) == subject
    assert subject_of(KEY, "doitong", token) is None
    assert subject_of(bytes(32), "openai-hk", token) is None
    other = subject.replace("3f", "4f")
    assert subject_of(KEY, "openai-hk", token.replace(subject, other)) is None


@given(token=st.text() | st.from_regex(r"[a-f0-9-]{36}\.[A-Za-z0-9_-]{32}", fullmatch=True))
def test_no_guess_is_an_address(token: str) -> None:
    assert subject_of(KEY, "openai-hk", token) is None
