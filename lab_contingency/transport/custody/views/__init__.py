"""Pages of custody: the board, what is missing, one tube’s way, the porter’s list."""

from lab_contingency.transport.custody.views import boards, carrying, tubes
from lab_contingency.transport.custody.views.blueprint import blueprint

__all__ = ["blueprint", "boards", "carrying", "tubes"]
