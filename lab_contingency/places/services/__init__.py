"""Writing places: loaded from tables, or changed one by one. The only code that changes their rows."""

from lab_contingency.places.services.editing import (
    add_laboratory,
    add_organisation,
    add_site,
    add_ward,
    bring_back_laboratory,
    bring_back_ward,
    change_laboratory,
    change_organisation,
    change_site,
    change_ward,
    locked_laboratory,
    renew,
    retire_laboratory,
    retire_ward,
)
from lab_contingency.places.services.loading import (
    Row,
    load_bands,
    load_places,
    read_rows,
    refuse_if,
    unique_rows,
)

__all__ = [
    "Row",
    "add_laboratory",
    "add_organisation",
    "add_site",
    "add_ward",
    "bring_back_laboratory",
    "bring_back_ward",
    "change_laboratory",
    "change_organisation",
    "change_site",
    "change_ward",
    "load_bands",
    "load_places",
    "locked_laboratory",
    "read_rows",
    "refuse_if",
    "renew",
    "retire_laboratory",
    "retire_ward",
    "unique_rows",
]
