"""A server on loopback that behaves like Runway's API and like a relay, and renders real videos.

It shares only the nouns, the catalogue and the errors with the rest of the package: a fake that reused the
client's own reader would prove nothing. Its files are one folder; a new process goes on where the old one stopped.
"""

from runway_core.sandbox.app import create_app
from runway_core.sandbox.hooks import SECRET
from runway_core.sandbox.server import EmbeddedSandbox, serve

__all__ = ["SECRET", "EmbeddedSandbox", "create_app", "serve"]
