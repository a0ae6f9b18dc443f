"""Who comes in with which password, how wrong tries are slowed, and how long a session lasts."""

from __future__ import annotations

import statistics
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from runway_core.errors import InvalidInputError, SignInError
from runway_core.people import Actor, Person, Role
from runway_core.studio import Studio
from runway_core.studio.delays import Delays
from runway_core.studio.people import GIVEN_LASTS
from runway_core.studio.sign_in import CODE_LASTS, IDLE, LASTS, browser_words
from tests.team import BROWSER, PASSWORD, digest, person, token

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MINUTES_15 = 15 * 60


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def wrong(studio: Studio, name: str = "Ada", address: str = "") -> SignInError:
    with pytest.raises(SignInError) as refused:
        studio.sign_in.check(name, "not the password", address=address)
    return refused.value


def tried(studio: Studio, account: str = "", address: str = "") -> float:
    """A wrong try without the password's own cost; gives the seconds until the next one counts."""
    delays = Delays(studio.store, account=account or str(uuid.uuid4()), address=address)
    delays.admit()
    return delays.wait()


def looked_at(error: SignInError) -> bool:
    return "Too many" not in str(error)


def test_the_right_password_lets_in_whatever_the_case_of_the_name(
    studio: Studio, ada: Person
) -> None:
    for name in ("Ada", "ada", "  ADA "):
        assert studio.sign_in.check(name, PASSWORD) == ada


@pytest.mark.parametrize("name", ["Ada", "Nobody", "", "Dee", "Eve", "x" * 10_000, "\ud800"])
def test_a_wrong_try_is_answered_alike_for_everybody(
    studio: Studio, ada: Person, as_ada: Studio, name: str
) -> None:
    dee, _ = person(studio, "Dee"), person(studio, "Eve")
    as_ada.people.disable(dee)
    studio.store.people.change(studio.people.by_name("Eve").id, password_hash="")
    password = "wrong" if name == "Ada" else PASSWORD  # a disabled person's own password too
    with pytest.raises(SignInError) as refused:
        studio.sign_in.check(name, password)
    assert str(refused.value) == "The name or the password is wrong."
    assert refused.value.hint == "Check both, then try again." and refused.value.wait == 0


def test_the_wait_doubles_from_a_second_to_15_minutes_and_then_lets_in(
    studio: Studio, ada: Person, clock: Any
) -> None:
    waits = []
    for _ in range(16):
        waits.append(round(tried(studio, "ada")))
        clock.shift(timedelta(seconds=waits[-1]))
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, *[MINUTES_15] * 3]
    assert studio.sign_in.check("Ada", PASSWORD) == ada
    assert wrong(studio).wait == 0  # all forgiven


def test_tries_during_the_wait_are_not_looked_at_and_do_not_lengthen_it(
    studio: Studio, ada: Person, clock: Any
) -> None:
    for _ in range(5):
        clock.shift(timedelta(seconds=tried(studio, "ada")))
    last = wrong(studio)
    for _ in range(20):
        with pytest.raises(SignInError, match="Too many") as refused:
            studio.sign_in.check("ada", PASSWORD)
        assert refused.value.wait == last.wait
    clock.shift(timedelta(seconds=last.wait))
    assert studio.sign_in.check("Ada", PASSWORD) == ada


def test_a_thousand_guesses_in_15_minutes_are_hardly_looked_at(
    studio: Studio, ada: Person, mo: Person, clock: Any, record_property: Callable[..., None]
) -> None:
    seen = 0
    for guess in range(1_000):
        seen += looked_at(wrong(studio, "Ada" if guess % 2 else "Mo", address="203.0.113.9"))
        clock.shift(timedelta(seconds=0.9))
    record_property("of 1,000 guesses in 15 min looked at", seen)
    assert 10 <= seen <= 25
    clock.shift(timedelta(seconds=MINUTES_15))
    assert studio.sign_in.check("Ada", PASSWORD, address="203.0.113.9") == ada
    assert studio.sign_in.check("Mo", PASSWORD, address="203.0.113.9") == mo


def test_many_guesses_at_once_are_not_all_free(studio: Studio, ada: Person, clock: Any) -> None:
    results: list[bool] = []

    def guess() -> None:
        try:
            studio.sign_in.check("Ada", "not the password")
        except SignInError as error:
            results.append(looked_at(error))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 12 and sum(results) == 4  # three are free; the fourth begins the wait


def test_an_address_is_slowed_over_all_accounts(studio: Studio, ada: Person, clock: Any) -> None:
    waits = [tried(studio, address="203.0.113.9") for _ in range(11)]
    assert waits == [0] * 10 + [1]
    assert not looked_at(wrong(studio, "Ada", address="203.0.113.9"))
    assert looked_at(wrong(studio, "Ada", address="203.0.113.10"))


def test_whoever_has_an_ipv6_address_has_no_fresh_tries_with_the_next(
    studio: Studio, clock: Any
) -> None:
    for number in range(11):
        tried(studio, address=f"2001:db8:1:2::{number:x}")
    assert tried(studio, address="2001:db8:1:3::1") == 0
    with pytest.raises(SignInError, match="Too many"):
        tried(studio, address="2001:db8:1:2:ffff::1")


def test_signing_in_oneself_does_not_wash_an_address_clean(
    studio: Studio, ada: Person, clock: Any
) -> None:
    for _ in range(10):
        tried(studio, address="203.0.113.9")
    studio.sign_in.check("Ada", PASSWORD, address="203.0.113.9")
    assert tried(studio, address="203.0.113.9") == 1


def test_a_quiet_day_is_a_fresh_start_and_nothing_of_it_is_kept(
    studio: Studio, ada: Person, clock: Any
) -> None:
    for _ in range(6):
        clock.shift(timedelta(seconds=tried(studio, "a password typed as a name")))
    clock.shift(timedelta(days=1, seconds=1))
    assert wrong(studio).wait == 0
    rows = studio.store.sessions
    assert rows.delayed_until([digest("account:a password typed as a name")]) is None


def test_what_is_typed_is_nowhere_in_the_home(studio: Studio, ada: Person) -> None:
    wrong(studio, "CANARY-name")
    with pytest.raises(SignInError):
        studio.sign_in.check("Ada", "CANARY-password")
    studio.sign_in.complete(studio.sign_in.code_for(ada, "CANARY-browser"), "CANARY-browser")
    held = token(studio, ada)
    for file in studio.settings.home.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"CANARY" not in content and held.encode() not in content, file


def test_known_and_unknown_names_take_the_same_time(
    studio: Studio, ada: Person, record_property: Callable[..., None]
) -> None:
    taken: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(9):
        person(studio, f"known {number}")
    wrong(studio, "warm up")
    for number in range(9):  # each a fresh account, in turn, so that other work hits both alike
        for kind in ("known", "unknown") if number % 2 else ("unknown", "known"):
            begins = time.thread_time()
            wrong(studio, f"{kind} {number}")
            taken[kind].append(time.thread_time() - begins)
    known, unknown = (statistics.median(taken[kind]) for kind in ("known", "unknown"))
    record_property("sign-in with an unknown name against a known one", round(unknown / known, 3))
    assert 0.9 < unknown / known < 1.1


# --- codes, sessions, the link of a first start ------------------------------------------------


def test_a_code_works_once_in_the_browser_it_was_made_for_within_30_seconds(
    studio: Studio, ada: Person, clock: Any
) -> None:
    sign_in = studio.sign_in
    code = sign_in.code_for(ada, BROWSER)
    assert sign_in.who(sign_in.complete(code, BROWSER)) is not None
    for used in (code, "", "\ud800", "x" * 5_000):
        with pytest.raises(SignInError):
            sign_in.complete(used, BROWSER)
    stolen = sign_in.code_for(ada, BROWSER)
    with pytest.raises(SignInError):
        sign_in.complete(stolen, "another browser")
    with pytest.raises(SignInError):
        sign_in.complete(stolen, BROWSER)  # it was used up
    late = sign_in.code_for(ada, BROWSER)
    clock.shift(CODE_LASTS)
    with pytest.raises(SignInError, match="too long"):
        sign_in.complete(late, BROWSER)
    with pytest.raises(SignInError, match="cookie"):
        sign_in.code_for(ada, "")


def test_a_session_ends_after_12_idle_hours_and_after_7_days_of_use(
    studio: Studio, ada: Person, clock: Any
) -> None:
    idle, used = token(studio, ada), token(studio, ada)
    for _ in range(int(LASTS / timedelta(hours=6)) - 1):
        clock.shift(timedelta(hours=6))
        assert studio.sign_in.who(used) is not None
        if datetime.now(UTC) - START >= IDLE:
            assert studio.sign_in.who(idle) is None
    clock.shift(timedelta(hours=6))
    assert studio.sign_in.who(used) is None


def test_a_token_opens_nothing_after_sign_out_and_a_forged_one_never(
    studio: Studio, ada: Person
) -> None:
    here, there = token(studio, ada), token(studio, ada)
    studio.sign_in.sign_out(here)
    assert studio.sign_in.who(here) is None and studio.sign_in.who(there) is not None
    for forged in ("", "x", there[:-1], there + "x", digest(there), "\ud800"):
        assert studio.sign_in.who(forged) is None


@pytest.mark.parametrize("change", ["disabled", "given a new password", "signed out"])
def test_what_an_admin_does_ends_sessions_and_half_done_sign_ins(
    studio: Studio, as_ada: Studio, mo: Person, change: str
) -> None:
    held, code = token(studio, mo), studio.sign_in.code_for(mo, BROWSER)
    if change == "disabled":
        as_ada.people.disable(mo)
    elif change == "signed out":
        assert as_ada.people.sign_out(mo) == 1
    else:
        as_ada.people.reset_password(mo)
    assert studio.sign_in.who(held) is None
    with pytest.raises(SignInError):
        studio.sign_in.complete(code, BROWSER)


def test_a_password_that_an_admin_has_given_ends_after_7_days_unless_it_was_changed(
    studio: Studio, as_ada: Studio, clock: Any
) -> None:
    lu = as_ada.people.add("Lu", role=Role.MAKER, password="handed over 7 foxes")
    eve = as_ada.people.add("Eve", role=Role.MAKER, password="handed over 8 foxes")
    own = studio.acting_as(Actor.of(eve)).people
    own.set_own_password("handed over 8 foxes", "chosen by Eve herself")
    clock.shift(GIVEN_LASTS - timedelta(seconds=1))
    assert studio.sign_in.check("Lu", "handed over 7 foxes") == lu
    clock.shift(timedelta(seconds=1))
    with pytest.raises(SignInError, match="an admin gave you has ended"):
        studio.sign_in.check("Lu", "handed over 7 foxes")
    assert studio.sign_in.check("Eve", "chosen by Eve herself").password_until is None
    new = as_ada.people.reset_password(lu)
    until = studio.sign_in.check("Lu", new).password_until
    assert until is not None and until - START == 2 * GIVEN_LASTS


def test_a_change_of_role_holds_in_a_session_that_is_open(
    studio: Studio, as_ada: Studio, mo: Person
) -> None:
    held = token(studio, mo)
    as_ada.people.set_role(mo, Role.VIEWER)
    found = studio.sign_in.who(held)
    assert found is not None and found.person.role is Role.VIEWER


def test_a_sign_in_service_opens_the_door_for_known_addresses_only(
    studio: Studio, as_ada: Studio, mo: Person
) -> None:
    assert studio.sign_in.by_email(" MO@example.org ") == mo
    as_ada.people.disable(mo)
    for email in ("mo@example.org", "stranger@example.org", "", " "):
        with pytest.raises(SignInError, match="Nobody in this team"):
            studio.sign_in.by_email(email)


def test_the_link_of_a_first_start_makes_one_admin_once(studio: Studio) -> None:
    sign_in = studio.sign_in
    old, link = sign_in.setup_token(), sign_in.setup_token()
    for void in (old, "", "x", digest(link)):
        assert not sign_in.setup_fits(void)
        with pytest.raises(SignInError):
            sign_in.set_up(void, "Ada", PASSWORD)
    with pytest.raises(InvalidInputError):
        sign_in.set_up(link, "Ada", "too weak")
    made = sign_in.set_up(link, "Ada", PASSWORD)
    assert made.role is Role.ADMIN and sign_in.check("Ada", PASSWORD) == made
    with pytest.raises(SignInError):
        sign_in.set_up(link, "Eve", PASSWORD)
    assert sign_in.setup_token() == "" and not sign_in.setup_fits(link)


def test_who_came_in_and_who_did_not_is_in_the_log(
    studio: Studio, ada: Person, as_ada: Studio
) -> None:
    wrong(studio, address="203.0.113.9")
    wrong(studio, "secret typed as a name")
    studio.sign_in.sign_out(token(studio, ada))
    told = [(e.person, e.act, e.subject, e.detail) for e in as_ada.store.audit.newest(limit=4)]
    assert told == [
        ("Ada", "signed out", "Ada", ""),
        ("Ada", "signed in", "Ada", "Firefox on Linux"),
        ("somebody", "sign-in refused", "a name that nobody has", ""),
        ("somebody", "sign-in refused", "Ada", "203.0.113.9"),
    ]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140 Safari/537 Edg/140",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/605", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140 Mobile Safari", "Chrome on Android"),
        ("<script>alert(1)</script>", "a browser"),
        ("", "a browser"),
    ],
)
def test_a_browser_is_named_as_a_person_knows_it(agent: str, words: str) -> None:
    assert browser_words(agent) == words
