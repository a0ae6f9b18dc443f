"""Relays: the same tasks in each envelope that relays wrap them in, and their billing routes."""

from runway_core.sandbox.relays.billing import billing_routes
from runway_core.sandbox.relays.envelopes import FAMILIES
from runway_core.sandbox.relays.face import hook_styles, is_relay, routes

__all__ = ["FAMILIES", "billing_routes", "hook_styles", "is_relay", "routes"]
