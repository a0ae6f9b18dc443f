"""A home and a relay, as the engine's tests have them."""

from tests.engine.conftest import desk, relay

__all__ = ["desk", "relay"]
