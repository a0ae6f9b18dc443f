"""Brings files into an archive, one by one, and prints what became of each and what it took.

In the end it prints how much memory the largest decoder had. Runs in a process of its own, so that its
children are those of the uploads and nothing else:
``python -m tests.uploads.measured HOME FILES``, where each file's name begins with its kind.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

from runway_core.archive import Archive
from runway_core.domain import MediaKind
from runway_core.errors import InvalidInputError
from runway_core.images.decoders import decoders as server
from tests.builders import NOW
from tests.uploads.processes import decoders, processor_seconds

FIELD = "frames.last"


def main(home: Path, folder: Path) -> None:
    """Bring each file of a folder into a home."""
    archive = Archive(home)
    for path in sorted(folder.iterdir()):
        processor, clock = processor_seconds(), time.monotonic()
        told = _bring(archive, path)
        told |= {
            "seconds": time.monotonic() - clock,
            "processor": processor_seconds() - processor,
            "left": _left_running(),
        }
        print(json.dumps({"file": path.name} | told), flush=True)
    server.close()
    print(
        json.dumps({"decoder_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024})
    )


def _bring(archive: Archive, path: Path) -> dict[str, Any]:
    kind = MediaKind(path.name.partition(".")[0])
    try:
        with path.open("rb") as file:
            asset = archive.add_asset(file, filename="x", field=FIELD, now=NOW, kinds=(kind,))
    except InvalidInputError as error:
        return {"refused": [(problem.field, problem.message) for problem in error.problems]}
    except Exception as error:  # noqa: BLE001 - which would be the finding
        return {"untyped": repr(error)}
    return {"kept": archive.asset_name(asset.sha256), "size": (asset.width, asset.height)}


def _left_running() -> bool:
    """Whether an upload has left a process or a thread behind."""
    return bool(decoders()) or any(isinstance(t, threading.Timer) for t in threading.enumerate())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
