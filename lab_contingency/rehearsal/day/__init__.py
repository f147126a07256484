"""A whole day from two files, through the same services as everybody's work."""

from lab_contingency.rehearsal.day.books import Books
from lab_contingency.rehearsal.day.loading import DayReport, load_day

__all__ = ["Books", "DayReport", "load_day"]
