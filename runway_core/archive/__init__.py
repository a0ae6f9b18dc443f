"""Media files, in a folder or a bucket: pictures brought in, finished videos, their posters and sidecars."""

from runway_core.archive.archive import Archive

__all__ = ["Archive"]
