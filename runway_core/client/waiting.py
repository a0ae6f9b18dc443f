"""Waits for one video. The waiting may end; the video goes on."""

from __future__ import annotations

import logging
import time
from typing import Any

from runway_core.client.calls import DRY_RUN, RunwayClient
from runway_core.client.faults import StillRunningError, VideoFailedError, said
from runway_core.errors import ProviderError

log = logging.getLogger(__name__)
PAUSE_LEAST = 0.01
"""Seconds between two looks that nobody asked to be further apart."""


def wait_for_video_completion(
    client: RunwayClient, task_id: str, timeout: float = 600, poll_interval: float = 10
) -> dict[str, Any]:
    """Look at a video until it is there, every `poll_interval` seconds for at most `timeout` seconds.

    Looks are never closer together than the provider allows. A look that fails is no reason to stop.

    Raises:
        VideoFailedError: the provider could not make it.
        StillRunningError: a TimeoutError; says the id, and how to go on.
    """
    ends = time.monotonic() + timeout
    trouble = ""
    while True:
        data, now_wrong, response = _look(client, task_id)
        if now_wrong and now_wrong != trouble:
            log.warning("%s Still waiting for %s.", now_wrong, task_id)
        trouble = now_wrong
        if data["status"] in ("completed", DRY_RUN):
            return response
        if data["status"] == "failed":
            raise VideoFailedError(f"Video {task_id} failed: {data['error']}", response=response)
        left = ends - time.monotonic()
        if left <= 0:
            raise _still_running(task_id, timeout, trouble)
        asked_for = data.get("retry_after") or 0.0
        time.sleep(min(left, max(poll_interval, client.poll_floor, asked_for, PAUSE_LEAST)))


def _look(client: RunwayClient, task_id: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """What a look taught, what was wrong with it, and the whole answer."""
    try:
        response = client.query_video(task_id)
    except ProviderError as error:
        return {"status": "unknown"}, said(error), {}
    data = response["data"]
    return data, str(data["error"]) if data["status"] == "unknown" else "", response


def _still_running(task_id: str, timeout: float, trouble: str) -> StillRunningError:
    last = f" The last look failed: {trouble}" if trouble else ""
    return StillRunningError(
        f"Video {task_id} was not ready after {timeout:g} s of waiting. Only the waiting has ended: "
        f"it goes on at the provider and stays paid for. Wait again with "
        f"wait_for_video_completion(client, {task_id!r}), or take it into your history with "
        f"“python -m runway_core adopt CONNECTION {task_id}”.{last}"
    )
