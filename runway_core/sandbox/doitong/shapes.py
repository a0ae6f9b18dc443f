"""The shapes in which the sandbox offers Doitong: its pages contradict one another, so each reading has a root."""

from __future__ import annotations

from dataclasses import dataclass

PER_MINUTE = 600
"""Requests of a key; far above what anybody practises with."""
FREE_PER_MINUTE = 10
"""Doitong's Free plan (doitong.com/tr/developers/api/runway)."""


@dataclass(frozen=True)
class Shape:
    """What one root understands."""

    prefix: str
    pictures: tuple[str, ...] = ("imageUrl", "image")
    """Names that `generate` takes a picture's link by."""
    animates: bool = True
    """Whether there is `animateImage`."""
    looks: tuple[str, ...] = ("generation", "job")
    """Queries that tell a job's state."""
    has_job_path: bool = True
    """Whether there is ``GET /v1/jobs/{id}``."""
    errors_at_200: bool = False
    """Errors come with HTTP 200, as many GraphQL servers do."""
    per_minute: int = PER_MINUTE


SHAPES = (
    Shape(""),
    Shape("/doitong"),
    Shape("/doitong-imageurl", pictures=("imageUrl",), animates=False),
    Shape("/doitong-image", pictures=("image",), animates=False),
    Shape("/doitong-animate", pictures=()),
    Shape("/doitong-job", looks=("job",), has_job_path=False),
    Shape("/doitong-rest", looks=()),
    Shape("/doitong-200", errors_at_200=True),
    Shape("/doitong-free", per_minute=FREE_PER_MINUTE),
)
