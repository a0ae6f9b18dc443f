"""Shows what the scripting client would send, and sends nothing: ``python -m runway_core.examples``."""

from __future__ import annotations

import sys
from typing import Any

from runway_core.client import (
    RunwayClient,
    RunwayVideoRequest,
    create_simple_video_request,
    create_video_5s,
    create_video_10s,
    wait_for_video_completion,
)

PICTURE = "https://example.com/harbour.jpg"
EXAMPLES = {
    "A video of 5 seconds": create_video_5s(PICTURE, "the boat leaves"),
    "A video of 10 seconds": create_video_10s(PICTURE, "waves run up the sand"),
    "Upright": create_video_5s(PICTURE, "clouds move", ratio="768:1280"),
    "Square": create_video_5s(PICTURE, "the flower opens", ratio="1024:1024"),
    "Every field": RunwayVideoRequest(
        promptImage=PICTURE,
        model="runwayml-gen4_turbo-5",
        promptText="the lights come on",
        watermark=True,
        duration=5,
        ratio="1280:720",
    ),
    "Refused before it is sent": create_simple_video_request(PICTURE, duration=10),
}


def main() -> None:
    """Print every example."""
    client = RunwayClient("your-api-token", dry_run=True)
    _say("Dry run: nothing below is sent and nothing is charged.")
    for title, request in EXAMPLES.items():
        _say(f"\n# {title}")
        good, problem = client.validate_request(request)
        if good:
            _show(client.generate_video(request))
        else:
            _say(f"Refused: {problem}")
    _say("\n# Look at a video, or wait for it")
    _show(wait_for_video_completion(client, "2f19d8a7-0000-4000-8000-d0bcadbaec54"))


def _show(response: dict[str, Any]) -> None:
    request = response["data"]["request"]
    _say(f"{request['method']} {request['url']}")
    for name, value in request["request_headers"].items():
        _say(f"{name}: {value}")
    if request["request_body"]:
        _say(request["request_body"])
    for note in response["data"].get("notes", ()):
        _say(f"Note: {note}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
