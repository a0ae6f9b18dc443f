"""``python -m runway_core.language`` brings the catalogues up to date with the source."""

from runway_core.language.extract import update

update()
