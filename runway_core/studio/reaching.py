"""The way to a server in words: what each step that fails means, and what to do about it."""

from __future__ import annotations

from urllib.parse import urlsplit

from runway_core.http import Stage
from runway_core.studio.diagnosis import State, Step, StepName

_STAGES: dict[tuple[str, str], tuple[str, str]] = {
    ("address", "not allowed"): (
        "{url} is not connected to: only https:// on port 443 is safe for a key.",
        "Write the address with https:// and without a port. If this is your own server on a private "
        "network, start the app with RUNWAY_PRIVATE_HOSTS={host}:{port}.",
    ),
    ("name", "private"): (
        "{host} is at {detail}, which is on a private network, so nothing was sent there.",
        "If this is your own server, start the app with RUNWAY_PRIVATE_HOSTS={host}:{port}. "
        "If it is not, the address is wrong.",
    ),
    ("name", "unknown name"): (
        "Nobody knows the name {host}.",
        "Check its spelling. If it is right, check that this computer is on the internet.",
    ),
    ("name", "slow"): (
        "No answer came to the question where {host} is.",
        "Check that this computer is on the internet, then try again.",
    ),
    ("connection", "refused"): (
        "The computer of {host} is there, but nothing answers on port {port}.",
        "The service is down, or the address is not the right one. Ask the provider.",
    ),
    ("connection", "slow"): (
        "{host} could not be connected to in time.",
        "It is down, or a firewall or VPN stands in between. Try another network, then ask the provider.",
    ),
    ("connection", "no way"): (
        "There is no way from this computer to {host}.",
        "Check that this computer is on the internet; a VPN or firewall may stand in between.",
    ),
    ("encryption", "expired"): (
        "The certificate of {host} has run out.",
        "Whoever runs it must renew it. Also check the date on this computer.",
    ),
    ("encryption", "not yet valid"): (
        "The certificate of {host} is not valid yet.",
        "Check the date and time on this computer: it seems to be behind.",
    ),
    ("encryption", "wrong name"): (
        "The certificate is for another name than {host}, so this may be somebody else's server.",
        "Check the spelling of the address. If it is right, tell the provider.",
    ),
    ("encryption", "unknown authority"): (
        "Nobody who is trusted vouches for the certificate of {host}.",
        "It is home-made, or a virus scanner or company network stands in between. "
        "Try another network, then ask whoever runs the server.",
    ),
    ("encryption", "not encrypted"): (
        "{host} does not speak encrypted on port {port}.",
        "The address is not the right one. Ask the provider for the address of its API.",
    ),
    ("encryption", "slow"): (
        "{host} did not finish agreeing on encryption.",
        "It is down or very busy. Wait a few minutes, then try again.",
    ),
}
_ANY = {
    "connection": ("No connection to {host} could be made.", "Check your network, then try again."),
    "encryption": (
        "No encrypted connection to {host} could be agreed on.",
        "A virus scanner or company network may stand in between. Try another network.",
    ),
}


def stage_step(stage: Stage, url: str) -> Step:
    """One step of the way to the server."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    facts = {"url": url, "host": parts.hostname or url, "port": port, "detail": stage.detail}
    if stage.fault:
        says, do = _STAGES.get((stage.name, stage.fault)) or _ANY[stage.name]
        return _step(stage.name, "failed", says.format(**facts), do.format(**facts), stage)
    says = {
        "address": "{url} is a proper address.",
        "name": "A number, so there is no name to look up."
        if stage.detail == parts.hostname
        else "{host} is at {detail}.",
        "connection": "{host} takes the connection.",
        "encryption": "Encrypted ({detail}), and the certificate is in order.",
    }[stage.name]
    return _step(stage.name, "ok", says.format(**facts), "", stage)


def unencrypted(host: str) -> Step:
    """The step of an address with plain http."""
    if host in ("localhost", "::1") or host.startswith("127."):
        return Step(name="encryption", state="ok", says="Not needed: nothing leaves this computer.")
    return Step(
        name="encryption",
        state="warning",
        says="None: this is plain http, so the key and your pictures travel readable.",
        do="Use it on your own network only, or have the server offer https.",
    )


def _step(name: StepName, state: State, says: str, do: str, stage: Stage) -> Step:
    return Step(name=name, state=state, says=says, do=do, elapsed_ms=stage.elapsed_ms)
