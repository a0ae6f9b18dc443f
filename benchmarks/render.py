"""How fast the sandbox renders: seconds per video, and how many times faster than it plays.

Run it as ``python -m benchmarks.render``; the goal is at least 2 times real time on 2 cores.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from runway_core.sandbox.render import Shot, render

SECONDS = 5


def _shots(folder: Path) -> dict[str, Shot]:
    first, last = folder / "first.jpg", folder / "last.jpg"
    noise = Image.effect_noise((320, 180), 90).resize((1920, 1080)).convert("RGB")
    noise.save(first)
    noise.rotate(180).save(last)
    return {
        "one picture": Shot(1280, 720, SECONDS, 1, first=first),
        "two pictures": Shot(1280, 768, SECONDS, 1, first=first, last=last),
        "text": Shot(1280, 720, SECONDS, 1, prompt="a lighthouse at dusk " * 10),
        "wide": Shot(1584, 672, SECONDS, 1, first=first),
    }


def main() -> None:
    """Render each kind of video once and print a line for each."""
    with tempfile.TemporaryDirectory() as name:
        for kind, shot in _shots(Path(name)).items():
            began = time.perf_counter()
            render(shot, Path(name) / "out.mp4")
            took = time.perf_counter() - began
            sys.stdout.write(
                f"{kind:13} {shot.width}x{shot.height} {SECONDS} s: "
                f"{took:.2f} s, {SECONDS / took:.1f} x real time\n"
            )


if __name__ == "__main__":
    main()
