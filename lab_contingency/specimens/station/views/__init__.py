"""Pages of the print station: the queue, jobs, printers, rounds. No identifier stands on a porter's page."""

from lab_contingency.specimens.station.views import jobs, printers, queue, rounds
from lab_contingency.specimens.station.views.blueprint import blueprint

__all__ = ["blueprint", "jobs", "printers", "queue", "rounds"]
