"""Single sheets: a rejected tube, a hand-over, a consignment. Frozen, complete, already text."""

from dataclasses import dataclass

from lab_contingency.printing.content import PatientIdentity, PrintedBy


@dataclass(frozen=True, slots=True)
class RejectionSlip:
    """A tube that could not be used. `number` is the tube's, or the form's where it had none.

    `why` are the words of the reason, `note` what was seen, `next_steps` what to do now, in
    order.
    """

    number: str
    title: str
    laboratory: str
    status: str
    patient: PatientIdentity
    to: str
    asked_by: str
    priority: str
    tube: str
    tests: str
    taken: str
    rejected: str
    rejected_by: str
    why: str
    note: str
    next_steps: tuple[str, ...]
    made: PrintedBy
    request_number: str


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many stand at one stage, how many of them overdue, and the oldest: 'triage', 12, 2, 'since 02:41'."""

    stage: str
    waiting: int
    overdue: int
    oldest: str


@dataclass(frozen=True, slots=True)
class OpenLine:
    """Something that the next shift takes on, by number and place: no patient is named."""

    number: str
    what: str
    place: str
    due: str
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class HandoverSheet:
    """What one shift hands to the next, with the anchor of the record. It names no patient.

    `more` says how many lines were left out of `calls` and `overdue`, '' for none.
    """

    title: str
    place: str
    status: str
    made: PrintedBy
    stages: tuple[StageCount, ...]
    calls: tuple[OpenLine, ...]
    overdue: tuple[OpenLine, ...]
    more: str
    notes: str
    from_whom: str
    to_whom: str
    anchor_words: tuple[str, ...]
    anchor_code: str
    checkpoint: str
    scanned: str


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a consignment: name, address and telephone, and the responsible person."""

    name: str
    address: str
    responsible: str


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One tube in the box."""

    number: str
    patient: PatientIdentity
    tube: str
    tests: str
    priority: str
    taken: str
    use_by: str
    needed_by: str
    similar: bool = False


@dataclass(frozen=True, slots=True)
class HandOver:
    """Who packed, took or got the box; '' is a line to write on."""

    what: str
    name: str = ""
    time: str = ""
    count: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A consignment of tubes to another laboratory. `temperature` is the class that the whole box is kept at.

    `scanned` is what the 2-D code says, or '' for no code: a code must carry something true.
    """

    number: str
    title: str
    made: PrintedBy
    sender: Party
    receiver: Party
    temperature: str
    leaves: str
    due: str
    box: str
    seal: str
    rows: tuple[ManifestRow, ...]
    instructions: str
    hand_overs: tuple[HandOver, ...]
    scanned: str = ""
    scanned_says: str = ""
