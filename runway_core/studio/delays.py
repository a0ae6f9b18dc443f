"""How long wrong tries for an account and from an address have to wait, so that guessing leads nowhere."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import timedelta

from runway_core.errors import SignInError
from runway_core.store import Store
from runway_core.studio.clock import now

FIRST = timedelta(seconds=1)
"""The wait after the last free try; it doubles with each wrong one."""
MOST = timedelta(minutes=15)
ACCOUNT_TRIES = 3
"""Wrong tries for one account that cost no wait."""
ADDRESS_TRIES = 10
"""Wrong tries from one address that cost no wait: a whole office may share it."""
WAIT = "Too many wrong tries."


class Delays:
    """Slows tries for one account, from one address. Nobody is ever shut out for good.

    Accounts that don't exist are delayed like others, and only hashes of names are kept, for a day: what is
    typed as a name may be a password.
    """

    def __init__(self, store: Store, *, account: str, address: str = "") -> None:
        self._rows = store.sessions
        self._account = _subject("account", account)
        self._address = _subject("address", _network(address)) if address else ""
        self._free = {self._account: ACCOUNT_TRIES}
        if address:
            self._free[self._address] = ADDRESS_TRIES

    def admit(self) -> None:
        """Nothing, when a try may be looked at now; it counts as a wrong one until `right` is called.

        Raises:
            SignInError: not yet; says the seconds. This try is not looked at and does not count.
        """
        # Read first: a flood of tries must not keep the database from those who work.
        until = self._rows.delayed_until(list(self._free))
        if until is None or until <= now():
            until = self._rows.admit(self._free, first=FIRST, most=MOST, now=now())
        wait = 0.0 if until is None else (until - now()).total_seconds()
        if wait > 0:
            raise SignInError(WAIT, hint=_again(wait), wait=wait)

    def wait(self) -> float:
        """Seconds until the next try is looked at."""
        until = self._rows.delayed_until(list(self._free))
        return 0.0 if until is None else max(0.0, (until - now()).total_seconds())

    def right(self) -> None:
        """It was no wrong try. Others from its address stay counted: they may have been for other accounts."""
        self._rows.forgive(wholly=self._account, once=self._address, now=now())


def _network(address: str) -> str:
    """An address as one customer has it: of IPv6, whoever has one has 2**64 of them."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def _subject(kind: str, name: str) -> str:
    return hashlib.sha256(f"{kind}:{name}".encode("utf-8", "surrogatepass")).hexdigest()


def _again(seconds: float) -> str:
    shown = round(seconds + 0.5)
    return f"Try again in {shown} s." if shown < 120 else f"Try again in {round(shown / 60)} min."
