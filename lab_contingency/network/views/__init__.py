"""Pages that change places and the network; what a laboratory can do now is shown by `routing.laboratories`."""

from lab_contingency.network.views import agreeing, laboratories, linking, offering, places
from lab_contingency.network.views.shared import blueprint

__all__ = ["agreeing", "blueprint", "laboratories", "linking", "offering", "places"]
