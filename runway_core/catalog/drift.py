"""Compares the catalogue's rows of Runway's own API with an OpenAPI file of it, and says each difference.

``python -m runway_core.catalog.drift FILE`` ends with 0 when there is none, 1 when there are some and
2 when the file is no such description. What is different on purpose is in `KNOWN`, with its reason.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from runway_core.catalog.compare import compare
from runway_core.catalog.load import catalog
from runway_core.catalog.plain_schema import plain
from runway_core.catalog.schema import body_schema
from runway_core.catalog.spec import ModelSpec
from runway_core.domain import Capability


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same on both sides."""

    endpoint: str
    """A capability."""
    model: str
    path: str
    """The key, with dots into objects and the items of lists; empty for the whole body."""
    says: str

    def __str__(self) -> str:
        return f"{self.endpoint} {self.model}: {self.path}{' ' if self.path else ''}{self.says}"


@dataclass(frozen=True)
class Known:
    """A difference that is meant; each field is a pattern as file names have."""

    endpoint: str
    model: str
    path: str
    says: str
    why: str

    def covers(self, difference: Difference) -> bool:
        """Whether this explains a difference."""
        names = ("endpoint", "model", "path", "says")
        return all(fnmatchcase(getattr(difference, n), getattr(self, n)) for n in names)


_PICTURES = "Pictures here are first frames for videos; Runway's own two models make those."
_NO_MOST = "Runway names no most for image to video; that of text to video is taken."
KNOWN = (
    Known("text_to_image", "gpt_image_2", "", "is not in the catalogue", _PICTURES),
    Known("text_to_image", "gemini_*", "", "is not in the catalogue", _PICTURES),
    Known("text_to_image", "seedream*", "", "is not in the catalogue", _PICTURES),
    Known(
        "video_to_video",
        "aleph2",
        "ratio",
        "is missing here",
        "Deprecated: targetAspectRatio says the shape.",
    ),
    Known(
        "video_to_video",
        "aleph2",
        "keyframes",
        "takes in the spec also: object with at, uri",
        "A moment is said in seconds, which people can read off a player.",
    ),
    Known(
        "video_to_video",
        "aleph2",
        "keyframes.range",
        "is missing here",
        "A change of a part of the video: all keyframes must have one or none. Not offered.",
    ),
    Known(
        "image_to_video",
        "seedance2*",
        "promptImage",
        "maxItems: 9 here, none in the spec",
        _NO_MOST,
    ),
    Known(
        "image_to_video",
        "seedance2_5",
        "promptImage",
        "maxItems: 30 here, none in the spec",
        _NO_MOST,
    ),
    Known(
        "image_to_video",
        "hailuo3",
        "promptImage",
        "* is not described in the spec",
        "The spec leaves the items of this list open; its words are those of Seedance.",
    ),
)


def differences(spec: object, rows: Sequence[ModelSpec]) -> Iterator[Difference]:
    """Every difference between an OpenAPI description and rows of the catalogue, known or not.

    Rows of retired models are left out: the maker describes them no longer.

    Raises:
        ValueError: it describes no endpoint that the catalogue knows.
    """
    if not isinstance(spec, dict) or not any(_branches(spec, one) for one in Capability):
        raise ValueError("it is no OpenAPI file of Runway's API")
    for capability in Capability:
        ours = {r.id: r for r in rows if r.capability is capability and not r.retired}
        theirs = _branches(spec, capability)
        for model in sorted(ours.keys() | theirs.keys()):
            if model not in ours:
                yield Difference(capability, model, "", "is not in the catalogue")
            elif model not in theirs:
                yield Difference(capability, model, "", "is not in the spec")
            else:
                mine, other = plain(body_schema(ours[model]), spec), plain(theirs[model], spec)
                for path, says in compare(mine, other):
                    yield Difference(capability, model, path, says)


def _branches(spec: dict[str, Any], capability: Capability) -> dict[str, Any]:
    """What an endpoint takes, by the model's name."""
    found: Any = spec
    keys = ("paths", f"/v1/{capability}", "post", "requestBody", "content", "application/json")
    for key in (*keys, "schema"):
        found = found.get(key) if isinstance(found, dict) else None
    whole = plain(found, spec) if isinstance(found, dict) else {}
    branches = {}
    for branch in whole.get("anyOf", [whole]):
        for name in branch.get("properties", {}).get("model", {}).get("enum", []):
            branches[str(name)] = branch
    return branches


def main(arguments: Sequence[str]) -> int:
    """Compare the catalogue with the file that is named, and say each difference on a line."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m runway_core.catalog.drift FILE\n")
        return 2
    try:
        spec = json.loads(Path(arguments[0]).read_text("utf-8"))
        found = list(differences(spec, catalog().profile("runway").specs))
    except (OSError, ValueError, RecursionError) as error:
        sys.stderr.write(f"{arguments[0]} can't be read: {error}\n")
        return 2
    return _report(found)


def _report(found: list[Difference]) -> int:
    known = {d: k.why for d in found for k in KNOWN if k.covers(d)}
    for difference, why in known.items():
        sys.stdout.write(f"known: {difference}. {why}\n")
    new = [difference for difference in found if difference not in known]
    for difference in new:
        sys.stdout.write(f"{difference}\n")
    many = {0: "No difference", 1: "1 difference"}.get(len(new), f"{len(new)} differences")
    sys.stdout.write(f"{many} to look at, {len(known)} known.\n")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
