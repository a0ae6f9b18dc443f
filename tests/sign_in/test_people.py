"""Adding and changing people, one's own account, and a file of streamlit-authenticator."""

from __future__ import annotations

from collections.abc import Callable

import bcrypt
import pytest
import yaml
from streamlit_authenticator.utilities.hasher import (  # type: ignore[import-untyped]  # it has no types
    Hasher,
)

from runway_core.errors import InvalidInputError, NotAllowedError, NotFoundError, SignInError
from runway_core.people import ANYBODY, Person, Role
from runway_core.store import SignedIn
from runway_core.studio import Studio
from runway_core.studio.people import Imported
from tests.team import PASSWORD, password_hash, person, token

NEW = "tin whistle at dawn 3"
OLD_FILE = """
cookie: {expiry_days: 30, key: some_signature_key, name: some_cookie_name}
credentials:
  usernames:
    jsmith:
      email: jsmith@example.org
      failed_login_attempts: 0
      first_name: John
      last_name: Smith
      logged_in: False
      password: HASH
      roles: [admin, editor]
    rbriggs:
      email: rbriggs@example.org
      name: Rebecca Briggs
      password: kettle moon paper 8
      role: maker
    olduser: {email: jsmith@example.org, password: abc, roles: [editor]}
    12345: {password: 123456789, role: viewer}
    "bad\\u200bname": {password: HASH, role: viewer}
oauth2: {google: {client_id: x}}
pre-authorized: {emails: [melsby@example.org]}
"""


def session(studio: Studio, held: str) -> SignedIn:
    found = studio.sign_in.who(held)
    assert found is not None
    return found


def test_the_first_person_must_be_an_admin(studio: Studio) -> None:
    with pytest.raises(InvalidInputError, match="must be admin"):
        studio.people.add("Mo", role=Role.MAKER, password=PASSWORD)
    assert not studio.sign_in.needed()
    ada = studio.people.add("  Ada   Lovelace ", role=Role.ADMIN, password=PASSWORD)
    assert ada.name == "Ada Lovelace" and studio.sign_in.needed()
    assert studio.sign_in.check("ada lovelace", PASSWORD) == ada


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "two\0parts"}, "name"),
        ({"name": "Ad\u200ba"}, "name"),
        ({"name": "ADA"}, "name"),
        ({"name": "Ａｄａ"}, "name"),  # the same letters, wider
        ({"password": "short"}, "password"),
        ({"email": "no address"}, "email"),
        ({"email": "MO@example.org"}, "email"),
    ],
)
def test_what_cannot_be_is_refused_by_field(
    as_ada: Studio, mo: Person, change: dict[str, str], field: str
) -> None:
    wish = {"name": "Bo", "password": PASSWORD, "email": "bo@example.org"} | change
    with pytest.raises(InvalidInputError) as refused:
        as_ada.people.add(
            wish["name"], role=Role.MAKER, password=wish["password"], email=wish["email"]
        )
    assert [problem.field for problem in refused.value.problems] == [field]
    assert [p.name for p in as_ada.people.all()] == ["Ada", "Mo"]


def test_one_admin_who_can_sign_in_always_stays(
    studio: Studio, as_ada: Studio, ada: Person, mo: Person
) -> None:
    with pytest.raises(NotAllowedError, match="has to stay"):
        as_ada.people.disable(ada)
    with pytest.raises(NotAllowedError, match="has to stay"):
        as_ada.people.set_role(ada, Role.MAKER)
    as_ada.people.set_role(mo, Role.ADMIN)
    studio.store.people.change(mo.id, password_hash="")  # an admin who can't come in is none
    with pytest.raises(NotAllowedError, match="has to stay"):
        as_ada.people.disable(ada)
    as_ada.people.reset_password(mo, NEW)
    as_ada.people.disable(ada)
    assert studio.people.by_name("ada").disabled_at is not None


def test_whom_nobody_knows_can_not_be_changed(as_ada: Studio, mo: Person) -> None:
    nobody = mo.model_copy(update={"id": "nobody"})
    with pytest.raises(NotFoundError):
        as_ada.people.disable(nobody)
    with pytest.raises(NotFoundError):
        as_ada.people.by_name("nobody")
    assert as_ada.people.sign_out(nobody) == 0


def test_a_disabled_person_can_be_let_in_again(studio: Studio, as_ada: Studio, mo: Person) -> None:
    as_ada.people.disable(mo)
    with pytest.raises(SignInError):
        studio.sign_in.check("Mo", PASSWORD)
    as_ada.people.enable(mo)
    assert studio.sign_in.check("Mo", PASSWORD) == mo


def test_a_new_password_is_handed_over_and_the_old_one_is_void(
    studio: Studio, as_ada: Studio, mo: Person
) -> None:
    new = as_ada.people.reset_password(mo)
    assert studio.sign_in.check("Mo", new).id == mo.id
    with pytest.raises(SignInError):
        studio.sign_in.check("Mo", PASSWORD)
    assert not [e for e in as_ada.store.audit.newest() if new in repr(e)]


def test_ones_own_password_takes_the_present_one_and_ends_the_other_sessions(
    studio: Studio, as_mo: Studio, mo: Person
) -> None:
    here, there = token(studio, mo), token(studio, mo)
    keep = session(studio, here).session.id
    with pytest.raises(SignInError, match="present password is wrong"):
        as_mo.people.set_own_password("wrong", NEW, keep=keep)
    with pytest.raises(InvalidInputError):
        as_mo.people.set_own_password(PASSWORD, "too weak", keep=keep)
    assert studio.sign_in.who(there) is not None
    as_mo.people.set_own_password(PASSWORD, NEW, keep=keep)
    assert studio.sign_in.who(here) is not None and studio.sign_in.who(there) is None
    assert studio.sign_in.check("Mo", NEW) == mo
    told = repr(as_mo.store.acting_as(studio.actor).audit.newest())
    assert "own password changed" in told and NEW not in told and PASSWORD not in told


def test_a_stolen_session_can_not_guess_the_present_password(as_mo: Studio) -> None:
    with pytest.raises(SignInError, match="Too many"):
        for _ in range(8):
            try:
                as_mo.people.set_own_password("guess", NEW)
            except SignInError as error:
                if "Too many" in str(error):
                    raise


def test_sessions_are_ones_own(studio: Studio, as_mo: Studio, ada: Person, mo: Person) -> None:
    first, second, third, adas = (token(studio, who) for who in (mo, mo, mo, ada))
    mine = as_mo.people.own_sessions()
    assert len(mine) == 3 and {s.browser for s in mine} == {"Firefox on Linux"}
    assert not as_mo.people.end_session(session(studio, adas).session)
    assert as_mo.people.end_session(session(studio, second).session)
    assert as_mo.people.sign_out_elsewhere(keep=session(studio, first).session.id) == 1
    alive = [studio.sign_in.who(held) is not None for held in (first, second, third, adas)]
    assert alive == [True, False, False, True]


def admins_acts(studio: Studio, ada: Person, mo: Person) -> list[Callable[[], object]]:
    """What only an admin, or the program itself, may do."""
    people = studio.people
    return [
        lambda: people.add("Bo", role=Role.ADMIN, password=NEW),
        lambda: people.set_role(mo, Role.ADMIN),
        lambda: people.set_email(mo, "ada@example.org"),
        lambda: people.disable(ada),
        lambda: people.enable(ada),
        lambda: people.sign_out(ada),
        lambda: people.reset_password(ada),
        lambda: people.import_yaml(OLD_FILE),
        lambda: people.all(),
        lambda: studio.sign_in.code_for(ada, "b"),
        lambda: studio.sign_in.setup_token(),
    ]


def test_a_maker_changes_nobody_else_and_nobody_changes_nothing(
    studio: Studio, as_mo: Studio, ada: Person, mo: Person
) -> None:
    for acting in (as_mo, studio.acting_as(ANYBODY)):
        for act in admins_acts(acting, ada, mo):
            with pytest.raises(NotAllowedError):
                act()
    assert studio.people.all() == [ada, mo]


def test_only_whoever_has_an_account_has_a_password_of_their_own(studio: Studio) -> None:
    assert studio.people.me() is None
    with pytest.raises(NotAllowedError):
        studio.people.set_own_password("", NEW)


# --- a file of streamlit-authenticator ---------------------------------------------------------


def test_the_people_of_an_old_file_sign_in_with_their_old_passwords(studio: Studio) -> None:
    found = studio.people.import_yaml(OLD_FILE.replace("HASH", password_hash()))
    assert found == Imported(
        added=("jsmith", "rbriggs", "olduser", "12345"),
        without_password=("olduser", "12345"),
        as_viewers=("olduser",),
        refused=("bad\u200bname",),
    )
    assert studio.sign_in.check("JSmith", PASSWORD).role is Role.ADMIN
    assert studio.sign_in.check("rbriggs", "kettle moon paper 8").role is Role.MAKER
    people = {p.name: p for p in studio.people.all()}
    assert people["olduser"].role is Role.VIEWER and people["olduser"].email == ""
    assert people["rbriggs"].email == "rbriggs@example.org"
    for name in ("olduser", "12345"):
        for password in ("", "abc", "123456789"):
            with pytest.raises(SignInError):
                studio.sign_in.check(name, password)


def test_a_file_of_the_present_version_can_be_read(studio: Studio) -> None:
    people = {"usernames": {"ada": {"email": "ada@example.org", "password": PASSWORD}}}
    people["usernames"]["ada"]["roles"] = ["admin"]  # type: ignore[assignment]  # as its README has it
    written = yaml.dump({"credentials": Hasher.hash_passwords(people)})
    assert PASSWORD not in written
    assert studio.people.import_yaml(written).added == ("ada",)
    assert studio.sign_in.check("ada", PASSWORD).role is Role.ADMIN


def test_nobody_who_is_here_is_changed_by_a_file(studio: Studio, as_ada: Studio) -> None:
    mine = {"ADA": {"password": Hasher.hash(NEW), "role": "viewer", "email": "evil@example.org"}}
    text = yaml.dump({"credentials": {"usernames": mine}})
    assert as_ada.people.import_yaml(text) == Imported(kept=("ADA",))
    assert studio.sign_in.check("Ada", PASSWORD).role is Role.ADMIN
    assert studio.people.by_name("Ada").email == ""


@pytest.mark.parametrize("password", ["short", "", f"$2b$31${'a' * 53}", "null"])
def test_a_file_without_an_admin_who_can_come_in_shuts_nobody_out(
    studio: Studio, password: str
) -> None:
    people = {"ada": {"password": password, "role": "admin"}, "mo": {"password": password_hash()}}
    with pytest.raises(InvalidInputError, match="no admin"):
        studio.people.import_yaml(yaml.dump({"credentials": {"usernames": people}}))
    assert not studio.sign_in.needed()


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "[1, 2]",
        "credentials: 5",
        "credentials: {usernames: []}",
        "credentials: {usernames: {}}",
        "credentials: {usernames: {ada: !!python/object/apply:os.system ['exit']}}",
        "a: [" * 3_000,
        "{" * 3_000,
        "\t- : :",
        "x" * 300_000,
        "credentials: {usernames: {" + ", ".join(f"u{i}: {{}}" for i in range(501)) + "}}",
        LAUGHS + "credentials: {usernames: *a39}",
        LAUGHS + "credentials: {usernames: {ada: {password: *a39, role: *a39, email: *a39}}}",
        "credentials: {usernames: {ada: 2026-13-45}}",
        "credentials: {usernames: {ada: {role: admin, password: \ud800}}}",
    ],
)
def test_any_other_text_is_refused_and_adds_nobody(studio: Studio, text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        studio.people.import_yaml(text)
    assert [problem.field for problem in refused.value.problems] == ["file"]
    assert not studio.sign_in.needed()


def test_a_hash_of_another_cost_is_made_anew_at_the_first_sign_in(
    studio: Studio, ada: Person
) -> None:
    cheap = bcrypt.hashpw(NEW.encode(), bcrypt.gensalt(5)).decode()
    studio.store.people.change(ada.id, password_hash=cheap)
    for _ in range(2):
        assert studio.sign_in.check("Ada", NEW) == ada
    known = studio.store.people.known(name="Ada")
    assert known is not None and known.password_hash.startswith("$2b$12$")


def test_what_was_made_before_there_were_people_is_the_first_admins(studio: Studio) -> None:
    assert person(studio, "Ada", Role.ADMIN).name == studio.people.names().popitem()[1]
