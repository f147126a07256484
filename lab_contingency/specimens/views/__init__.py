"""Pages of tubes: printing, the bedside, carrying, the receiving desk, putting right."""

from lab_contingency.specimens.views import (
    bedside,
    camera,
    checks,
    printing,
    putting_right,
    receiving,
)
from lab_contingency.specimens.views.blueprint import blueprint

__all__ = [
    "bedside",
    "blueprint",
    "camera",
    "checks",
    "printing",
    "putting_right",
    "receiving",
]
