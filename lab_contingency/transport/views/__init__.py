"""The pages of boxes between laboratories."""

from lab_contingency.transport.views import boxes, carrying, differing, packing, unpacking
from lab_contingency.transport.views.blueprint import blueprint

__all__ = ["blueprint", "boxes", "carrying", "differing", "packing", "unpacking"]
