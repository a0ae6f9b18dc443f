"""What the app can do, one method each; pages, command line and engine all call this and nothing below.

studio.connections   add, change, remove, test; opens the provider behind one
studio.pictures      take in a picture, show its crop
studio.tasks         check, estimate, submit, list, cancel, delete; settle an uncertain one
studio.drafts        the create form as it was left
"""

from __future__ import annotations

from runway_core.archive import Archive
from runway_core.settings import Settings
from runway_core.store import Store, open_store
from runway_core.studio.connections import Connections
from runway_core.studio.drafts import Drafts
from runway_core.studio.pictures import Pictures
from runway_core.studio.tasks import Tasks
from runway_core.vault import Vault

__all__ = ["Studio", "open_studio"]


class Studio:
    """Everything that one home folder holds, and what can be done with it."""

    def __init__(self, settings: Settings, *, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.archive = Archive(settings.media)
        self.connections = Connections(settings, store=store, vault=Vault(settings.master_key))
        self.pictures = Pictures(store, archive=self.archive)
        self.tasks = Tasks(store, connections=self.connections, archive=self.archive)
        self.drafts = Drafts(store)

    def close(self) -> None:
        self.store.close()


def open_studio(settings: Settings) -> Studio:
    """Open the home folder, making or upgrading its database.

    Raises:
        StorageError: the folder or the database can't be used.
    """
    store = open_store(settings.database, url=settings.database_url)
    return Studio(settings, store=store)
