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
    verify_for_file,
)
from lab_contingency.oversight.services.handing_over import hand_over_shift
from lab_contingency.oversight.services.leaks import match_leak
from lab_contingency.oversight.services.searching import search_record
from lab_contingency.oversight.services.signing import signed, verify_signed
from lab_contingency.oversight.services.verifying import (
    verification_of,
    verify_if_short,
    verify_record,
)

__all__ = [
    "approve_export",
    "ask_export",
    "ask_exposure_file",
    "decline_export",
    "hand_over_shift",
    "make_exposure_file",
    "match_leak",
    "open_patients",
    "search_record",
    "signed",
    "take_export",
    "verification_of",
    "verify_for_file",
    "verify_if_short",
    "verify_record",
    "verify_signed",
]
