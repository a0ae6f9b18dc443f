"""How somebody comes in, and who holds a browser's cookie. Acts for nobody yet: only the program itself calls it.

A page checks the password and gets a code; the browser hands the code to a route, which answers with a
cookie that no script can read. Of tokens, codes and links only hashes are kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from datetime import timedelta

from runway_core.errors import SignInError
from runway_core.people import Actor, Person, Right, Role
from runway_core.store import Session, SignedIn
from runway_core.store.people import name_key
from runway_core.studio import passwords
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now
from runway_core.studio.delays import Delays
from runway_core.studio.people import People

IDLE = timedelta(hours=12)
"""A session that nobody uses ends. Videos take minutes to hours, so people come back after lunch."""
LASTS = timedelta(days=7)
"""A session ends however much it is used."""
CODE_LASTS = timedelta(seconds=30)
"""From the right password to the cookie."""
_LINK = "setup_link"
"""Name of the preference that holds the hash of the set-up link's token."""
_NOBODY = "The name or the password is wrong."
_SOMEBODY = Actor(name="somebody")
"""Who tries to come in, in the log."""
_UNKNOWN = "a name that nobody has"
"""Not the name itself, in the log: what is typed as a name may be a password."""


class SignIn(Service):
    """Checks who somebody is, and keeps their sessions."""

    @may(Right.RUN)
    def needed(self) -> bool:
        """Whether there are people, so that nobody is served without having signed in."""
        return self._store.people.any()

    @may(Right.RUN)
    def check(self, name: str, password: str, *, address: str = "") -> Person:
        """Who has this name and password; a wrong try makes the next ones wait.

        Known and unknown names take the same time and get the same words.

        Raises:
            SignInError: nobody, or it is too early for another try; ``.wait`` says for how many seconds.
                Or the password was given by an admin, and has ended.
        """
        known = self._store.people.known(name=name) if name.strip() else None
        delays = Delays(self._store, account=name_key(name), address=address)
        delays.admit()
        kept = known.password_hash if known else ""
        fits = passwords.matches(password[: passwords.MOST + 1], kept)
        if known is None or not fits or known.person.disabled_at is not None:
            self._refused(known.person.name if known else _UNKNOWN, address)
            raise SignInError(_NOBODY, wait=delays.wait())
        delays.right()
        until = known.person.password_until
        if until is not None and until <= now():
            self._refused(known.person.name, "the password given to them has ended")
            raise SignInError(
                "The password that an admin gave you has ended.", hint="Ask for a new one."
            )
        if passwords.is_aged(kept):
            new = passwords.hashed(password)
            self._store.people.rehash(known.person.id, old=kept, new=new)
        return known.person

    @may(Right.RUN)
    def by_email(self, email: str) -> Person:
        """Who a sign-in service says has come, by an address that it has verified. Nobody is made.

        Raises:
            SignInError: nobody of the team has this address, or they may not come in.
        """
        known = self._store.people.known(email=email) if email.strip() else None
        if known is None or known.person.disabled_at is not None:
            self._refused(known.person.name if known else _UNKNOWN, "by a sign-in service")
            raise SignInError(
                "Nobody in this team has your e-mail address.",
                hint="Ask an admin of your team to add you with this address.",
            )
        return known.person

    @may(Right.RUN)
    def code_for(self, person: Person, browser: str) -> str:
        """A code that lets one browser, known by the cookie it came with, complete a sign-in once, within 30 s.

        Raises:
            SignInError: the browser holds no cookie of ours.
        """
        if not browser:
            raise SignInError(
                "Your browser has not kept this page's cookie, so it can't be signed in.",
                hint="Allow cookies for this address, reload the page and sign in again.",
            )
        code, at = secrets.token_urlsafe(32), now()
        self._store.sessions.add_code(
            _hash(code),
            browser_hash=_hash(browser),
            person_id=person.id,
            now=at,
            until=at + CODE_LASTS,
        )
        return code

    @may(Right.RUN)
    def complete(self, code: str, browser: str, *, user_agent: str = "") -> str:
        """Turn a code into a new session; gives its token.

        Raises:
            SignInError: the code is unknown, used, too old or another browser's.
        """
        at = now()
        person_id = self._store.sessions.use_code(_hash(code), browser_hash=_hash(browser), now=at)
        person = None if person_id is None else self._store.people.get(person_id)
        if person is None or person.disabled_at is not None:
            raise SignInError("This sign-in took too long.", hint="Sign in again.")
        token = secrets.token_urlsafe(32)
        session = Session(
            id=str(uuid.uuid4()),
            person_id=person.id,
            browser=browser_words(user_agent),
            created_at=at,
            seen_at=at,
            expires_at=at + LASTS,
        )
        self._store.sessions.add(session, token_hash=_hash(token))
        self._log(person, "signed in", session.browser)
        return token

    @may(Right.RUN)
    def who(self, token: str) -> SignedIn | None:
        """Who holds a token; None when it has ended, is forged, or its person is disabled."""
        if not token:
            return None
        return self._store.sessions.find(_hash(token), idle=IDLE, now=now())

    @may(Right.RUN)
    def sign_out(self, token: str) -> None:
        """End the session of a token; every tab and every copy of its cookie with it."""
        person_id = self._store.sessions.end(_hash(token))
        person = None if person_id is None else self._store.people.get(person_id)
        if person is not None:
            self._log(person, "signed out")

    @may(Right.RUN)
    def setup_token(self) -> str:
        """A new token for the link of a first start; the one before is void. Empty once there are people."""
        if self.needed():
            return ""
        token = secrets.token_urlsafe(32)
        self._store.preferences.set(_LINK, _hash(token))
        return token

    @may(Right.RUN)
    def setup_fits(self, token: str) -> bool:
        """Whether a token is that of the link that waits."""
        kept = self._store.preferences.get(_LINK)
        return bool(kept) and hmac.compare_digest(kept, _hash(token)) and not self.needed()

    @may(Right.RUN)
    def set_up(self, token: str, name: str, password: str) -> Person:
        """Make the first admin, by the link of a first start; the link is void afterwards.

        Raises:
            SignInError: the link is void.
            InvalidInputError: names ``name`` or ``password``; the link stays good.
        """
        if not self.setup_fits(token):
            raise SignInError(
                "This link has been used, or a newer one has taken its place.",
                hint="Sign in, or start Runway Desk again for a new link.",
            )
        person = People(self._store).add(name, role=Role.ADMIN, password=password, only_first=True)
        self._store.preferences.set(_LINK, "")
        return person

    def _log(self, person: Person, act: str, detail: str = "") -> None:
        own = self._store.acting_as(Actor.of(person)).audit
        own.append(act, person.name, now(), detail)

    def _refused(self, subject: str, detail: str) -> None:
        anybody = self._store.acting_as(_SOMEBODY).audit
        anybody.append("sign-in refused", subject, now(), detail)


def browser_words(user_agent: str) -> str:
    """A browser as a person knows it, such as ``Firefox on Linux``."""
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome"}
    systems = {
        "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows",
        "Mac OS": "Mac", "CrOS": "ChromeOS", "Linux": "Linux",
    }  # fmt: skip
    browser = _first(browsers | {"Safari": "Safari"}, user_agent, "a browser")
    system = _first(systems, user_agent, "")
    return f"{browser} on {system}" if system else browser


def _first(names: dict[str, str], text: str, otherwise: str) -> str:
    return next((name for mark, name in names.items() if mark in text), otherwise)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
