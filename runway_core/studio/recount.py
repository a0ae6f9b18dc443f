"""Whether the running sums are what the ledger says: looked at now and then, and mended by a command."""

from __future__ import annotations

from runway_core.people import LOCAL, Right
from runway_core.store import Difference, Store
from runway_core.studio.acting import Service, may

_DIFFER = "sums that differ"
"""Under this name a home remembers how many did at the last look."""
COMMAND = "python -m runway_core recount --mend"


class Recount(Service):
    """Counts anew what tasks have cost; reads the whole ledger, so no page calls it."""

    @may(Right.RUN)
    def differences(self) -> list[Difference]:
        """Each running sum that is not what the ledger says; remembered for `differing`."""
        return self._remembered(self._store.recount.differences())

    @may(Right.RUN, "sums counted anew")
    def mend(self) -> list[Difference]:
        """Count all sums anew from the videos; gives what differs from the ledger even then.

        Safe while others work: they wait until it is done.
        """
        return self._remembered(self._store.recount.rebuild())

    def _remembered(self, found: list[Difference]) -> list[Difference]:
        number = str(len(found)) if found else ""
        if self._store.preferences.get(_DIFFER) != number:
            self._store.preferences.set(_DIFFER, number)
        return found


def differing(store: Store) -> int:
    """How many sums were not what the ledger says when that was last looked at."""
    number = store.acting_as(LOCAL).preferences.get(_DIFFER)
    return int(number) if number.isdecimal() else 0
