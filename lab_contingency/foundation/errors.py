"""The errors a person can meet. Each message is a sentence that says what to do."""

from __future__ import annotations

import uuid
from collections.abc import Mapping


class LabError(Exception):
    """Base of all errors that are answered with a page instead of a fault.

    `shows`: the patient whose data stand in the sentence, and which (a sum of flags); None for nobody.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        shows: tuple[uuid.UUID, int] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.shows = shows


class RuleBroken(LabError):
    """A rule of the laboratory forbids what was asked; `field` names the form field it is about."""


class RulesBroken(LabError):
    """Several rules at once: `problems` maps form fields to sentences."""

    def __init__(
        self, problems: Mapping[str, str], *, shows: tuple[uuid.UUID, int] | None = None
    ) -> None:
        super().__init__(" ".join(problems.values()), shows=shows)
        self.problems = dict(problems)


class NotFound(LabError):
    """Does not exist, or lies outside the person's scope: the answer is the same for both."""

    def __init__(
        self, message: str = "There is no such thing here, or it belongs to another place."
    ) -> None:
        super().__init__(message)


class ChangedByAnother(LabError):
    """Somebody else changed it since the form was shown."""

    def __init__(
        self,
        message: str = "Somebody else changed this while you were working. "
        "Nothing of yours was saved. Look at what is there now and send yours again if it still holds.",
    ) -> None:
        super().__init__(message)


class NotPermitted(LabError):
    """The person's role does not hold the permission."""

    def __init__(
        self, message: str = "Your role cannot do this. Ask the coordinator if you need it."
    ) -> None:
        super().__init__(message)


class CannotRecord(LabError):
    """Nothing can be written, not even the journal: what would be shown is withheld."""

    def __init__(
        self,
        message: str = "The program cannot record who sees this, so it is not shown. "
        "Tell the administrator now that the disk or the database fails, and work on paper.",
    ) -> None:
        super().__init__(message)


class SignInNeeded(LabError):
    """Nobody is signed in."""

    def __init__(self) -> None:
        super().__init__("Sign in first.")


class Sealed(LabError):
    """The keys of this node are not open."""

    def __init__(self) -> None:
        super().__init__(
            "This node is sealed: nothing can be read or written until a custodian opens it. "
            "Print the blank card and telephone meanwhile."
        )


class StartRefused(LabError):
    """The program will not start like this; the message says what to put right."""
