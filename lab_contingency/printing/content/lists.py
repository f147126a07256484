"""Lists to work down, sign or carry: frozen, complete, already text."""

from dataclasses import dataclass

from lab_contingency.printing.content import PatientIdentity, PrintedBy


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One slip on a delivery list. `issue` is 'version 2 of 2, copy 1'; `similar` marks a name that another row nearly has.

    `identified` is who somebody turned out to be whose sample was taken under the name of `patient`.
    """

    number: str
    patient: PatientIdentity
    priority: str
    issue: str
    similar: bool = False
    identified: PatientIdentity | None = None


@dataclass(frozen=True, slots=True)
class DeliveryList:
    """The slips for one destination, in front of them; `due` is by when they should be there."""

    number: str
    title: str
    place: str
    destination: str
    destination_detail: str
    due: str
    made: PrintedBy
    rows: tuple[DeliveryRow, ...]


@dataclass(frozen=True, slots=True)
class BenchRow:
    """One tube at a bench, in the order of the queue; `number` None is a tube or form without bars.

    `clock` is 'due 03:45' or 'OVERDUE 12 min', `unusable` 'unusable at 07:05', `taken` 'taken 24-Nov 03:05'.
    """

    number: str | None
    patient: PatientIdentity
    tests: str
    tube: str
    priority: str
    clock: str
    taken: str
    ward: str
    telephone: str
    unusable: str = ""
    similar: bool = False


@dataclass(frozen=True, slots=True)
class BenchGroup:
    """The rows of one bench: 'Haematology'."""

    heading: str
    rows: tuple[BenchRow, ...]


@dataclass(frozen=True, slots=True)
class BenchList:
    """What waits on a laboratory's benches; `said` counts it in words."""

    title: str
    laboratory: str
    said: str
    made: PrintedBy
    groups: tuple[BenchGroup, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the ladder: whom, at which number, from when."""

    whom: str
    number: str
    when: str


@dataclass(frozen=True, slots=True)
class TriedCall:
    """A call that was tried: when, which number, what happened, by whom."""

    at: str
    number: str
    outcome: str
    by: str


@dataclass(frozen=True, slots=True)
class CallSheet:
    """One call: whose, what, by when, what to say aloud, whom to ring, what was tried.

    `number` is the request's; `tried` are the last of `tries`; `wait` is '' or why it must not be made yet;
    `source` is who measured it, how, and what is usual there.
    """

    number: str
    patient: PatientIdentity
    result: str
    status: str
    priority: str
    call_by: str
    ward: str
    laboratory: str
    script: tuple[str, ...]
    unit: str
    ladder: tuple[Rung, ...]
    tried: tuple[TriedCall, ...] = ()
    tries: int = 0
    wait: str = ""
    similar: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class CallSheets:
    """The calls to make, the first due first: a list, and a sheet for each."""

    title: str
    laboratory: str
    said: str
    made: PrintedBy
    calls: tuple[CallSheet, ...]
