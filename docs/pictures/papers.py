"""Take a picture of every paper and write docs/paper.md: `python docs/pictures/papers.py`, or `make papers`.

A paper is one entry of PAPERS below: its name, what it is for, how it is drawn. Everybody on it is invented; the same
content gives the same picture.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from lab_contingency.printing.anchor_sheet import anchor_sheet_pdf  # noqa: E402
from lab_contingency.printing.bench_list import bench_list_pdf  # noqa: E402
from lab_contingency.printing.call_sheets import call_sheets_pdf  # noqa: E402
from lab_contingency.printing.content import (  # noqa: E402
    Collection,
    NumberOnlyLabel,
    WriteOnLabel,
)
from lab_contingency.printing.delivery_list import delivery_list_pdf  # noqa: E402
from lab_contingency.printing.emergency_sheet import (  # noqa: E402
    EmergencySheet,
    emergency_sheet_pdf,
)
from lab_contingency.printing.exposure_report import (  # noqa: E402
    ExposurePaper,
    PaperSection,
    PatientTable,
    exposure_report_pdf,
)
from lab_contingency.printing.handover_sheet import handover_sheet_pdf  # noqa: E402
from lab_contingency.printing.labels import labels_pdf  # noqa: E402
from lab_contingency.printing.manifest import manifest_pdf  # noqa: E402
from lab_contingency.printing.pack import packs_pdf  # noqa: E402
from lab_contingency.printing.pack_content import PackBatch  # noqa: E402
from lab_contingency.printing.recovery_sheet import recovery_sheet_pdf  # noqa: E402
from lab_contingency.printing.rejection_slip import rejection_slip_pdf  # noqa: E402
from lab_contingency.printing.request_form import request_form_pdf  # noqa: E402
from lab_contingency.printing.result_slip import result_slip_pdf  # noqa: E402
from lab_contingency.printing.sheet import sheet_pdf  # noqa: E402
from lab_contingency.printing.stock import LABEL_STOCKS  # noqa: E402
from tests.printing import examples, examples_lists  # noqa: E402
from tests.printing.test_anchor_sheet import SHEET as ANCHOR  # noqa: E402
from tests.printing.test_recovery_sheet import RECOVERY  # noqa: E402
from tests.printing.test_sheet import SHEET  # noqa: E402

DOCUMENT = ROOT / "docs" / "paper.md"
FOLDER = HERE / "papers"
SHEET_WIDE, LABEL_WIDE = 880, 560
"""Width of a picture in dots: of a sheet, of a label."""


@dataclass(frozen=True)
class Paper:
    """One picture: its file, its heading, a sentence on what the paper is for, how it is drawn, which page."""

    file: str
    name: str
    what_for: str
    draw: Callable[[], bytes]
    page: int = 0
    wide: int = SHEET_WIDE


_MADE = replace(examples.SLIP.made, test_mark=True, mark="K7QM2XRD4T")
_SLIP = replace(examples.SLIP, number=examples_lists.slip_number(4711), made=_MADE)
_COPY = replace(_MADE, copy_number="copy 2", copy_reason="the first was lost")
_FORM = replace(examples.FORM, made=replace(examples.FORM.made, test_mark=True))
_AGAIN = replace(
    _FORM,
    title="Request, taken again",
    again="TAKEN AGAIN because tube 2 was rejected. Haemolysed. Take it again without force, from a vein.",
    groups=tuple(
        replace(
            group,
            tests=tuple(
                replace(test, ticked=test.ticked and group.heading == "Chemistry")
                for test in group.tests
            ),
        )
        for group in _FORM.groups
    ),
    labels=(replace(examples.TUBES[1], number="411004711069", draw_order="tube 6"),),
    tubes=(6,),
    collection=Collection("", "", ""),
)
_EXPOSURE = ExposurePaper(
    title="Exposure report",
    lines=(
        "Computer “ward 7 left”, 24-Nov-2026 02:00 to 03:00",
        "2 patients, exact: the record was verified and holds",
    ),
    sections=(
        PaperSection("What this means", ("Names and results were shown; nothing was printed.",)),
    ),
    tables=(
        PatientTable(
            "St Elsewhere",
            (
                (
                    "WOŹNIAK-O’NEILL Siân",
                    "04-Nov-1958 · 999 217 3858",
                    "name, results",
                    "3 times, 02:11",
                ),
                ("OYELARAN Grace", "30-Jul-1994 · 999 627 7414", "name", "once, 02:40"),
            ),
        ),
    ),
    watermark="K7QM2XRD4T",
    made=replace(examples.MADE, test_mark=True),
)


@cache
def _batch() -> PackBatch:
    """Packs for a ward of the demonstration, at one moment and with names of its own."""
    from lab_contingency import create_app
    from lab_contingency.foundation import clock
    from lab_contingency.foundation.actor import Actor
    from lab_contingency.foundation.database import db
    from lab_contingency.foundation.settings import Settings
    from lab_contingency.incidents.rules import compose
    from lab_contingency.places.queries import ward_by_code
    from lab_contingency.rehearsal.starting import prepare
    from lab_contingency.requests.queries.unidentified import PreparedName
    from lab_contingency.specimens.packs.documents import pack_batch

    names = (("Foxtrot", "Amber"), ("Kilo", "Cedar"), ("Sierra", "Lagoon"), ("Victor", "Meadow"))
    with (
        tempfile.TemporaryDirectory() as folder,
        clock.at(dt.datetime(2026, 11, 24, 2, 50, tzinfo=dt.UTC)),
    ):
        settings = Settings(Path(folder), demonstration=True)
        app = create_app(settings)
        with app.app_context():
            prepare(settings, examples=False)
            batch = pack_batch(
                ward_by_code("KCH-ED-RESUS"),
                tuple(compose(41, 1, 4800 + place) for place in range(3)),
                [
                    PreparedName(f"9{1000 + 37 * place:06d}", surname, forename)
                    for place, (surname, forename) in enumerate(names)
                ],
                actor=Actor.system("S. Rowe"),
                mark="K7QM2XRD4T",
            )
            db.session.remove()
            db.engine.dispose()
    return batch


_PACK_PAGES = (
    ("pack-instructions", "Paper pack: what to do", "Lies on top of a ward’s packs."),
    ("pack-draw-order", "Paper pack: order of draw", "In the colours of the tubes that this site has."),
    ("pack-menu", "Paper pack: today’s menu", "What is offered, what is not, and what to ask for instead."),
    ("pack-telephones", "Paper pack: telephones", "Whom to ring when no screen says it."),
    ("pack-names", "Paper pack: nobody knows who it is", "Prepared names and numbers for patients nobody can identify."),
    ("pack-form", "Paper pack: form", "Numbered ahead, with its tube labels at the foot; transfusion gets a note instead."),
    ("pack-strips", "Paper pack: strips", "Spares for three forms, cut apart and clipped on.", 8),
)  # fmt: skip

# One entry a paper, in the order of the journey. Another paper is another entry.
PAPERS: tuple[Paper, ...] = (
    Paper(
        "tube-label",
        "Tube label",
        "Goes on one tube at the bedside: who, born, number, tube and order of draw, tests, priority as word and mark.",
        lambda: labels_pdf([replace(examples.LABEL, test_mark=True)]),
        wide=LABEL_WIDE,
    ),
    Paper(
        "tube-label-copy",
        "Tube label, again",
        "The same number and still valid: it says COPY.",
        lambda: labels_pdf([replace(examples.TUBES[4], copy_reason="torn or smudged")]),
        wide=LABEL_WIDE,
    ),
    Paper(
        "label-large",
        "Tube label on a larger roll",
        "63.5 × 38.1 mm: the same places, larger.",
        lambda: labels_pdf([examples.LABEL], stock=LABEL_STOCKS["R63X38"]),
        wide=LABEL_WIDE,
    ),
    Paper(
        "label-small",
        "Label of a small tube",
        "38.1 × 19.05 mm, for paediatric tubes: who, born, number, tube and priority; the form says the rest.",
        lambda: labels_pdf([examples.LABEL], stock=LABEL_STOCKS["R38X19"]),
        wide=LABEL_WIDE,
    ),
    Paper(
        "label-smallest",
        "Label of the smallest tube",
        "25.4 mm square: bars do not fit, so the number is a Data Matrix.",
        lambda: labels_pdf([examples.LABEL], stock=LABEL_STOCKS["R25X25"]),
        wide=LABEL_WIDE,
    ),
    Paper(
        "label-sheet",
        "Labels on an A4 sheet",
        "For wards without a label printer; begun at any place, here the fifth.",
        lambda: labels_pdf(
            [label for label in examples.TUBES if hasattr(label, "number")] * 3,
            stock=LABEL_STOCKS["A4X24"],
            start=5,
        ),
    ),
    Paper(
        "number-label",
        "Number label",
        "Goes on a handwritten transfusion tube after the laboratory accepted it: a number, no patient.",
        lambda: labels_pdf([NumberOnlyLabel("411004711045", ("tube 4 pink", "Group & screen"))]),
        wide=LABEL_WIDE,
    ),
    Paper(
        "write-on-label",
        "Label of a paper pack",
        "A number with lines to write the patient on, for when no printer works.",
        lambda: labels_pdf([WriteOnLabel("411004800022", "GOLD SST 5 mL")]),
        wide=LABEL_WIDE,
    ),
    Paper(
        "request-form",
        "Request form",
        "The card on paper: goes with the tubes; its labels are at the foot.",
        lambda: request_form_pdf(_FORM),
    ),
    Paper(
        "blank-form",
        "Blank request form",
        "The same boxes to fill by hand, with a number of its own.",
        lambda: request_form_pdf(examples.BLANK),
    ),
    *(
        Paper(file, name, what_for, lambda: packs_pdf(_batch()), *(page or (place,)))
        for place, (file, name, what_for, *page) in enumerate(_PACK_PAGES)
    ),
    Paper(
        "rejection-slip",
        "Rejection slip",
        "Tells the ward which tube cannot be used, why, and what to do now.",
        lambda: rejection_slip_pdf(examples_lists.REJECTION),
    ),
    Paper(
        "recollection-form",
        "Recollection form",
        "Goes with the tube taken again: only its tests are ticked, its label is new, and why stands at the top.",
        lambda: request_form_pdf(_AGAIN),
    ),
    Paper(
        "bench-worklist",
        "Bench worklist",
        "What waits on each bench in the order of the queue, with bars to scan and room to write.",
        lambda: bench_list_pdf(examples_lists.BENCH),
    ),
    Paper(
        "result-slip",
        "Result slip",
        "The results for the ward: whole or part, version, status on every line, old values struck through, critical box.",
        lambda: result_slip_pdf([_SLIP]),
    ),
    Paper(
        "result-slip-copy",
        "Result slip, second page of a copy",
        "The patient stands on every page; a copy says so, and why; the box to sign is on the last.",
        lambda: result_slip_pdf([replace(examples.slip_of(40), number=_SLIP.number, made=_COPY)]),
        page=1,
    ),
    Paper(
        "delivery-list",
        "Delivery list",
        "Lies in front of the slips for one place; who carried and who took them sign it; its bars close it on arrival.",
        lambda: delivery_list_pdf(examples_lists.DELIVERY),
    ),
    Paper(
        "call-list",
        "Call list",
        "The critical results nobody has been told, the first due first, for when screens are down.",
        lambda: call_sheets_pdf(examples_lists.CALLS),
    ),
    Paper(
        "call-sheet",
        "Call sheet",
        "One call: whom to ring in which order, what to say, and an empty box for what they read back.",
        lambda: call_sheets_pdf(examples_lists.CALLS),
        page=1,
    ),
    Paper(
        "manifest",
        "Consignment manifest",
        "Lies between the inner bag and the outer box to another laboratory: what is in it, how to keep it, who had it.",
        lambda: manifest_pdf(examples_lists.MANIFEST),
    ),
    Paper(
        "hand-over-sheet",
        "Hand-over sheet",
        "What one shift hands to the next, by number and place, with the anchor of the record; both sign.",
        lambda: handover_sheet_pdf(examples_lists.HANDOVER),
    ),
    Paper(
        "anchor-sheet",
        "Anchor sheet",
        "Five words and a code that show later whether anything recorded before was changed; kept elsewhere.",
        lambda: anchor_sheet_pdf(ANCHOR),
    ),
    Paper(
        "recovery-sheet",
        "Recovery sheet",
        "Opens the node when no custodian can; made once, kept in a safe.",
        lambda: recovery_sheet_pdf(RECOVERY),
    ),
    Paper(
        "emergency-codes",
        "Emergency codes",
        "Strips for sealed envelopes: each opens one sign-in of an hour.",
        lambda: emergency_sheet_pdf(
            EmergencySheet("A", ("7Q2M-XRD4-TK9W", "B3HN-64PZ-VC8E"), "printed 24-Nov-2026", True)  # noqa: FBT003
        ),
    ),
    Paper(
        "exposure-report",
        "Exposure report",
        "Whose data was seen, printed or taken, and how sure that is; signed as a file.",
        lambda: exposure_report_pdf(_EXPOSURE),
    ),
    Paper(
        "plain-list",
        "Plain list",
        "Any table that has to be worked down by hand.",
        lambda: sheet_pdf(SHEET),
    ),
)


_DRAWN = (
    "Everything the printers give out, drawn from `lab_contingency/printing/`. Everybody here is invented. "
    "`make papers` takes the pictures and writes this page from `docs/pictures/papers.py`.\n"
)
_HOLDS = (
    "What holds for all of it: black only; the same three identifiers in the same place; text and bars from one value; "
    "bars of whole printer dots between white; page x of y; who printed it, when, which copy, and the mark by which the "
    "register of what left knows it. What does not fit is refused and named, never cut. `tests/printing` reads the "
    "finished files back, also askew, blurred, damaged, copied and faxed.\n"
)


def text() -> str:
    """The document."""
    parts = ["# Paper\n", _DRAWN, _HOLDS]
    for paper in PAPERS:
        parts.append(f"## {paper.name}\n\n{paper.what_for}\n")
        parts.append(f"![{paper.name}](pictures/papers/{paper.file}.png)\n")
    return "\n".join(parts)


def take(paper: Paper) -> None:
    """Draw it and save its picture in sixteen greys: small, and the same each time."""
    import pypdfium2

    page = pypdfium2.PdfDocument(paper.draw())[paper.page]
    picture = page.render(scale=paper.wide / page.get_width()).to_pil().convert("L")
    picture.quantize(16).save(FOLDER / f"{paper.file}.png", optimize=True)


def main() -> None:
    """Every picture, and the page that shows them."""
    FOLDER.mkdir(exist_ok=True)
    for paper in PAPERS:
        take(paper)
    DOCUMENT.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
