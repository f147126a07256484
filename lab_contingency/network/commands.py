"""What can be intended with the network. `version` is the one that was shown of what is changed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from lab_contingency.catalogue.rules import Discipline
from lab_contingency.network.rules import Acceptance, Departure, OpenSpell


@dataclass(frozen=True, slots=True)
class SetAgreement:
    """What was agreed with a partner. `version` 0: nothing was so far."""

    laboratory_id: uuid.UUID
    version: int
    reference: str
    accepts: Acceptance
    hand_off_minutes: int
    custody_contact: str
    custody_telephone: str
    results_contact: str
    results_telephone: str
    starts_on: dt.date
    ends_on: dt.date | None


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A test as a laboratory does it. `price_pence` None: nobody has said what."""

    test_code: str
    turnaround_minutes: int
    method: str
    analytes: tuple[str, ...]
    price_pence: int | None


@dataclass(frozen=True, slots=True)
class SetHours:
    """The whole week: any number of spells a day, none that overlap; a weekday without a spell is a day shut."""

    laboratory_id: uuid.UUID
    version: int
    spells: tuple[OpenSpell, ...]


@dataclass(frozen=True, slots=True)
class SetCapacity:
    """Tests of each discipline in each of the 24 London hours; a discipline left out is none."""

    laboratory_id: uuid.UUID
    version: int
    per_hour: Mapping[Discipline, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class SetSlots:
    """Agreed tests a day; a discipline left out has no agreed number."""

    laboratory_id: uuid.UUID
    version: int
    per_day: Mapping[Discipline, int]


@dataclass(frozen=True, slots=True)
class SetWay:
    """How and when tubes go along a link. Not on demand: only the runs go."""

    travel_minutes: int
    note: str
    on_demand: bool
    runs: tuple[Departure, ...]
    closed_until: dt.datetime | None = None
    closed_reason: str = ""


@dataclass(frozen=True, slots=True)
class AddLink:
    """A way to a laboratory from one site or one laboratory."""

    from_site_id: uuid.UUID | None
    from_laboratory_id: uuid.UUID | None
    to_laboratory_id: uuid.UUID
    way: SetWay
