"""Pictures that a person brings in: kept at once, so that nothing depends on the browser tab.

`runway_core.images` is loaded on first use, so that a start does not wait for the picture library.
"""

from __future__ import annotations

from pathlib import Path

from runway_core.archive import Archive
from runway_core.domain import Asset, Frame
from runway_core.errors import NotFoundError
from runway_core.store import Store
from runway_core.studio.clock import now


class Pictures:
    """Takes in, finds and crops pictures."""

    def __init__(self, store: Store, *, archive: Archive) -> None:
        self._store = store
        self._archive = archive

    def add(self, data: bytes, *, filename: str, field: str = "frames.first") -> Asset:
        """Check, clean and keep a picture.

        Raises:
            InvalidInputError: it is no picture that a provider takes; names `field` and says why.
            StorageError: it can't be kept.
        """
        asset = self._archive.add_asset(data, filename=filename, field=field, now=now())
        self._store.assets.add(asset)
        return asset

    def get(self, sha256: str) -> Asset:
        """A kept picture.

        Raises:
            NotFoundError: there is none of that hash here.
        """
        asset = self._store.assets.get(sha256)
        if asset is None:
            raise NotFoundError("This picture is not kept here any more; choose it again.")
        return asset

    def path(self, sha256: str) -> Path:
        """The file of a kept picture."""
        return self._archive.asset_path(sha256)

    def preview(self, sha256: str, *, ratio: str, focus: tuple[float, float]) -> bytes:
        """A small JPEG that shows what a crop to `ratio` keeps and what it cuts off."""
        from runway_core.images import crop_preview

        return crop_preview(self.path(sha256).read_bytes(), ratio=ratio, focus=focus)

    def wire_uri(self, frame: Frame, *, ratio: str) -> str:
        """What a provider gets for a frame: a link as it is, a kept picture as a data URI."""
        if frame.asset is None:
            return frame.uri
        from runway_core.images import fit_frame

        data = self.path(frame.asset).read_bytes()
        return fit_frame(data, ratio=ratio, focus=frame.focus)
