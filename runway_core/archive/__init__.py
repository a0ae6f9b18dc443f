"""Media files on disk: pictures brought in, finished videos, their posters and sidecars."""

from runway_core.archive.archive import Archive

__all__ = ["Archive"]
