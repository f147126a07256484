"""What the ward reads, on screen and on paper."""

import dataclasses
import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from lab_contingency.audit.models import Leaving
from lab_contingency.catalogue.rules import Flag
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.results.commands import EnterResults, TypedValue
from lab_contingency.results.models import Slip
from lab_contingency.results.queries.grids import grid
from lab_contingency.results.queries.released import released_page, unread_requests
from lab_contingency.results.rules.values import Reported, Source
from lab_contingency.results.services import enter_results, print_slip
from tests.factories.results import (
    CRITICAL_UE,
    CRP,
    amend,
    an_authorised_request,
    authorise,
    check,
    enter,
    on_the_bench,
    sent_elsewhere,
)
from tests.factories.world import make_world


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def printed(request_id, actor, reason=""):
    with unit_of_work():
        return print_slip(request_id, reason, actor=actor)


def words(pdf):
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def amended(world):
    request_id = an_authorised_request(world)
    printed(request_id, world.doctor)
    amend(request_id, world.scientist, "Wrong line of the print-out", CRP={"CRP": "120"})
    authorise(request_id, world.senior, "CRP")
    return request_id


def test_a_slip_prints_what_is_authorised(world):
    request_id = an_authorised_request(world)

    out = printed(request_id, world.doctor)

    text = words(out.pdf)
    for word in (
        "WOŹNIAK-O’NEILL",
        "04-Nov-1958",
        "CRP",
        "12",
        "mg/L",
        "WHOLE REQUEST",
        "version 1",
    ):
        assert word in text


def test_nothing_authorised_gives_no_slip(world):
    request_id = on_the_bench(world)

    with pytest.raises(RuleBroken, match="no slip to print"):
        printed(request_id, world.doctor)


@pytest.mark.hazard("H22")
def test_what_is_only_typed_stands_on_no_slip(world):
    request_id = on_the_bench(world, tests=("CRP", "MG"))
    enter(request_id, world.scientist, CRP=CRP, MG={"MG": "0.83"})
    authorise(request_id, world.senior, "CRP")

    out = printed(request_id, world.doctor)

    assert out.slip.extent == "PART OF THE REQUEST"
    assert "typed, not checked" in out.slip.still_to_come
    assert "0.83" not in words(out.pdf)


@pytest.mark.hazard("H21")
def test_an_amended_slip_is_version_two_of_two_and_shows_the_old_value(world):
    out = printed(amended(world), world.doctor)

    (row,) = out.slip.groups[0].rows
    assert out.slip.version == "version 2 of 2"
    assert (row.value, row.old_value, row.state) == ("120", "12", "amended")
    assert row.reason == "Why: Wrong line of the print-out"


@pytest.mark.hazard("H21")
@pytest.mark.hazard("H22")
def test_while_an_amendment_waits_the_slip_says_so(world):
    request_id = an_authorised_request(world)
    amend(request_id, world.scientist, "Wrong line", CRP={"CRP": "120"})

    out = printed(request_id, world.doctor)

    (row,) = out.slip.groups[0].rows
    assert out.slip.finality == "a result is being put right"
    assert (row.value, row.state) == ("12", "being put right: ring before you rely on it")


def test_the_same_slip_again_needs_a_reason(world):
    request_id = an_authorised_request(world)
    printed(request_id, world.doctor)

    with pytest.raises(RuleBroken, match="Choose why it is printed again"):
        printed(request_id, world.doctor)


def test_a_copy_says_copy_and_why_under_the_same_number(world):
    request_id = an_authorised_request(world)
    first = printed(request_id, world.doctor)

    second = printed(request_id, world.doctor, "NOTES")

    assert second.slip.number == first.slip.number
    assert (second.slip.made.copy_number, second.slip.made.copy_reason) == (
        "copy 2",
        "for the notes",
    )
    assert "COPY" in words(second.pdf)


def test_every_slip_is_registered_as_leaving(world):
    request_id = an_authorised_request(world)

    printed(request_id, world.doctor)

    (leaving,) = session().scalars(select(Leaving)).all()
    (row,) = session().scalars(select(Slip)).all()
    assert (leaving.kind, leaving.id) == ("result slip", row.leaving_id)


@pytest.mark.hazard("H06")
def test_a_critical_value_that_nobody_was_told_says_so(world):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=CRITICAL_UE)
    check(request_id, world.colleague, "UE")
    authorise(request_id, world.senior, "UE")

    out = printed(request_id, world.doctor)

    (note,) = out.slip.criticals
    assert (note.what, note.telephoned) == ("Potassium 6.8 mmol/L.", "Not telephoned yet.")


@pytest.mark.hazard("H06")
def test_a_critical_value_put_right_before_anybody_was_rung_says_so(world):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=CRITICAL_UE)
    check(request_id, world.colleague, "UE")
    authorise(request_id, world.senior, "UE")
    amend(request_id, world.scientist, "Haemolysed", UE={"K": "4.8"})
    check(request_id, world.colleague, "UE")

    out = printed(request_id, world.doctor)

    (note,) = out.slip.criticals
    assert note.telephoned == "Not telephoned: it was put right."


@pytest.mark.hazard("H08")
def test_the_slip_shows_the_issuing_laboratorys_interval(world):
    request_id = on_the_bench(world, tests=("CRP",), laboratory="SWLP-LAB")
    reported = Reported(interval="0–10", flag=Flag.NORMAL)
    values = (TypedValue("CRP", "CRP", "8", reported=reported),)
    with unit_of_work():
        command = EnterResults(request_id, values, source=Source.IMPORTED)
        enter_results(command, actor=world.partner)
    authorise(request_id, world.senior, "CRP")

    out = printed(request_id, world.doctor)

    (group,) = out.slip.groups
    assert (group.rows[0].interval, group.rows[0].flag) == ("0–10", "")
    assert group.laboratory.startswith("South West London")


def test_another_site_cannot_print_it(world):
    request_id = an_authorised_request(world)

    with pytest.raises(NotFound):
        printed(request_id, world.other_doctor)


def test_the_reader_sees_the_old_value_beside_the_new(world):
    page = released_page(amended(world), world.doctor)

    (row,) = page.tests[0].rows
    assert row.view.value.words == "120"
    assert [old.value.words for old in row.old] == ["12"]


def test_the_reader_sees_the_patients_value_before(world):
    an_authorised_request(world)
    second = on_the_bench(world, tests=("CRP",), overrides={"CRP": "new sepsis"})
    enter(second, world.scientist, CRP={"CRP": "88"})
    authorise(second, world.senior, "CRP")

    page = released_page(second, world.doctor)

    (row,) = page.tests[0].rows
    assert (row.before.value.words, row.change) == ("12", "+76")


def a_second_crp(world, **card):
    request_id = on_the_bench(world, tests=("CRP",), overrides={"CRP": "new sepsis"}, **card)
    enter(request_id, world.scientist, CRP={"CRP": "88"})
    authorise(request_id, world.senior, "CRP")
    return request_id


def asked_at_st_thomas(world):
    """The same patient's CRP, asked there and measured by our laboratory."""
    ward = next(id_ for code, id_ in world.wards.items() if code.startswith("STH"))
    there = dataclasses.replace(world, people={**world.people, "doctor": world.other_doctor})
    return a_second_crp(there, ward_id=ward, destination_id=ward)


@pytest.mark.hazard("H22")
def test_a_doctor_of_another_site_is_not_shown_what_was_measured_before_for_ours(world):
    an_authorised_request(world)
    second = asked_at_st_thomas(world)

    page = released_page(second, world.other_doctor)

    (row,) = page.tests[0].rows
    assert (row.before, row.change) == (None, "")


def test_a_slip_shows_no_value_before_that_its_ward_may_not_read_whoever_prints_it(world):
    an_authorised_request(world)
    second = asked_at_st_thomas(world)

    out = printed(second, world.senior)

    assert out.slip.groups[0].rows[0].before == "–"


def test_a_partner_types_beside_no_value_that_was_never_sent_to_it(world):
    an_authorised_request(world)
    second = on_the_bench(
        world, tests=("CRP",), laboratory="SWLP-LAB", overrides={"CRP": "new sepsis"}
    )

    (panel,) = grid(second, world.partner).panels

    assert [row.before for row in panel.rows] == [None]


def shared_with_a_partner(world):
    """U&E on our bench, CRP authorised for the partner."""
    request_id = on_the_bench(world, tests=("UE", "CRP"))
    sent_elsewhere(world, request_id, "CRP")
    enter(request_id, world.partner, CRP=CRP)
    authorise(request_id, world.senior, "CRP")
    return request_id


@pytest.mark.hazard("H22")
def test_a_partners_slip_is_a_part_while_other_tests_are_elsewhere(world):
    request_id = shared_with_a_partner(world)

    out = printed(request_id, world.partner)

    assert (out.slip.extent, out.slip.finality) == ("PART OF THE REQUEST", "these results final")
    assert out.slip.still_to_come == "other tests, elsewhere"


@pytest.mark.hazard("H21")
def test_a_partners_slip_replaces_no_slip_of_the_ward(world):
    request_id = shared_with_a_partner(world)
    first = printed(request_id, world.doctor)

    theirs = printed(request_id, world.partner)
    copy = printed(request_id, world.doctor, "NOTES")

    assert (first.slip.version, theirs.slip.version) == ("version 1", "version 1")
    assert theirs.slip.number != first.slip.number
    assert (copy.slip.number, copy.slip.made.copy_number) == (first.slip.number, "copy 2")


def test_each_reader_sees_the_slips_of_their_own_series(world):
    request_id = shared_with_a_partner(world)
    first = printed(request_id, world.doctor)
    theirs = printed(request_id, world.partner)
    amend(request_id, world.partner, "Wrong line", CRP={"CRP": "120"})
    authorise(request_id, world.senior, "CRP")
    second = printed(request_id, world.senior)

    ward = released_page(request_id, world.doctor).slips
    partner = released_page(request_id, world.partner).slips

    assert second.slip.version == "version 2 of 2"
    assert [(row.number, row.version) for row in ward] == [
        (second.slip.number, 2),
        (first.slip.number, 1),
    ]
    assert [(row.number, row.version) for row in partner] == [(theirs.slip.number, 1)]


def test_unread_requests_are_those_of_the_readers_site(world):
    request_id = an_authorised_request(world)

    assert unread_requests(world.doctor) == (request_id,)
    assert unread_requests(world.other_doctor) == ()


def test_a_partner_reads_only_what_was_sent_to_it(world):
    request_id = on_the_bench(world, tests=("CRP",), laboratory="SWLP-LAB")
    other = an_authorised_request(world, overrides={"CRP": "again"})

    assert released_page(request_id, world.partner).request.id == request_id
    with pytest.raises(NotFound):
        released_page(other, world.partner)
