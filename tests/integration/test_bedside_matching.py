"""Form, wristband and tube at the bedside: what must be read, what stops, how one goes on without a wristband."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.services import place_request
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import CollectTubes
from lab_contingency.specimens.models import BedsideReading, Identification
from lab_contingency.specimens.queries import (
    bedside_checks,
    bedside_progress,
    card_of_wristband,
    tubes_of,
)
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.specimens.rules.matching import (
    HOLDS,
    Identifier,
    Stop,
    Thing,
    WithoutWristband,
)
from tests.factories.tubes import label, match, read, tube, wristband
from tests.factories.world import a_card, a_request, an_identity
from tests.factories.wristbands import gsrn

ANSWERS = {"transfused_or_pregnant_3_months": "no"}
OTHER = an_identity(2, surname="Smith", hospital_number="H0000002")
ALL_SAID = frozenset(Identifier)


@pytest.fixture
def labelled(world):
    """A card of three tubes with their labels printed."""
    request_id = a_request(world, tests=("FBC", "UE", "COAG")).request_id
    label(world, request_id)
    return request_id


def save(world, request_id, *, tubes=None, without=None, actor=None):
    chosen = tubes if tubes is not None else tubes_of(request_id)
    planned = tuple(each.planned_tube_id for each in chosen)
    command = CollectTubes(request_id, planned, clock.now(), "A. Okafor", without=without)
    with unit_of_work():
        return services.collect(command, actor=actor or world.doctor)


def refused(world, request_id, **keys):
    with pytest.raises(RuleBroken) as stopped:
        save(world, request_id, **keys)
    assert {one.status for one in tubes_of(request_id)} <= {None, SpecimenStatus.LABELLED}
    return stopped.value.message


def progress(world, request_id):
    ward = request_view(request_id, world.doctor).ward.id
    return bedside_progress(request_id, ward, world.doctor)


def read_labels(world, request_id, actor=None):
    for one in tubes_of(request_id):
        if one.number:
            read(world, request_id, one.number, one.kind, actor=actor)


@pytest.mark.feature(23)
@pytest.mark.hazard("H01")
def test_the_page_says_what_is_missing_until_all_three_agree(world, labelled):
    said = [progress(world, labelled).next_words]
    read(world, labelled, wristband(labelled))
    for one in tubes_of(labelled):
        said.append(progress(world, labelled).next_words)
        read(world, labelled, one.number, one.kind)
    said.append(progress(world, labelled).next_words)

    assert said == [
        "Read the wristband",
        "Scan the label on the light blue tube",
        "Scan the label on the gold tube",
        "Scan the label on the lavender tube",
        "All agree. Save",
    ]
    assert len(save(world, labelled)) == 3


@pytest.mark.hazard("H01")
def test_ticks_of_a_page_that_was_made_up_save_nothing(world, labelled):
    assert "read the wristband, then scan the label on each tube" in refused(world, labelled)
    read(world, labelled, wristband(labelled))
    assert "scan the label on each tube" in refused(world, labelled)


def test_what_a_colleague_read_does_not_count_for_me(world, labelled):
    colleague = a_colleague(world)
    match(world, labelled, actor=colleague)

    assert "read the wristband" in refused(world, labelled)


def a_colleague(world):
    return dataclasses.replace(world.doctor, user_id=world.other_doctor.user_id, name="B. Osei")


def test_what_was_read_half_an_hour_ago_counts_no_more(world, labelled):
    match(world, labelled)

    with clock.at(clock.now() + HOLDS + dt.timedelta(seconds=1)):
        assert "read the wristband" in refused(world, labelled)
    save(world, labelled)


def test_after_saving_the_next_round_begins_with_the_wristband(world, labelled):
    match(world, labelled)
    first, *rest = tubes_of(labelled)
    save(world, labelled, tubes=[first])

    with pytest.raises(RuleBroken, match="read the wristband"):
        save(world, labelled, tubes=rest)


@pytest.mark.hazard("H01")
def test_a_stop_voids_what_was_read_before_it(world, labelled):
    match(world, labelled)
    stop = read(world, labelled, OTHER.nhs_number).stop

    assert stop is Stop.OTHER_WRISTBAND
    assert "read the wristband" in refused(world, labelled)
    match(world, labelled)
    assert len(save(world, labelled)) == 3


@pytest.mark.hazard("H18")
def test_after_the_wrong_form_the_right_one_is_read(world, labelled):
    other = a_request(world, identity=OTHER)
    stop = read(world, labelled, other.number).stop
    read(world, labelled, wristband(labelled))
    read_labels(world, labelled)

    assert stop is Stop.OTHER_FORM
    assert "scan the right form" in refused(world, labelled)
    read(world, labelled, request_view(labelled, world.doctor).number)
    save(world, labelled)


@pytest.mark.hazard("H02")
def test_a_label_on_another_kind_of_tube_stops_the_round(world, labelled):
    blue, gold, _ = tubes_of(labelled)
    read(world, labelled, wristband(labelled))

    assert read(world, labelled, gold.number, blue.kind).stop is Stop.OTHER_TUBE
    with pytest.raises(RuleBroken, match="Choose which tube"):
        read(world, labelled, gold.number)


def test_a_handwritten_tube_needs_its_form(world):
    request_id = a_request(world, tests=("GS",), answers=ANSWERS).request_id
    read(world, request_id, wristband(request_id))

    assert progress(world, request_id).next_words == "Scan the form"
    assert "scan the right form" in refused(world, request_id)
    read(world, request_id, request_view(request_id, world.doctor).number)
    save(world, request_id)


def test_another_card_of_the_same_patient_is_no_stop(world, labelled):
    second = a_request(world, tests=("CRP",))
    with pytest.raises(RuleBroken, match="another card of the same patient"):
        read(world, labelled, second.number)

    assert progress(world, labelled).standing.stopped is None


@pytest.mark.parametrize(
    ("scanned", "words"),
    [
        ("=W1234 24 123456", "ISBT 128"),
        ("4006381333931", "a shop barcode"),
        ("OLDLIMS24/0001", "perhaps a label of the main system"),
        ("022700000005", "."),
        (f"(8018){gsrn('50000000000000000')}", "type the number that stands on it"),
    ],
)
def test_what_is_neither_of_the_three_is_refused_by_name_and_stops_nothing(
    world, labelled, scanned, words
):
    with pytest.raises(RuleBroken, match=words.replace("(", r"\(")):
        read(world, labelled, scanned)

    assert session().scalars(select(BedsideReading)).all() == []


# Without a wristband


@pytest.mark.hazard("H19")
def test_without_a_wristband_all_three_are_said_and_kept_with_the_tube(world, labelled):
    read_labels(world, labelled)
    some = WithoutWristband("NEWBORN", frozenset({Identifier.NAME}))

    assert "date of birth" in refused(world, labelled, without=some)
    save(world, labelled, without=WithoutWristband("NEWBORN", ALL_SAID))

    held = session().scalars(select(Identification)).all()
    assert {(row.code, row.reason, row.by_name) for row in held} == {(None, "NEWBORN", "Doctor")}


def test_without_a_wristband_the_labels_are_scanned_all_the_same(world, labelled):
    without = WithoutWristband("OUT_OF_REACH", ALL_SAID)

    assert "scan the label on each tube" in refused(world, labelled, without=without)


@pytest.mark.hazard("H01")
def test_whoever_was_stopped_cannot_say_that_there_is_no_wristband_but_a_colleague_can(
    world, labelled
):
    without = WithoutWristband("DAMAGED", ALL_SAID)
    read(world, labelled, OTHER.hospital_number)
    read_labels(world, labelled)

    assert "let a colleague identify the patient" in refused(world, labelled, without=without)
    colleague = a_colleague(world)
    read_labels(world, labelled, colleague)
    save(world, labelled, without=without, actor=colleague)


def test_where_none_are_worn_ticks_are_enough_until_something_does_not_agree(world):
    other = a_request(world, identity=OTHER)
    gp = a_gp(world)
    request_id, second = (at_the_practice(world, gp, test) for test in ("FBC", "CRP"))
    label(world, request_id, actor=gp)

    assert read(world, request_id, other.number, actor=gp).stop is Stop.OTHER_FORM
    with pytest.raises(RuleBroken, match="read the wristband"):
        save(world, request_id, actor=gp)
    label(world, second, actor=gp)
    save(world, second, actor=gp)

    assert tube(second).status is SpecimenStatus.COLLECTED
    assert session().scalars(select(Identification)).all() == []


def a_gp(world):
    return dataclasses.replace(world.doctor, site_id=world.sites["GP-LAMBETH-A"])


def at_the_practice(world, gp, test):
    here = world.wards["GP-LAMBETH-A"]
    with unit_of_work():
        card = a_card(world, tests=(test,), ward_id=here, destination_id=here)
        return place_request(card, actor=gp).request_id


# What is kept


@pytest.mark.hazard("H01")
def test_a_stop_is_recorded_and_nothing_of_what_was_scanned_is_kept(world, labelled):
    read(world, labelled, OTHER.nhs_number)
    match(world, labelled)
    save(world, labelled)

    events = session().scalars(select(AuditEvent)).all()
    stops = [one for one in events if one.action == "bedside:stopped"]
    assert [one.details["why"] for one in stops] == [Stop.OTHER_WRISTBAND.value]
    known = [one for one in events if one.action == "specimen:identified"]
    assert {one.details["by"] for one in known} == {"NHS number"}
    kept = repr([vars(row) for row in session().scalars(select(BedsideReading))])
    kept += repr([one.details for one in events])
    for number in (OTHER.nhs_number, wristband(labelled), "H0000001"):
        assert number not in kept
    assert Thing.END in {row.thing for row in session().scalars(select(BedsideReading))}


def test_the_coordinator_sees_counts_by_ward_and_no_patient(world, client_for, labelled):
    read(world, labelled, OTHER.nhs_number)
    match(world, labelled)
    first, *rest = tubes_of(labelled)
    save(world, labelled, tubes=[first])
    for one in rest:
        read(world, labelled, one.number, one.kind)
    save(world, labelled, tubes=rest, without=WithoutWristband("NEWBORN", ALL_SAID))

    (ward,) = bedside_checks(clock.now() - dt.timedelta(hours=1))
    page = client_for("coordinator").get("specimens.checks")

    assert (ward.ward, ward.by_wristband, ward.said_count, ward.stop_count) == ("ED Resus", 1, 2, 1)
    assert "newborn, not banded yet" in page.words
    assert "wristband of another patient" in page.words
    assert "WOŹNIAK" not in page.text.upper()
    assert client_for("doctor").get("specimens.checks").status == 403


# Which card a wristband leads to


@pytest.mark.feature(22)
def test_a_wristband_opens_the_one_card_that_waits_for_it(world, client_for, labelled):
    doctor = client_for("doctor")
    answer = doctor.post("specimens.collect_scan", {"number": f" {wristband(labelled)}\r\n"})

    assert str(labelled) in answer.location
    assert "Scan the label on the light blue tube" in doctor.follow(answer).words


def test_a_wristband_of_two_cards_or_of_none_is_said(world, labelled):
    a_request(world, tests=("CRP",))
    with pytest.raises(RuleBroken, match="Two cards wait"):
        card_of_wristband(wristband(labelled), world.doctor)
    for actor in (world.doctor, world.other_doctor):
        with pytest.raises(NotFound, match="No request here"):
            card_of_wristband(OTHER.nhs_number, actor)
    with pytest.raises(NotFound):
        card_of_wristband(wristband(labelled), world.other_doctor)


def test_a_gs1_code_with_its_separators_goes_through_the_page(world, client_for, labelled):
    nhs = wristband(labelled)
    code = f"]d28018{gsrn('5050898' + nhs)}91RJZ,H0000001\x1d725019581104\r\n"
    version = request_view(labelled, world.doctor).version

    answer = client_for("doctor").post(
        "specimens.collected", {"number": code, "version": version}, request_id=labelled
    )

    assert answer.status == 200
    assert progress(world, labelled).standing.wristband.code == "GS1 code"


@pytest.mark.hazard("H01")
def test_the_page_of_a_stop_says_what_to_do_and_has_no_way_on(world, client_for, labelled):
    doctor = client_for("doctor")
    version = request_view(labelled, world.doctor).version
    page = doctor.post(
        "specimens.collected", {"number": OTHER.nhs_number, "version": version}, request_id=labelled
    )

    assert page.status == 422
    assert "STOP. This wristband is not that of the patient on the card." in page.words
    assert "Take no blood here for this card." in page.words
    assert "Save: these are taken" not in page.words
    assert OTHER.nhs_number not in page.text
    again = doctor.get("specimens.collect", request_id=labelled)
    assert "Save: these are taken" not in again.words  # nor after loading it again


def test_a_reason_that_only_the_program_gives_is_no_choice_of_the_page(world, client_for, labelled):
    page = client_for("doctor").post(
        "specimens.collected",
        {
            "do": "save",
            "reason": "ON_PAPER",
            "tubes": [str(one.planned_tube_id) for one in tubes_of(labelled)],
            "version": request_view(labelled, world.doctor).version,
            "collected_at": "00:01",
            "collected_by": "N. Patel",
        },
        request_id=labelled,
    )

    assert page.status == 422
    assert tube(labelled).status is SpecimenStatus.LABELLED


def test_where_none_are_worn_a_stop_is_left_by_what_is_said_aloud(world, client_for):
    gp = a_gp(world)
    request_id = at_the_practice(world, gp, "FBC")
    label(world, request_id, actor=gp)
    read(world, request_id, a_request(world, identity=OTHER).number, actor=gp)
    (one,) = tubes_of(request_id)
    ward = world.wards["GP-LAMBETH-A"]

    assert bedside_progress(request_id, ward, gp).stop is Stop.OTHER_FORM
    for scanned in (request_view(request_id, gp).number, one.number):
        read(world, request_id, scanned, one.kind, actor=gp)
    assert bedside_progress(request_id, ward, gp).stop is None
    with pytest.raises(RuleBroken, match="read the wristband"):
        save(world, request_id, actor=gp)
    save(world, request_id, without=WithoutWristband("OUTPATIENT", ALL_SAID), actor=gp)
