"""How long `streamlit run app.py` takes to answer, against an empty Streamlit app in the same run.

Run it as ``python -m benchmarks.start``; the goal is at most 1.3 times as long.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROUNDS = 5


def seconds_to_healthy(script: Path, home: Path) -> float:
    """Start a server on a free port and wait until it says that it is well."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {"RUNWAY_HOME": str(home), "STREAMLIT_SERVER_PORT": str(port)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script)],
        cwd=ROOT,
        env=os.environ | own,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _healthy(port):
            time.sleep(0.005)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def main() -> None:
    """Start both in turn and print the medians."""
    with tempfile.TemporaryDirectory() as name:
        empty = Path(name) / "empty.py"
        empty.write_text("import streamlit as st\n\nst.title('Empty')\n")
        times: dict[str, list[float]] = {"app.py": [], "empty": []}
        for _ in range(ROUNDS):
            times["app.py"].append(seconds_to_healthy(ROOT / "app.py", Path(name) / "home"))
            times["empty"].append(seconds_to_healthy(empty, Path(name) / "home"))
    ours, base = statistics.median(times["app.py"]), statistics.median(times["empty"])
    sys.stdout.write(f"start         {ours:.2f} s, empty app {base:.2f} s: {ours / base:.2f} x\n")


if __name__ == "__main__":
    main()
