"""A small client for scripts: one picture in, one video out, through yunwu or any relay of its kind.

    from runway_core import RunwayClient, create_video_5s, wait_for_video_completion

    client = RunwayClient(api_token=os.environ["MY_TOKEN"])
    response = client.generate_video(create_video_5s("https://example.com/boat.jpg", "the boat leaves"))
    result = wait_for_video_completion(client, response["data"]["id"])

Names, arguments and shapes are those of the client that yunwu's users know. Behind them is what the app
uses: the same check before anything is sent, the same reader of any answer, one create for one call.
"""

from runway_core.client.calls import DEFAULT_URL, RunwayClient
from runway_core.client.faults import MayBeChargedError, StillRunningError, VideoFailedError
from runway_core.client.waiting import wait_for_video_completion
from runway_core.client.wishes import (
    RunwayVideoRequest,
    create_simple_video_request,
    create_video_5s,
    create_video_10s,
)

__all__ = [
    "DEFAULT_URL",
    "MayBeChargedError",
    "RunwayClient",
    "RunwayVideoRequest",
    "StillRunningError",
    "VideoFailedError",
    "create_simple_video_request",
    "create_video_5s",
    "create_video_10s",
    "wait_for_video_completion",
]
