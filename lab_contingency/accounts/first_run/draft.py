"""What was given so far on the pages of the first run. It lives in the memory of the process and nowhere else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lab_contingency.accounts.first_run.rules import Step
from lab_contingency.foundation.keys import RecoverySecret

_OTHER_PAPERS = "00"  # no form, tube or slip begins like this
_DIGITS = 10


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """A name and the passphrase that goes with it."""

    name: str = ""
    passphrase: str = ""
    username: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """Everything the last step writes; `label` is the number on the test label, twelve digits."""

    recovery: RecoverySecret
    label: str
    administrator: Person = field(default_factory=Person)
    first: Person = field(default_factory=Person)
    second: Person = field(default_factory=Person)
    key_file: Path | None = None
    no_label: str = ""
    done: frozenset[Step] = frozenset()

    @classmethod
    def new(cls) -> Draft:
        """Nothing given; a fresh secret for the recovery sheet."""
        number = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
        return cls(RecoverySecret.new(), f"{_OTHER_PAPERS}{number}")

    def after(self, step: Step, **given: Any) -> Draft:
        """The same with what a step gave."""
        return replace(self, done=self.done | {step}, **given)

    def passphrases_but(self, person: Person) -> tuple[tuple[str, str], ...]:
        """Whose, and what, of everybody but one."""
        people = (
            ("the administrator", self.administrator),
            ("the first custodian", self.first),
            ("the second custodian", self.second),
        )
        return tuple((whose, one.passphrase) for whose, one in people if one is not person)
