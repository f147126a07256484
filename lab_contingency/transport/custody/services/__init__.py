"""Writing custody: tubes picked up and left at a door, calls about those that did not come, how they ended."""

from lab_contingency.transport.custody.services.carrying import leave_at, take_from_ward
from lab_contingency.transport.custody.services.enquiring import note_enquiry
from lab_contingency.transport.custody.services.printing_hands import print_hands
from lab_contingency.transport.custody.services.settling import found_here, take_again

__all__ = ["found_here", "leave_at", "note_enquiry", "print_hands", "take_again", "take_from_ward"]
