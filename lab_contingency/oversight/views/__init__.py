"""Pages of information governance; importing them adds them to the blueprint."""

from lab_contingency.oversight.views import exports, exposure, handing_over, leaks, record
from lab_contingency.oversight.views.pages import blueprint

__all__ = ["blueprint", "exports", "exposure", "handing_over", "leaks", "record"]
