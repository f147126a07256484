"""What printing refuses."""

from lab_contingency.foundation.errors import LabError


class CannotPrint(LabError):
    """The content does not fit, or the fonts lack a letter; `field` names what to change."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message, field=field)
