"""Files that a person brings in: kept at once, so that nothing depends on the browser tab.

`runway_core.images` is loaded on first use, so that a start does not wait for the picture library.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import BinaryIO

from runway_core.archive import Archive
from runway_core.catalog import AS_SENT, DATA_URI_MAX
from runway_core.domain import Artifact, Asset, Frame, MediaKind
from runway_core.errors import NotFoundError
from runway_core.people import Right
from runway_core.store import Store
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now


class Assets(Service):
    """Takes in and finds pictures, videos and sounds; crops pictures."""

    def __init__(self, store: Store, *, archive: Archive) -> None:
        super().__init__(store)
        self._archive = archive

    @may(Right.MAKE)
    def add(
        self,
        source: bytes | BinaryIO,
        *,
        filename: str,
        field: str = "frames.first",
        kinds: tuple[MediaKind, ...] = (MediaKind.IMAGE,),
    ) -> Asset:
        """Check and keep a file of one of these kinds; a picture is cleaned too.

        Raises:
            InvalidInputError: it is none that a provider takes; names `field` and says why.
            StorageError: it can't be kept.
        """
        asset = self._archive.add_asset(
            source, filename=filename, field=field, now=now(), kinds=kinds
        )
        self._store.assets.add(asset)
        return asset

    @may(Right.MAKE)
    def add_artifact(self, artifact: Artifact, *, filename: str, field: str) -> Asset:
        """Take in a finished picture or video, to make something else of it.

        Raises:
            InvalidInputError: it is none that a provider takes; names `field` and says why.
            NotFoundError: its file is gone.
            StorageError: it can't be read or kept.
        """
        path = self._archive.path(artifact.path)
        kinds = (MediaKind.IMAGE, MediaKind.VIDEO)
        with path.open("rb") as file:
            return self.add(file, filename=filename, field=field, kinds=kinds)

    @may(Right.MAKE)
    def add_last_frame(self, artifact: Artifact, *, filename: str, field: str) -> Asset:
        """Take in the last frame of a finished video, to go on from there.

        Raises:
            InvalidInputError: no frame at its end can be read; names `field`.
            NotFoundError: its file is gone.
            StorageError: it can't be read or kept.
        """
        from runway_core.archive.poster import last_frame

        data = last_frame(self._archive.path(artifact.path), field=field)
        return self.add(data, filename=filename, field=field)

    @may(Right.LOOK)
    def newest(
        self, kinds: tuple[MediaKind, ...], *, offset: int = 0, limit: int = 12
    ) -> list[Asset]:
        """Files of these kinds that the acting person brought in, the last one first."""
        return self._store.assets.newest(kinds, offset=offset, limit=limit)

    @may(Right.LOOK)
    def get(self, sha256: str) -> Asset:
        """A kept file.

        Raises:
            NotFoundError: there is none of that hash here.
        """
        asset = self._store.assets.get(sha256)
        if asset is None:
            raise NotFoundError("This file is not kept here any more; choose it again.")
        return asset

    @may(Right.LOOK)
    def path(self, sha256: str) -> Path:
        """A kept file on this machine, fetched if it is kept elsewhere.

        Raises:
            NotFoundError: there is none of that hash here.
            StorageError: it can't be fetched.
        """
        return self._archive.asset_path(self.get(sha256).sha256)

    @may(Right.LOOK)
    def preview(self, sha256: str, *, ratio: str, focus: tuple[float, float]) -> bytes:
        """A small JPEG that shows what a crop to `ratio` keeps and what it cuts off."""
        from runway_core.images import crop_preview

        shape = self._shape(sha256, ratio)
        return crop_preview(self.path(sha256).read_bytes(), ratio=shape, focus=focus)

    @may(Right.LOOK)
    def wire_uri(self, frame: Frame, *, ratio: str) -> str:
        """What a provider gets for a frame: a link as it is, a kept picture as a data URI."""
        if frame.asset is None:
            return frame.uri
        from runway_core.images import fit_frame

        data = self.path(frame.asset).read_bytes()
        return fit_frame(data, ratio=self._shape(frame.asset, ratio), focus=frame.focus)

    @may(Right.LOOK)
    def data_uri(self, sha256: str) -> str | None:
        """A kept file as a data URI, uncropped; None when it is too large to be encoded.

        A picture is made smaller until it fits.

        Raises:
            NotFoundError: it is not kept here any more.
        """
        asset = self.get(sha256)
        data = self.path(sha256).read_bytes()
        if asset.kind is MediaKind.IMAGE:
            from runway_core.images import fit_frame

            return fit_frame(data, ratio=self._shape(sha256, ""), focus=(0.5, 0.5))
        head = f"data:{asset.mime};base64,"
        if len(head) + (asset.size + 2) // 3 * 4 > DATA_URI_MAX[asset.kind]:
            return None
        return head + base64.b64encode(data).decode("ascii")

    def _shape(self, sha256: str, ratio: str) -> str:
        """The ratio to crop to: the picture's own where nothing is to be cut."""
        if ratio not in ("", AS_SENT):
            return ratio
        asset = self.get(sha256)
        return f"{asset.width}:{asset.height}"
