"""What a paper pack is, when it is void, what its labels are for, and whose second look a keyed form needs."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab_contingency.catalogue.rules.tubes import is_transfusion
from lab_contingency.catalogue.rules.vocabulary import Test
from lab_contingency.requests.rules.identity import Identity, search_key

LOW_STOCK = 5
"""A ward with this many packs or fewer is shown as low: a busy night uses one in ten minutes."""
PRINT_MOST = 60
KEYING_SEEN = dt.timedelta(minutes=15)
WRITTEN_BEFORE = dt.timedelta(days=14)
"""How long ago a form may have been written: paper of a whole outage is keyed afterwards."""


@dataclass(frozen=True, slots=True)
class LabelUse:
    """Which tube a label at the foot of the form is for: a container and what it is filled for."""

    container: str
    tube_group: str
    purpose: str


# In order of draw. The additive is the key: colours are the site's. Lactate has a label of its own, because its
# tube travels on ice and never serves glucose too.
USE_OF_LABEL: Mapping[int, LabelUse] = {
    1: LabelUse("CIT", "CITRATE", "clotting"),
    2: LabelUse("SST", "SERUM", "chemistry"),
    3: LabelUse("EDTA", "BLOOD", "blood count"),
    4: LabelUse("FLOX", "FLUORIDE", "glucose"),
    5: LabelUse("FLOX", "LACTATE ON ICE", "lactate ON ICE"),
}
SPARES = range(6, 12)
"""Labels of the strip: for any other tube, or a second one; the ward writes which."""
FIRST_FREE_TUBE = SPARES.stop


class PackState(enum.StrEnum):
    """A pack lies on the ward, was keyed as a request, or counts no longer."""

    ISSUED = "issued"
    USED = "used"
    VOID = "void"


class VoidReason(enum.StrEnum):
    """Why a pack counts no longer."""

    LOST = "lost"
    SPOILT = "spoilt"
    MISPRINTED = "misprinted"
    NOT_NEEDED = "not needed"


VOID_WORDS: Mapping[VoidReason, str] = {
    VoidReason.LOST: "lost",
    VoidReason.SPOILT: "spoilt: torn, wet or written on",
    VoidReason.MISPRINTED: "came out of the printer badly",
    VoidReason.NOT_NEEDED: "not needed any more",
}


class MediaType(enum.StrEnum):
    """What a picture of a form may be."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"


def needs_check(tests: Iterable[Test]) -> bool:
    """Whether a second person keys the form again: blood may be given by it."""
    return any(is_transfusion(test) for test in tests)


@dataclass(frozen=True, slots=True)
class Keyed:
    """What two people must read alike: who the patient is, and what is asked for."""

    identity: Identity
    tests: frozenset[str]


# Field of the form, and what is compared.
_COMPARED = (
    ("surname", lambda held: search_key(held.identity.surname)),
    ("forenames", lambda held: search_key(held.identity.forenames)),
    ("born", lambda held: held.identity.born),
    ("sex", lambda held: held.identity.sex),
    ("nhs_number", lambda held: held.identity.nhs_number),
    ("hospital_number", lambda held: held.identity.hospital_number),
    ("tests", lambda held: held.tests),
)


def differences(first: Keyed, second: Keyed) -> tuple[str, ...]:
    """The fields that two people read differently; accents and case do not count. Never what was typed."""
    return tuple(name for name, of in _COMPARED if of(first) != of(second))
