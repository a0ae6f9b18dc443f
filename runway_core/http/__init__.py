"""The only place that opens a socket outwards: guarded, capped, with a total deadline, no redirects, no proxies."""

from runway_core.http.client import Http
from runway_core.http.download import Download, Pace
from runway_core.http.exchange import Observe, Seen, Watch
from runway_core.http.guard import GuardBackend, is_public
from runway_core.http.piece import BROKEN_LASTS
from runway_core.http.proof import SandboxHost
from runway_core.http.reach import Stage, reach
from runway_core.http.reply import Reply, request_id, retry_after, slow_down, wait_asked
from runway_core.redact import clean

__all__ = [
    "BROKEN_LASTS",
    "Download",
    "GuardBackend",
    "Http",
    "Observe",
    "Pace",
    "Reply",
    "SandboxHost",
    "Seen",
    "Stage",
    "Watch",
    "clean",
    "is_public",
    "reach",
    "request_id",
    "retry_after",
    "slow_down",
    "wait_asked",
]
