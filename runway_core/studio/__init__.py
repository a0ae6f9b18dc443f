"""What the app can do, one method each; pages, command line and engine all call this and nothing below.

studio.connections   add, change, remove; opens the provider behind one
studio.hosts         to which hosts connections may be made
studio.keys          the master keys, and how they are changed
studio.doctor        checks a connection step by step, by free calls
studio.assets        take in a picture, video or sound; show a crop
studio.lists         a list of videos before anything is asked for: checked, priced, and kept while it is written
studio.batches       many videos from a list, confirmed once; how they stand, pause, stop, try again
studio.feeding       asks for the rows of batches as money allows; the engines call it
studio.budgets       what a connection may cost in a day or a month, and where it stands
studio.balances      what is left at providers, and how much of a batch it and the budgets let in
studio.spending      what videos have cost, and how well connections and models have served
studio.usage         what providers say was used, beside the ledger
studio.recount       whether sums are what the ledger says, and the sums counted anew
studio.currencies    in which currency totals are told, and what others are worth in it
studio.pricing       what videos would cost and how long they would take, for one wish or a whole list
studio.tasks         check, estimate, submit, list, cancel, delete; settle an uncertain one
studio.exchanges     what went over the wire for a task, also as a file for a support ticket
studio.notices       what a person is told when their videos are done
studio.callbacks     the address that providers are given to call, and the secrets that they sign with
studio.calls         providers' calls, and what they may change
studio.doubts        what is known of a task that may have been charged
studio.line          where a waiting task stands, why and how long; changes its place
studio.adopting      take in a task that was made elsewhere, by its id
studio.importing     take in the history of the tester
studio.drafts        the create form as it was left
studio.shelf         drafts and prompts that are kept to be used again
studio.comparing     what can be held side by side
studio.outlines      a create as it would be sent, for somebody else to send
studio.repeating     asks for several videos once more
studio.reviews       marks, notes and tags of videos, views of the history; lists and deletes many
studio.audit_log     who did what that has consequences
studio.people        who is in the team, and what each may do; one's own account
studio.sign_in       who comes in: passwords, codes, sessions and the link of a first start
"""

from __future__ import annotations

from runway_core.archive import Archive
from runway_core.people import Actor
from runway_core.settings import Settings
from runway_core.store import Store, open_store
from runway_core.studio.adopting import Adopting
from runway_core.studio.assets import Assets
from runway_core.studio.audit import AuditLog
from runway_core.studio.balances import Balances
from runway_core.studio.batches import Batches
from runway_core.studio.budgets import Budgets
from runway_core.studio.callbacks import Callbacks
from runway_core.studio.calls import Calls
from runway_core.studio.comparing import Comparing
from runway_core.studio.connections import Connections
from runway_core.studio.currencies import Currencies
from runway_core.studio.doctor import Doctor
from runway_core.studio.doubts import Doubts
from runway_core.studio.drafts import Drafts
from runway_core.studio.exchanges import Inspector
from runway_core.studio.feeding import Feeding
from runway_core.studio.hosts import Hosts
from runway_core.studio.importing import Importing
from runway_core.studio.line import Line
from runway_core.studio.lists import Lists
from runway_core.studio.master_keys import MasterKeys
from runway_core.studio.notices import Notices
from runway_core.studio.outlines import Outlines
from runway_core.studio.people import People
from runway_core.studio.pricing import Pricing
from runway_core.studio.recount import Recount
from runway_core.studio.repeating import Repeating
from runway_core.studio.reviews import Reviews
from runway_core.studio.shelf import Shelf
from runway_core.studio.sign_in import SignIn
from runway_core.studio.spending import Spending
from runway_core.studio.tasks import Tasks
from runway_core.studio.usage import Usage
from runway_core.vault import Vault

__all__ = ["Studio", "open_studio"]


class Studio:
    """Everything that one home folder holds, and what the acting person can do with it."""

    def __init__(self, settings: Settings, *, store: Store, archive: Archive | None = None) -> None:
        self.settings = settings
        self.store = store
        self.actor = store.actor
        self.archive = archive or Archive(settings.media, url=settings.media_url)
        self.hosts = Hosts(settings, store=store)
        self.connections = Connections(settings, store=store, vault=Vault(settings.master_key))
        self.keys = MasterKeys(store, vault=Vault(settings.master_key))
        self.doctor = Doctor(settings, store=store, connections=self.connections)
        self.assets = Assets(store, archive=self.archive)
        self.budgets = Budgets(store)
        self.balances = Balances(store)
        self.spending = Spending(store)
        self.usage = Usage(store)
        self.recount = Recount(store)
        self.currencies = Currencies(store)
        self.pricing = Pricing(store, connections=self.connections)
        self.line = Line(store, connections=self.connections)
        self.tasks = Tasks(store, connections=self.connections, archive=self.archive)
        self.lists = Lists(
            store, connections=self.connections, tasks=self.tasks, pricing=self.pricing
        )
        self.batches = Batches(store, connections=self.connections, tasks=self.tasks)
        self.feeding = Feeding(
            store, connections=self.connections, tasks=self.tasks, batches=self.batches
        )
        self.exchanges = Inspector(store)
        self.notices = Notices(store)
        self.callbacks = Callbacks(
            settings,
            store=store,
            connections=self.connections,
            vault=Vault(settings.master_key),
        )
        self.calls = Calls(store, callbacks=self.callbacks)
        self.doubts = Doubts(store, connections=self.connections, callbacks=self.callbacks)
        self.adopting = Adopting(settings, store=store, connections=self.connections)
        self.importing = Importing(store, adopting=self.adopting)
        self._open_shelves(store)

    def _open_shelves(self, store: Store) -> None:
        """What is kept beside tasks, looked up in them, or about people."""
        self.drafts = Drafts(store)
        self.shelf = Shelf(store)
        self.comparing = Comparing(store)
        self.outlines = Outlines(store, connections=self.connections)
        self.repeating = Repeating(store, connections=self.connections, tasks=self.tasks)
        self.reviews = Reviews(store, archive=self.archive)
        self.audit_log = AuditLog(store)
        self.people = People(store)
        self.sign_in = SignIn(store)

    def acting_as(self, actor: Actor) -> Studio:
        """The same home, with what somebody else may see and do there."""
        return Studio(self.settings, store=self.store.acting_as(actor), archive=self.archive)

    def close(self) -> None:
        self.archive.close()
        self.store.close()


def open_studio(settings: Settings) -> Studio:
    """Open the home folder, making or upgrading its database.

    Raises:
        StorageError: the folder or the database can't be used.
    """
    store = open_store(settings.database, url=settings.database_url)
    return Studio(settings, store=store)
