"""What is drawn: frozen, complete, already text. Who makes it formats dates and looks things up."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class PatientIdentity:
    """Who it is, the same on every paper.

    `nhs_number` is grouped 3-3-4; `hospital_number` names its issuer.
    """

    surname: str
    forenames: str
    born: str
    sex: str
    nhs_number: str | None
    hospital_number: str | None


@dataclass(frozen=True, slots=True)
class TubeLabel:
    """One tube's label. `number` is twelve digits; `notes` is '' or such as 'ON ICE'.

    `tests_if_long` replaces `tests` as a whole where those do not fit: '12 tests, see form'.
    `bed` ('bed 4') stands after the ward where there is room.
    """

    number: str
    patient: PatientIdentity
    priority: str
    priority_word: str
    tube_colour: str
    tube_detail: str
    draw_order: str
    tests: str
    ward: str
    bed: str = ""
    notes: str = ""
    tests_if_long: str = ""
    test_mark: bool = False
    copy_reason: str | None = None


@dataclass(frozen=True, slots=True)
class NumberOnlyLabel:
    """Barcode, number and a few lines, no patient: an accepted transfusion tube, or the notes."""

    number: str
    lines: tuple[str, ...] = ()
    test_mark: bool = False
    copy_reason: str | None = None


@dataclass(frozen=True, slots=True)
class WriteOnLabel:
    """A numbered label of a paper pack, with lines for the patient; `caption` names the tube."""

    number: str
    caption: str
    test_mark: bool = False


@dataclass(frozen=True, slots=True)
class HandwrittenTube:
    """Stands on the form where a label would: this tube is written by hand."""

    draw_order: str
    tube_colour: str
    tests: str = ""


Label: TypeAlias = TubeLabel | NumberOnlyLabel | WriteOnLabel


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks and where the answer goes."""

    ward: str
    bed: str
    phone_result_to: str
    requested_by: str
    consultant: str
    slip_goes_to: str


@dataclass(frozen=True, slots=True)
class TestLine:
    """One test on the form: name, tube colour, ticked or not, and a message under it or ''."""

    __test__ = False

    name: str
    tube: str
    ticked: bool = False
    message: str = ""


@dataclass(frozen=True, slots=True)
class TestGroup:
    """Tests under one heading. Groups flow over the form's four columns in this order."""

    __test__ = False

    heading: str
    tests: tuple[TestLine, ...]


@dataclass(frozen=True, slots=True)
class UrgencyBand:
    """A priority to tick: 'P1', 'NOW', 'life-threatening', '60 min'."""

    priority: str
    word: str
    meaning: str
    target: str
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A question a test asks, and what was answered ('' leaves a line to write on)."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Collection:
    """When and by whom the tubes were taken, and how ('vein', 'line'); '' where not yet."""

    taken: str
    taken_by: str
    how: str


@dataclass(frozen=True, slots=True)
class PrintedBy:
    """On every sheet: 'printed 24-Nov-2026 03:07 by A. Okafor', 'copy 1', and why if a copy.

    `mark` is the watermark by which the register of what left knows this print; '' for none.
    """

    printed: str
    copy_number: str
    copy_reason: str | None = None
    test_mark: bool = False
    mark: str = ""


LEAD = "Goes with the tubes. Ward copy is printed separately."


@dataclass(frozen=True, slots=True)
class RequestForm:
    """A filled request form. `place` names hospital and incident, `tube_system` whose colours.

    `tubes` are the ordinals of the tubes that are planned, for the laboratory to tick off; `lead` is the line
    under the title. `again` says why a tube is taken again, in the place of `lead`; '' on an ordinary form.
    """

    number: str
    title: str
    place: str
    made: PrintedBy
    patient: PatientIdentity
    requester: Requester
    tube_system: str
    groups: tuple[TestGroup, ...]
    bands: tuple[UrgencyBand, ...]
    reason: str
    needed_by: str
    clinical_details: str
    anticoagulant: str
    infection_risk: str
    collection: Collection
    answers: tuple[Answer, ...]
    labels: tuple[TubeLabel | HandwrittenTube, ...]
    tubes: tuple[int, ...]
    lead: str = LEAD
    again: str = ""


@dataclass(frozen=True, slots=True)
class BlankRequestForm:
    """The same form to be filled by hand; without a number the panel says where the label goes.

    `ward` stands there printed where the form was made for one ward.
    """

    number: str | None
    title: str
    place: str
    made: PrintedBy
    tube_system: str
    groups: tuple[TestGroup, ...]
    bands: tuple[UrgencyBand, ...]
    questions: tuple[str, ...] = ()
    labels: tuple[WriteOnLabel | HandwrittenTube | NumberOnlyLabel, ...] = ()
    ward: str = ""
    lead: str = LEAD


@dataclass(frozen=True, slots=True)
class CriticalNote:
    """A critical value: 'Potassium 6.8.', telephoned to whom and when, read back or not."""

    what: str
    telephoned: str
    read_back: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One result. `flag` is a word, `mark` its sign ('high', '▲').

    `status` stands on every line: 'final', 'amended', 'preliminary', 'being put right'. `state` is what is
    said under the line of an unusual one; `old_value` is what an amended row said before, `reason` why it changed.
    """

    name: str
    value: str
    unit: str
    interval: str
    before: str = ""
    flag: str = ""
    mark: str = ""
    status: str = "final"
    state: str = ""
    old_value: str | None = None
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ResultGroup:
    """Rows of one test: who measured, how, and how old the sample was."""

    heading: str
    sample_age: str
    laboratory: str
    method: str
    rows: tuple[ResultRow, ...]


@dataclass(frozen=True, slots=True)
class ResultSlip:
    """A result slip; `extent`, `finality` and `version` are the words of its status line.

    `identified` is who somebody turned out to be whose sample was taken under the name of `patient`.
    """

    number: str
    title: str
    laboratory: str
    extent: str
    finality: str
    version: str
    patient: PatientIdentity
    to: str
    asked_by: str
    priority: str
    taken: str
    received: str
    authorised: str
    interval_heading: str
    before_heading: str
    groups: tuple[ResultGroup, ...]
    made: PrintedBy
    criticals: tuple[CriticalNote, ...] = ()
    comments: tuple[str, ...] = ()
    still_to_come: str = ""
    typed_by: str = ""
    checked_by: str = ""
    authorised_by: str = ""
    request_number: str = ""
    identified: PatientIdentity | None = None


@dataclass(frozen=True, slots=True)
class AnchorSheet:
    """A signed checkpoint of the record, to be kept away from the computer.

    `words` are five words and a check syllable; `scanned` is what the QR code says. `explained` are the
    paragraphs under the words.
    """

    title: str
    place: str
    made: PrintedBy
    words: tuple[str, ...]
    code: str
    checkpoint: str
    taken: str
    explained: tuple[str, ...]
    digest: str
    signature: str
    public_key: str
    scanned: str
