"""Writing: exports with two people, files that leave, searches through fragments."""

from lab_contingency.oversight.services.exports import (
    approve_export,
    ask_export,
    decline_export,
    take_export,
)
from lab_contingency.oversight.services.files import (
    ask_exposure_file,
    make_exposure_file,
    open_patients,
)
from lab_contingency.oversight.services.leaks import match_leak
from lab_contingency.oversight.services.searching import search_record, verify_record
from lab_contingency.oversight.services.signing import signed, verify_signed

__all__ = [
    "approve_export",
    "ask_export",
    "ask_exposure_file",
    "decline_export",
    "make_exposure_file",
    "match_leak",
    "open_patients",
    "search_record",
    "signed",
    "take_export",
    "verify_record",
    "verify_signed",
]
