"""Nothing leaves in bulk without a second person; what leaves is signed, watermarked and registered."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import register_leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, NotPermitted, RuleBroken
from lab_contingency.oversight.commands import AskExposureFile
from lab_contingency.oversight.documents import safe_cell
from lab_contingency.oversight.matching import Sure
from lab_contingency.oversight.models import ExportRequest, LeakMatch
from lab_contingency.oversight.queries.exports import export, exports_waiting
from lab_contingency.oversight.queries.found import found_in
from lab_contingency.oversight.queries.report import exposure_report
from lab_contingency.oversight.rules.exposure import About, Certainty, Criteria, Verification
from lab_contingency.oversight.rules.notices import NoticeFacts
from lab_contingency.oversight.services import (
    approve_export,
    ask_export,
    ask_exposure_file,
    decline_export,
    make_exposure_file,
    match_leak,
    open_patients,
    signed,
    take_export,
    verify_signed,
)
from lab_contingency.oversight.services.leaks import everybody_known
from lab_contingency.rehearsal.starting import prepare
from lab_contingency.requests.models import PatientIdentity, Request
from lab_contingency.requests.queries.patients import opened
from lab_contingency.requests.services import place_request
from tests.factories.world import SYSTEM, a_card, a_request, an_identity
from tests.printing.reading import pages, text

HOUR = dt.timedelta(hours=1)
UNLOOKED = Verification(None, "")
PEOPLE = (
    an_identity(1),
    an_identity(2, surname="=Formula", forenames="+Plus"),
    an_identity(3, surname="Okonkwo-Hale", forenames="Ifeoma"),
)


@pytest.fixture
def shown(world):
    """Three patients on a slip that left in the last minute."""
    placed = [a_request(world, identity=one) for one in PEOPLE[:2]]
    ward = _other_ward(world)
    card = a_card(world, identity=PEOPLE[2], ward_id=ward, destination_id=ward)
    with unit_of_work():
        placed.append(place_request(card, actor=world.other_doctor))
    patients = [session().get_one(Request, one.request_id).patient_id for one in placed]
    with unit_of_work():
        register_leaving(
            "slip",
            dict.fromkeys(patients, Field.NAME | Field.RESULTS),
            "slip",
            actor=world.doctor,
            watermark="7QK3M0ZT9A",
        )
    return patients


def _other_ward(world):
    return next(ward for code, ward in world.wards.items() if code.startswith("STH"))


def _criteria() -> Criteria:
    return Criteria(About.WINDOW, "", clock.now() - HOUR, clock.now() + HOUR)


def _asked(world, **facts: object) -> uuid.UUID:
    command = AskExposureFile(_criteria(), "Breach 7", NoticeFacts(**facts))
    with unit_of_work():
        return ask_exposure_file(command, UNLOOKED, actor=world.governance)


def _agreed(world, **facts: object) -> uuid.UUID:
    export_id = _asked(world, **facts)
    with unit_of_work():
        approve_export(export_id, actor=world.administrator)
    return export_id


def _made(world, form: str, **keys: str) -> bytes:
    export_id = _agreed(world, contact="J. Whitfield 020 7946 0000", measures="Sign-ins ended.")
    with unit_of_work():
        return make_exposure_file(export_id, form, UNLOOKED, actor=world.governance, **keys)


def _actions() -> list[str]:
    return [row.action for row in session().scalars(select(AuditEvent).order_by(AuditEvent.seq))]


def test_the_person_who_asked_cannot_agree(world, shown):
    export_id = _asked(world)

    for act in (approve_export, decline_export):
        with pytest.raises(RuleBroken, match="Another person"), unit_of_work():
            act(export_id, actor=world.governance)
    assert export(export_id, world.administrator).may_decide
    assert exports_waiting(world.administrator) == 1
    assert exports_waiting(world.governance) == 0


@pytest.mark.parametrize(
    "name", ["doctor", "porter", "scientist", "senior", "coordinator", "partner"]
)
def test_other_roles_cannot_agree(world, shown, name):
    export_id = _asked(world)
    with pytest.raises(RuleBroken, match="governance"), unit_of_work():
        approve_export(export_id, actor=world.people[name])


def test_the_database_itself_wants_two_people(world, shown):
    export_id = _asked(world)
    with pytest.raises((RuleBroken, IntegrityError)), unit_of_work():
        row = session().get_one(ExportRequest, export_id)
        row.approved, row.decided_at = True, clock.now()
        row.decided_by_id, row.decided_by_name = row.asked_by_id, row.asked_by_name


def test_no_file_before_agreeing_after_declining_or_by_another(world, shown):
    waiting, declined, agreed = _asked(world), _asked(world), _agreed(world)
    with unit_of_work():
        decline_export(declined, actor=world.administrator)

    for export_id, actor, words in (
        (waiting, world.governance, "Nobody has agreed"),
        (declined, world.governance, "declined"),
        (agreed, world.administrator, "Only the person who asked"),
    ):
        with pytest.raises(RuleBroken, match=words), unit_of_work():
            make_exposure_file(export_id, "csv", UNLOOKED, actor=actor)
    assert session().scalars(select(Leaving.kind)).all() == ["slip"]


def test_a_day_after_it_was_asked_for_it_has_expired(world, shown):
    waiting, agreed = _asked(world), _agreed(world)

    with clock.at(clock.now() + dt.timedelta(hours=24)):
        with pytest.raises(RuleBroken, match="24 hours ago"), unit_of_work():
            approve_export(waiting, actor=world.administrator)
        with pytest.raises(RuleBroken, match="24 hours ago"), unit_of_work():
            make_exposure_file(agreed, "pdf", UNLOOKED, actor=world.governance)


def test_asking_agreeing_and_making_are_recorded_and_what_left_is_registered(world, shown):
    raw = _made(world, "csv")

    assert [a for a in _actions() if a.startswith("export:")] == [
        "export:asked",
        "export:approved",
        "export:made",
    ]
    row = session().scalars(select(Leaving).where(Leaving.kind == "exposure csv")).one()
    assert set(row.contains) == {patient.hex for patient in shown}
    assert row.user_id == world.governance.user_id
    assert row.watermark.encode() in raw


def test_other_exports_use_the_same_two_people(world):
    with unit_of_work():
        export_id = ask_export(
            "handback",
            {"incident": 1},
            title="Hand-back",
            people=4,
            reason="Recovery",
            actor=world.governance,
        )
    with unit_of_work():
        approve_export(export_id, actor=world.administrator)
    with unit_of_work():
        taken = take_export(export_id, "handback", actor=world.governance)
    assert (taken.criteria, taken.reason) == ({"incident": 1}, "Recovery")
    with pytest.raises(NotFound), unit_of_work():
        take_export(export_id, "exposure", actor=world.governance)
    with pytest.raises(RuleBroken, match="Say why"), unit_of_work():
        ask_export("x", {}, title="t", people=1, reason=" ", actor=world.governance)


def test_why_it_was_asked_for_is_sealed(world, shown):
    export_id = _asked(world, contact="Whitfield")
    row = session().get_one(ExportRequest, export_id)
    assert "Breach" not in row.sealed
    assert "Whitfield" not in f"{row.criteria}"


def test_the_table_has_the_watermark_in_every_row_and_nothing_a_spreadsheet_would_run(world, shown):
    raw = _made(world, "csv")

    body = raw[: raw.rindex(b"% lab-contingency")].decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert len(rows) == 3
    assert len({row["watermark"] for row in rows}) == 1
    assert {row["surname"] for row in rows} == {"WOŹNIAK-O’NEILL", "'=FORMULA", "OKONKWO-HALE"}
    assert {row["forenames"] for row in rows} == {"Siân", "'+Plus", "Ifeoma"}
    assert {row["kinds_of_data"] for row in rows} == {"name, results"}
    assert {row["reached"] for row in rows} == {"readable"}
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@\t\r" and cell]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "＝1", "\n=1"]
)
def test_a_cell_that_could_be_a_formula_is_text(cell):
    assert safe_cell(cell) == f"'{cell}"
    assert safe_cell("O’Neill") == "O’Neill"


def test_a_list_can_be_made_for_one_organisation(world, shown):
    raw = _made(world, "csv")
    rows = list(csv.DictReader(io.StringIO(raw[: raw.rindex(b"% lab-")].decode("utf-8-sig"))))
    codes = {row["surname"]: row["ods_code"] for row in rows}
    theirs = codes["OKONKWO-HALE"]
    assert theirs != codes["'=FORMULA"]

    only = _made(world, "csv", organisation=theirs)

    assert b"OKONKWO-HALE" in only
    assert b"FORMULA" not in only
    last = (
        session()
        .scalars(select(Leaving).order_by(Leaving.recorded_at.desc(), Leaving.id.desc()))
        .first()
    )
    assert len(last.contains) == 1


def test_the_paper_says_all_of_it_on_pages_that_are_counted(world, shown):
    aware = clock.now() - dt.timedelta(hours=10, minutes=30)
    export_id = _agreed(world, aware_at=aware, contact="J. Whitfield", measures="Sign-ins ended.")
    with unit_of_work():
        raw = make_exposure_file(export_id, "pdf", UNLOOKED, actor=world.governance)

    words = " ".join(" ".join(text(raw, page).split()) for page in range(pages(raw)))
    for part in (
        "Exposure report",
        "TEST",
        f"page 1 of {pages(raw)}",
        "Certainty: as recorded, not verified",
        "Readable: 3 people. Only encrypted: 0 people. Not reached: 0 people.",
        "61 h 29 min left of the 72 hours",
        "Sign-ins ended.",
        "WOŹNIAK-O’NEILL Siân",
        "=FORMULA +Plus",
        "readable: name, results",
        "Breach 7",
        "agreed by Administrator",
    ):
        assert part in words, part
    mark = session().scalars(select(Leaving.watermark).where(Leaving.kind == "exposure pdf")).one()
    assert words.count(mark) == pages(raw)


@pytest.mark.parametrize("form", ["pdf", "csv"])
def test_a_file_verifies_and_with_any_byte_changed_it_does_not(world, shown, form):
    raw = _made(world, form)

    assert verify_signed(raw).holds
    for at in {0, 1, len(raw) // 2, len(raw) - 1, len(raw) - 3, *range(0, len(raw), 97)}:
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        assert not verify_signed(changed).holds, at
    for other in (raw[:-1], raw + b"\n", raw[1:], b"", signed(b"")[5:], raw[: len(raw) // 2]):
        assert not verify_signed(other).holds


def test_a_file_is_verified_from_a_terminal(app, world, shown, tmp_path: Path):
    file = tmp_path / "report.csv"
    raw = _made(world, "csv")
    file.write_bytes(raw)
    run = app.test_cli_runner().invoke

    good = run(args=["lab", "exposure", "verify", str(file)])
    file.write_bytes(raw.replace(b"Ifeoma", b"Ifeomb"))
    bad = run(args=["lab", "exposure", "verify", str(file)])

    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "Unchanged" in good.output
    assert "does not fit" in bad.output


def test_opening_who_they_are_is_noted_as_listed(world, shown):
    with unit_of_work():
        _, lines = open_patients(_criteria(), UNLOOKED, actor=world.governance)

    assert {person.patient.surname for _, person in lines} == {
        "WOŹNIAK-O’NEILL",
        "=FORMULA",
        "OKONKWO-HALE",
    }
    assert "exposure:listed" in _actions()


def _window() -> tuple[dt.datetime, dt.datetime]:
    return clock.now() - HOUR, clock.now() + HOUR


def test_a_report_about_nobody_has_no_file(world):
    with pytest.raises(RuleBroken, match="names nobody"):
        _asked(world)


def test_the_program_itself_cannot_ask(world):
    with pytest.raises(NotPermitted), unit_of_work():
        ask_export("x", {}, title="t", people=1, reason="why", actor=SYSTEM)


@pytest.mark.feature(98)
def test_an_export_that_turns_up_outside_names_its_patients_and_its_maker(world, shown):
    raw = _made(world, "csv")

    with unit_of_work():
        matched = match_leak([[raw]], actor=world.governance)

    assert matched.finding.of(Sure.CERTAIN) == set(shown)
    leaving = session().scalars(select(Leaving).where(Leaving.kind == "exposure csv")).one()
    assert matched.finding.leavings == {leaving.id}
    report = exposure_report(Criteria(About.FRAGMENTS, str(matched.id), *_window()), UNLOOKED)
    assert report.certainty is Certainty.FROM_FILE
    assert {one.patient for one in report.exposures} == set(shown)
    assert all(one.note.startswith("certain") for one in report.exposures)


@pytest.mark.feature(98)
def test_the_paper_of_an_export_is_matched_by_its_compressed_text(world, shown):
    raw = _made(world, "pdf")

    with unit_of_work():
        found = match_leak([[raw]], actor=world.governance).finding

    assert found.of(Sure.CERTAIN) == set(shown)
    assert len(found.leavings) == 1


@pytest.mark.feature(98)
def test_numbers_of_cards_and_tubes_lead_to_the_patient(world):
    placed = a_request(world)
    patient = session().get_one(Request, placed.request_id).patient_id

    with unit_of_work():
        found = match_leak(
            [[f"tube {placed.number} lost".encode()]], actor=world.governance
        ).finding

    assert found.patients == {patient: {"number of a card, tube or slip": Sure.CERTAIN}}


def test_what_was_found_is_kept_sealed_and_an_altered_identity_stops_nothing(world, shown):
    with unit_of_work():
        row = session().scalars(select(PatientIdentity)).first()
        other = (
            session().scalars(select(PatientIdentity).where(PatientIdentity.id != row.id)).first()
        )
        row.sealed = other.sealed
    with unit_of_work():
        matched = match_leak([[PEOPLE[2].nhs_number.encode()]], actor=world.governance)
    kept = session().get_one(LeakMatch, matched.id)
    assert shown[2].hex not in kept.sealed
    assert set(found_in(matched.id).notes) == {shown[2]}


def test_who_is_known_is_forgotten_afterwards(world, shown):
    with everybody_known() as known:
        assert known.numbers
    assert not known.numbers
    assert not known.forenames
    with pytest.raises(ZeroDivisionError), everybody_known() as known:
        raise ZeroDivisionError
    assert not known.births


def test_fragments_are_matched_from_a_terminal_without_naming_anybody(fresh_app, tmp_path: Path):
    app = fresh_app()
    with app.app_context():
        prepare(settings_of(app))
        one = session().scalars(select(PatientIdentity)).first()
        held = opened(one.id, one.sealed)
        mark = session().scalars(select(Leaving.watermark)).first()
    (tmp_path / "found" / "deep").mkdir(parents=True)
    (tmp_path / "found" / "deep" / "part").write_text(f"x {held.nhs_number} y {mark}")

    answer = app.test_cli_runner().invoke(
        args=["lab", "leak", "match", str(tmp_path / "found"), "--json"]
    )

    assert answer.exit_code == 0, answer.output
    assert '"certain": 1' in answer.output
    assert mark in answer.output
    assert held.nhs_number not in answer.output
    assert held.surname not in answer.output
