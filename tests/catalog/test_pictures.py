"""Which pictures may be named in a request: kept ones, encoded ones, and links by Runway's own rules."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.catalog.uris import DATA_URI_MAX as LIMITS
from runway_core.catalog.uris import link_problem
from runway_core.domain import MediaKind
from tests.catalog.requests import frame, offer, refused

PROFILE, SPEC = offer("runway", "gen4_turbo")
SITE = "https://example.com/"


def said_of(uri: str) -> str:
    """What the check says of a first frame; empty when it is taken."""
    said = refused(PROFILE, SPEC, frames=(frame(uri=uri),))
    assert set(said) <= {"frames.first"}
    return said.get("frames.first", "")


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/a.png",
        "https://example.com",
        "https://example.com:8443/a.png?x=1&y=%20#top",
        "https://Example.COM/A.PNG",
        "https://example.com./a.png",
        "https://cdn-1.3d.example.co.uk/a",
        "https://例え.jp/图.png",
        "https://xn--r8jz45g.jp/a.png",
        "https://a_b.example.com/a.png",
        SITE + "a" * (2048 - len(SITE)),
    ],
)
def test_a_link_to_a_public_site_is_taken(link: str) -> None:
    assert said_of(link) == ""


@pytest.mark.parametrize(
    "link",
    [
        "https://127.0.0.1/a.png",
        "https://127.1/a.png",
        "https://2130706433/a.png",
        "https://0x7f000001/a.png",
        "https://0x7f.0.0.1/a.png",
        "https://0177.0.0.1/a.png",
        "https://127.0.0.1./a.png",
        "https://1.2.3.0x4/a.png",
        "https://１２７.0.0.1/a.png",
        "https://127。0。0。1/a.png",
        "https://93.184.216.34/a.png",
        "https://[::1]/a.png",
        "https://[2606:4700::1111]/a.png",
        "https://[::ffff:127.0.0.1]/a.png",
        "https://localhost/a.png",
        "https://localhost./a.png",
        "https://intranet/a.png",
        "https://evil.com\\.example.com/a.png",
        "https://exa%6dple.com/a.png",
    ],
)
def test_a_bare_address_is_refused_in_every_spelling(link: str) -> None:
    assert "such as example.com" in said_of(link)


@pytest.mark.parametrize(
    "link",
    [
        "http://example.com/a.png",
        "ftp://example.com/a.png",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "HTTPS://example.com/a.png",
        "//example.com/a.png",
        "example.com/a.png",
        "https:example.com/a.png",
        "https:///a.png",
        "",
    ],
)
def test_only_https_is_a_link(link: str) -> None:
    assert "begins with https://" in said_of(link)


@pytest.mark.parametrize(
    "link",
    [
        "https://user@example.com/a.png",
        "https://user:pass@example.com/a.png",
        "https://@example.com/a.png",
        "https://example.com\\@evil.example/a.png",
        "https://example.com/a b.png",
        "https://example.com/a\n.png",
        "https://exam\tple.com/a.png",
        " https://example.com/a.png",
        "https://example.com/\x7f",
        "https://example.com/\u3000.png",
        "https://example.com/\ud83c.png",
    ],
)
def test_hidden_names_and_characters_are_refused(link: str) -> None:
    assert "must not hold" in said_of(link)


@pytest.mark.parametrize(
    "link",
    ["https://[::1/a", "https://example.com:99999/a", "https://example.com:x/", "https://a..b/"],
)
def test_what_cannot_be_read_is_no_link(link: str) -> None:
    assert said_of(link) == "is not a link."


def test_a_link_of_2049_characters_is_refused_with_both_numbers() -> None:
    said = said_of(SITE + "a" * (2049 - len(SITE)))
    assert "2049" in said
    assert "2048" in said


@given(st.one_of(st.text(), st.text().map(lambda rest: f"https://{rest}")))
def test_whatever_is_pasted_is_answered_in_words(link: str) -> None:
    said = link_problem(link)
    assert isinstance(said, str)
    assert said or link.lower().startswith("https://")


@given(st.ip_addresses())
def test_no_address_passes_as_a_site(address: object) -> None:
    text = str(address)
    host = f"[{text}]" if ":" in text else text
    assert link_problem(f"https://{host}/a.png")


@pytest.mark.parametrize("kind", ["png", "jpeg", "jpg", "webp"])
def test_an_encoded_picture_is_taken(kind: str) -> None:
    encoded = base64.b64encode(b"not looked into here").decode()
    assert said_of(f"data:image/{kind};base64,{encoded}") == ""


@pytest.mark.parametrize(
    "uri",
    [
        "data:image/gif;base64,AAAA",
        "data:image/svg+xml;base64,AAAA",
        "data:text/html;base64,AAAA",
        "data:image/png,AAAA",
        "data:image/png;base64,",
        "data:image/png;base64,AA AA",
        "data:image/png;base64,AAAA<script>",
        "data:image/png;base64,AAAA\n",
        "data:",
    ],
)
def test_other_encoded_things_are_refused(uri: str) -> None:
    assert said_of(uri) == "must be a PNG, JPEG or WebP picture."


def test_an_encoded_picture_may_have_exactly_the_greatest_length() -> None:
    head = "data:image/png;base64,"
    assert said_of(head + "A" * (LIMITS[MediaKind.IMAGE] - len(head))) == ""
    said = said_of(head + "A" * (LIMITS[MediaKind.IMAGE] - len(head) + 1))
    assert str(LIMITS[MediaKind.IMAGE] + 1) in said


def test_what_was_uploaded_is_named_by_what_runway_gave_for_it() -> None:
    for good in ("runway://" + "a" * 4, "runway://" + "a" * 4991, "runway://eyJhbGciOi.J9._-"):
        assert said_of(good) == ""
    for wrong in ("runway://abc", "runway://" + "a" * 4992, "runway://a b c d", "runway://ab\ncd"):
        assert said_of(wrong) == "is not an upload."


def test_a_link_of_twelve_characters_is_too_short_for_runway() -> None:
    assert said_of("https://a.co/") == ""
    assert "12" in said_of("https://a.co")


def test_a_kept_picture_is_named_by_its_hash() -> None:
    assert said_of("asset:" + "0f" * 32) == ""
    for wrong in ("asset:", "asset:" + "0F" * 32, "asset:" + "0f" * 31, "asset:../../etc/passwd"):
        assert said_of(wrong) == "is not a picture that is kept here."
