"""Reads the files of a create request: the pictures that fix frames, and every further kind a model takes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from runway_core.catalog import MediaSpec, ModelSpec
from runway_core.domain import MediaKind, Role
from runway_core.sandbox.issues import MISSING, Issues, Path
from runway_core.sandbox.sent import Bounds, Finder, Sent, SentRefused, read_sent

PROMPT_IMAGE = "promptImage"
TAG = re.compile(r"[a-z][a-z0-9_]+")
TAG_SIZE = (3, 16)
KEYFRAME_SECONDS_MAX = 30
WHOLE_MAX = 9_007_199_254_740_991
"""The greatest whole number that JavaScript counts to."""


@dataclass(frozen=True)
class Given:
    """One file and what it is for."""

    role: Role
    sent: Sent


@dataclass
class MediaReader:
    """Reads the files of one body."""

    body: dict[str, Any]
    spec: ModelSpec
    issues: Issues
    find: Finder
    frames: dict[str, Sent] = field(default_factory=dict)
    """By position, ``first`` and ``last``."""
    media: list[Given] = field(default_factory=list)

    def read(self) -> None:
        """Read every file that the model takes, and note what is wrong."""
        if self.spec.positions:
            self._prompt_images()
        for medium in self.spec.media:
            if not (self.spec.positions and medium.key == PROMPT_IMAGE):
                self._medium(medium, self.body.get(medium.key, MISSING))
        for medium in self.spec.media:
            self._total(medium)

    def _total(self, medium: MediaSpec) -> None:
        """Hold all videos, or all sounds, of a request together against their greatest length."""
        most, kind = medium.seconds_in_all, medium.kinds[0]
        total = sum(given.sent.seconds for given in self.media if given.sent.kind is kind)
        given = any(given.role is medium.role for given in self.media)
        if most is not None and given and round(total, 1) > most:
            message = f"Combined duration of {kind} inputs must be at most {most:g} seconds"
            self.issues.add(
                "too_big", message, medium.key, origin="number", maximum=most, inclusive=True
            )

    def _prompt_images(self) -> None:
        value = self.body.get(PROMPT_IMAGE, MISSING)
        if value is MISSING and not self.spec.frames_min:
            return
        if isinstance(value, str):
            self._frame(value, "first", (PROMPT_IMAGE,))
        elif isinstance(value, list):
            self._frames(value)
        else:
            self.issues.wrong_type("string", value, PROMPT_IMAGE)

    def _frames(self, value: list[Any]) -> None:
        looks = next((m for m in self.spec.media if m.key == PROMPT_IMAGE), None)
        most = max(len(self.spec.positions), looks.most if looks else 0)
        self.issues.size(len(value), 1, most, PROMPT_IMAGE, origin="array")
        if len(value) > most:
            return
        for index, item in enumerate(value):
            self._frame_item(item, looks, (PROMPT_IMAGE, index))
        if self.frames and any(looks and g.role is looks.role for g in self.media):
            message = "Pictures with and without a position cannot be mixed"
            self.issues.add("custom", message, PROMPT_IMAGE)

    def _frame_item(self, item: object, looks: MediaSpec | None, path: Path) -> None:
        if not isinstance(item, dict):
            self.issues.wrong_type("object", item, *path)
            return
        if looks and "position" not in item:
            self._item(item, looks, path)
            return
        self._closed(item, {"uri", "position"}, path)
        position = item.get("position", MISSING)
        known = self.issues.one_of(position, map(str, self.spec.positions), *path, "position")
        if known and position in self.frames:
            self.issues.add("custom", f"Position {position} is given twice", *path, "position")
        uri = self._uri(item, path)
        if uri is not None:
            self._frame(uri, str(position), (*path, "uri"))

    def _frame(self, uri: str, position: str, path: Path) -> None:
        sent = self._sent(uri, MediaKind.IMAGE, Bounds(aspect=self.spec.image_aspect), path)
        if sent:
            self.frames[position] = sent

    def _medium(self, medium: MediaSpec, value: object) -> None:
        if value is MISSING and not medium.least:
            return
        if medium.shape == "uri" or (medium.key == PROMPT_IMAGE and isinstance(value, str)):
            if isinstance(value, str):
                self._add(medium, value, medium.kinds[0], (medium.key,))
            else:
                self.issues.wrong_type("string", value, medium.key)
        elif medium.shape == "typed":
            self._item(value, medium, (medium.key,))
        elif isinstance(value, list):
            self._list(medium, value)
        else:
            self.issues.wrong_type("array", value, medium.key)

    def _list(self, medium: MediaSpec, value: list[Any]) -> None:
        least = max(medium.least, 1 if medium.shape == "keyframes" else 0)
        self.issues.size(len(value), least, medium.most, medium.key, origin="array")
        if len(value) <= medium.most:
            for index, item in enumerate(value):
                self._item(item, medium, (medium.key, index))

    def _item(self, item: object, medium: MediaSpec, path: Path) -> None:
        if not isinstance(item, dict):
            self.issues.wrong_type("object", item, *path)
            return
        kind = medium.kinds[0]
        known = {"uri"}
        if medium.shape in ("typed", "typed-list"):
            known |= {"type"}
            said = item.get("type", MISSING)
            if self.issues.one_of(said, [k.value for k in medium.kinds], *path, "type"):
                kind = MediaKind(said)
        elif medium.shape == "tagged-list":
            known |= {"tag"}
            self._tag(item, path)
        elif medium.shape == "keyframes":
            known |= {"seconds", "at", "range"}
            self._moment(item, path)
        self._closed(item, known, path)
        uri = self._uri(item, path)
        if uri is not None:
            self._add(medium, uri, kind, (*path, "uri"))

    def _closed(self, item: dict[str, Any], known: set[str], path: Path) -> None:
        if self.spec.strict:
            self.issues.unknown_keys((key for key in item if key not in known), *path)

    def _uri(self, item: dict[str, Any], path: Path) -> str | None:
        uri = item.get("uri", MISSING)
        if isinstance(uri, str):
            return uri
        self.issues.wrong_type("string", uri, *path, "uri")
        return None

    def _tag(self, item: dict[str, Any], path: Path) -> None:
        if "tag" not in item:
            return
        before = len(self.issues.found)
        tag = self.issues.text(item["tag"], *TAG_SIZE, *path, "tag")
        if len(self.issues.found) == before and not TAG.fullmatch(tag):
            message = f"Invalid string: must match pattern /^{TAG.pattern}$/"
            self.issues.add("invalid_format", message, *path, "tag", format="regex")

    def _moment(self, item: dict[str, Any], path: Path) -> None:
        if "at" in item and "seconds" not in item:
            self.issues.number(item["at"], 0, 1, *path, "at")
        else:
            value = item.get("seconds", MISSING)
            self.issues.number(value, 0, KEYFRAME_SECONDS_MAX, *path, "seconds")
        window = item.get("range", MISSING)
        if isinstance(window, dict):
            for key, low in (("start_seconds", 0), ("end_seconds", 1)):
                self.issues.integer(window.get(key, MISSING), low, WHOLE_MAX, *path, "range", key)
        elif window is not MISSING:
            self.issues.wrong_type("object", window, *path, "range")

    def _add(self, medium: MediaSpec, uri: str, kind: MediaKind, path: Path) -> None:
        bounds = Bounds(seconds=None if kind is MediaKind.IMAGE else medium.seconds)
        sent = self._sent(uri, kind, bounds, path)
        if sent:
            self.media.append(Given(medium.role, sent))

    def _sent(self, uri: str, kind: MediaKind, bounds: Bounds, path: Path) -> Sent | None:
        """Read a file; a refusal is noted.

        The issue names where the address stands, as Runway's do: ``["videoUri"]``.
        """
        try:
            return read_sent(uri, kind, bounds, self.find)
        except SentRefused as error:
            self.issues.add(error.code, str(error), *path, **error.more)
            return None
