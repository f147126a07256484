"""Writing the network: loaded from tables, or changed page by page. The only code that changes its rows."""

from lab_contingency.network.services.agreeing import set_agreement
from lab_contingency.network.services.linking import add_link, change_link, remove_link
from lab_contingency.network.services.loading import load_network
from lab_contingency.network.services.offering import (
    add_menu_line,
    change_menu_line,
    copy_menu,
    open_laboratory,
    remove_menu_line,
    set_capacity,
    set_hours,
    set_slots,
)

__all__ = [
    "add_link",
    "add_menu_line",
    "change_link",
    "change_menu_line",
    "copy_menu",
    "load_network",
    "open_laboratory",
    "remove_link",
    "remove_menu_line",
    "set_agreement",
    "set_capacity",
    "set_hours",
    "set_slots",
]
