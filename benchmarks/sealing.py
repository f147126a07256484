"""What sealing costs: a page of 50 rows (goal 12), one number among many patients (goal 13)."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from benchmarks.places import application, open_requests
from benchmarks.timing import Line, interleaved, times
from lab_contingency.foundation.database import session
from lab_contingency.foundation.keys.ring import Ring
from lab_contingency.requests.models import PatientIdentity
from lab_contingency.requests.queries.patients import read_identity
from tests.factories.world import nhs_number

ROWS = 50
_NAMES = ("field", "index", "session", "audit", "export", "signing", "pepper")
PATIENTS = 333_000
_SAMPLE = 20_000  # decrypting is linear: a part is measured and scaled
_PAGE_FLOOR = 264e-6  # seconds: the page of bare Flask in `pages`, measured again in each run


def run(page_floor: float | None = None) -> list[Line]:
    """Sealed records of the real shape, opened as a list opens them."""
    ring = Ring({name: {1: name.encode().ljust(32)} for name in _NAMES})
    places = [f"patient_identity|{uuid.UUID(int=number)}" for number in range(_SAMPLE)]
    sealed = [ring.seal(_identity(number), place) for number, place in enumerate(places)]
    index = {ring.blind_index("nhs", nhs_number(number)): number for number in range(_SAMPLE)}

    def page() -> None:
        for number in range(ROWS):
            ring.open(sealed[number], places[number])

    def found() -> None:
        wanted = _SAMPLE // 2
        at = index[ring.blind_index("nhs", nhs_number(wanted))]
        if ring.open(sealed[at], places[at])["nhs"] != nhs_number(wanted):
            raise RuntimeError("the wrong patient")

    def searched() -> None:
        for number in range(_SAMPLE):
            ring.open(sealed[number], places[number])

    timed = interleaved(
        {"page": times(20, page), "one": times(200, found), "all": searched}, rounds=5
    )
    everybody = timed["all"].seconds * PATIENTS / _SAMPLE
    floor = page_floor or _PAGE_FLOOR
    return [
        Line(
            "opening 50 rows to the page floor",
            _as_lists_do() / floor,
            0.2,
            note=f"kept in memory while they stand; {timed['page'].seconds / 20 / floor:.2f} the first time",
        ),
        Line(
            "opening all of 333,000 patients to one look-up by number",
            everybody / (timed["one"].seconds / 200),
            10_000,
            least=True,
        ),
    ]


def _as_lists_do() -> float:
    """Seconds to open the identities of 50 rows as lists do, which keep what they opened before."""
    with application() as (_, world):
        open_requests(world, ROWS)
        rows = list(session().scalars(select(PatientIdentity).limit(ROWS)))

        def page() -> None:
            for row in rows:
                read_identity(row)

        return interleaved({"page": times(50, page)}, rounds=5)["page"].seconds / 50


def _identity(number: int) -> dict[str, object]:
    return {
        "surname": f"Benchmark{number}",
        "forenames": "Siân Margaret",
        "born": "1958-11-04",
        "sex": "F",
        "nhs": nhs_number(number),
        "hospital": f"H{number:07d}",
        "issuer": "RJZ",
        "unidentified": False,
    }
