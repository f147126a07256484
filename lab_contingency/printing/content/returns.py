"""The return slip, on which a laboratory that works on paper writes its results. Frozen, complete, already text."""

from dataclasses import dataclass

from lab_contingency.printing.content import PatientIdentity, PrintedBy


@dataclass(frozen=True, slots=True)
class ReturnAnalyte:
    """One value to write: its unit, the interval that laboratory is known to use, or words to choose from.

    `known` and `choices` are '' where there is nothing to say.
    """

    name: str
    unit: str
    known: str = ""
    choices: str = ""


@dataclass(frozen=True, slots=True)
class ReturnTest:
    """One test asked for; `method` is the one that laboratory is known to use, or ''."""

    name: str
    method: str
    analytes: tuple[ReturnAnalyte, ...]


@dataclass(frozen=True, slots=True)
class ReturnTube:
    """One tube in the box with the tests wanted of it. Without a number it is written by hand."""

    number: str | None
    tube: str
    taken: str
    tests: tuple[ReturnTest, ...]


@dataclass(frozen=True, slots=True)
class ReturnSlip:
    """What one patient's tubes come back with. `number` opens the same rows on a screen.

    `laboratory` does the work, `sender` asked it to. `reasons` are why a test cannot be done, each beginning
    with its number; `send_back` says where the filled slip goes.
    """

    number: str
    title: str
    laboratory: str
    sender: str
    patient: PatientIdentity
    priority: str
    needed_by: str
    request_number: str
    consignment: str
    tubes: tuple[ReturnTube, ...]
    reasons: tuple[str, ...]
    send_back: str
    made: PrintedBy
