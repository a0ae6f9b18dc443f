"""What can be asked of whom: profiles, models, bounds and prices, as data, and the one check against them."""

from runway_core.catalog.check import Notice, check, nearest_ratio, utf16_length
from runway_core.catalog.load import catalog
from runway_core.catalog.spec import Catalog, Disputed, ModelSpec, Price, Profile, Retired

__all__ = [
    "Catalog",
    "Disputed",
    "ModelSpec",
    "Notice",
    "Price",
    "Profile",
    "Retired",
    "catalog",
    "check",
    "nearest_ratio",
    "utf16_length",
]
