"""Slips of a laboratory that works on paper: printed with the box, typed back, nothing attached to somebody else."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from sqlalchemy import select, update

from lab_contingency.audit.models import Leaving
from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import LabError, NotFound, RuleBroken, RulesBroken
from lab_contingency.foundation.wording import day_time_text
from lab_contingency.incidents.rules import with_check_digit
from lab_contingency.network.rules import Acceptance
from lab_contingency.places.models import Laboratory
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.statuses import TestAction, TestStatus
from lab_contingency.requests.services import Evidence, lock_request, move_test
from lab_contingency.requests.services.summary import tests_of as asked_for
from lab_contingency.results.models import Result
from lab_contingency.results.returned import services
from lab_contingency.results.returned.commands import ReturnedValue
from lab_contingency.results.returned.models import ReturnSlip, ReturnSlipPrint
from lab_contingency.results.rules.values import ResultStatus, Source
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.transport.models import Consignment, ConsignmentItem
from lab_contingency.transport.rules import ConsignmentState, ItemOutcome
from tests.factories import returns
from tests.factories.results import value
from tests.factories.returns import BORN, CODE, NAME, UE, rows
from tests.factories.tubes import tube
from tests.factories.world import SYSTEM, an_identity, make_world
from tests.printing import reading


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def _status(request_id, code="UE"):
    statement = select(RequestedTest.status).where(
        RequestedTest.request_id == request_id, RequestedTest.test_code == code
    )
    return session().scalars(statement).one()


class TestPrinting:
    @pytest.mark.feature(41)
    def test_a_box_gets_one_slip_a_patient_with_what_that_laboratory_is_known_to_use(self, world):
        box = returns.a_box(
            world, {}, {"identity": an_identity(2, surname="Oyelaran"), "tests": ("CRP",)}
        )
        out = returns.printed(world, box)

        assert reading.pages(out.pdf) == 2
        first = " ".join(reading.text(out.pdf, 0).split())
        for said in (
            NAME,
            "Potassium",
            "if not 3.3–4.9",
            "Method Beckman AU",
        ):
            assert said in first, said
        assert "eGFR" not in first
        assert [slip.patient.surname for slip in out.slips] == ["WOŹNIAK-O’NEILL", "OYELARAN"]
        assert out.slips[0].number in reading.barcodes(out.pdf, 300, 0)
        (left,) = session().scalars(select(Leaving).where(Leaving.kind == "return slips"))
        patients = set(session().scalars(select(Request.patient_id)))
        assert set(left.contains) == {each.hex for each in patients}
        assert all(Field(held) & (Field.NAME | Field.TESTS) for held in left.contains.values())
        assert not any(Field(held) & Field.RESULTS for held in left.contains.values())

    @pytest.mark.hazard("08")
    def test_a_dangerous_result_is_rung_to_who_sent_the_box_and_never_to_the_partner_itself(
        self, world
    ):
        box = returns.a_box(world)
        here = session().get_one(Laboratory, world.laboratories["KCH-LAB"])
        for out in (returns.printed(world, box), returns.printed(world, box, "LOST")):
            said = " ".join(reading.text(out.pdf).split())
            assert f"A dangerous result: ring {here.name}, {here.telephone} first" in said
            for theirs in ("the duty biochemist", "020 7946 0735", "020 7946 0733"):
                assert theirs not in said

    def test_a_copy_names_the_number_that_is_rung_today(self, world):
        box = returns.a_box(world)
        returns.printed(world, box)
        here = session().get_one(Laboratory, world.laboratories["KCH-LAB"])
        with unit_of_work():
            here.telephone = "020 7946 0888"
            record(
                "laboratory:changed", here.id, actor=SYSTEM
            )  # whoever keeps the places reads anew

        again = " ".join(reading.text(returns.printed(world, box, "LOST").pdf).split())

        assert "020 7946 0888 first" in again

    def test_the_same_again_is_a_copy_word_for_word_and_says_why(self, world):
        box = returns.a_box(world)
        first = returns.printed(world, box)

        with pytest.raises(RuleBroken, match="why they come out again"):
            returns.printed(world, box)
        again = returns.printed(world, box, "LOST")

        assert again.slips[0].number == first.slips[0].number
        assert "COPY" in reading.text(again.pdf)
        assert "copy: the first was lost" in reading.text(again.pdf)
        assert again.slips[0].tubes == first.slips[0].tubes
        assert [
            row.copy
            for row in session().scalars(select(ReturnSlipPrint).order_by(ReturnSlipPrint.copy))
        ] == [1, 2]

    def test_a_request_withdrawn_from_the_box_gets_another_slip_and_the_old_one_opens_nothing(
        self, world
    ):
        box = returns.a_box(world, {"tests": ("UE", "CRP")})
        old = returns.printed(world, box).slips[0].number
        request_id = session().scalars(select(ReturnSlip.request_id)).one()
        with unit_of_work():
            request = lock_request(request_id, actor=SYSTEM)
            (crp,) = [test for test in asked_for(request_id) if test.test_code == "CRP"]
            move_test(
                request, crp, TestAction.WITHDRAW, Evidence(reason="not needed"), actor=SYSTEM
            )
        new = returns.printed(world, box).slips[0].number

        assert new != old
        with pytest.raises(RuleBroken, match="No slip has this number"), unit_of_work():
            services.open_slip(old, BORN, actor=world.scientist)
        with unit_of_work():
            assert services.open_slip(new, BORN, actor=world.scientist)

    def test_who_signs_in_here_gets_no_slips_and_neither_does_an_open_box_or_another_place(
        self, world
    ):
        returns.a_paper_partner(world, Acceptance.ELECTRONIC)
        box = returns.a_box(world)
        with pytest.raises(RuleBroken, match="signs in here"):
            returns.printed(world, box)
        with pytest.raises(NotFound), unit_of_work():
            services.print_return_slips(box, actor=world.other_scientist)


class TestTypingBack:
    @pytest.mark.feature(103)
    @pytest.mark.hazard("08")
    def test_a_value_keeps_who_issued_it_with_its_own_interval_method_flag_unit_and_age(
        self, world
    ):
        slip_id = returns.a_slip(world)
        request_id = returns.request_of(slip_id)
        complete = returns.type_back(
            world, slip_id, *rows("UE", {**UE, "K": "5.1"}), methods={"UE": "ISE direct"}
        )

        assert complete == ("UE",)
        held = value(request_id, "K")
        assert (held.words, held.unit, held.interval, held.flag.words) == (
            "5.1",
            "mmol/L",
            "3.3–4.9",
            "high",
        )
        assert held.method == "ISE direct"
        assert held.age is not None
        row = (
            session()
            .scalars(
                select(Result).where(Result.request_id == request_id, Result.analyte_code == "K")
            )
            .one()
        )
        assert row.laboratory_id == world.laboratories[CODE]
        assert (row.source, row.status) == (Source.TYPED_BACK, ResultStatus.ENTERED)
        assert value(request_id, "EGFR").number is not None  # worked out, never typed

    def test_the_slip_is_the_receipt_of_tube_and_box(self, world):
        box = returns.a_box(world, {}, {"identity": an_identity(2), "tests": ("CRP",)})
        returns.printed(world, box)
        first, second = session().scalars(select(ReturnSlip.id).order_by(ReturnSlip.number))
        arrived = clock.now() - dt.timedelta(minutes=1)
        returns.type_back(world, first, *rows("UE", UE), arrived_at=arrived)

        there = tube(returns.request_of(first))
        assert (there.status, there.place) == (SpecimenStatus.RECEIVED, NAME)
        assert there.received_at == arrived
        assert session().get_one(Consignment, box).state is ConsignmentState.UNPACKING
        returns.type_back(world, second, *rows("CRP", {"CRP": "12"}))

        assert (
            session().get_one(Consignment, box, populate_existing=True).state
            is ConsignmentState.RECEIVED
        )
        assert set(session().scalars(select(ConsignmentItem.outcome))) == {ItemOutcome.ARRIVED}

    @pytest.mark.hazard("07")
    def test_another_unit_and_an_impossible_value_are_refused_with_a_sentence_and_nothing_is_kept(
        self, world
    ):
        slip_id = returns.a_slip(world)
        other = ReturnedValue("UE", "K", "17.2", other_unit="mg/dL")
        with pytest.raises(RulesBroken, match="reported in mmol/L here, not in mg/dL"):
            returns.type_back(world, slip_id, other)
        for text in ("440", "4,4", "4.4 mmol/L", "four"):
            with pytest.raises(RulesBroken):
                returns.type_back(world, slip_id, ReturnedValue("UE", "K", text))
        assert session().scalars(select(Result)).all() == []
        assert _status(returns.request_of(slip_id)) is TestStatus.ASSIGNED

    @pytest.mark.hazard("07")
    def test_flag_and_interval_of_one_row_must_agree_unless_the_page_really_says_so(self, world):
        slip_id = returns.a_slip(world)
        odd = ReturnedValue("UE", "K", "4.4", low="3.3", high="4.9", flag="high")
        with pytest.raises(RulesBroken, match=r"lies within 3\.3–4\.9"):
            returns.type_back(world, slip_id, odd)
        with pytest.raises(RulesBroken, match="below the upper one"):
            returns.type_back(
                world, slip_id, ReturnedValue("UE", "K", "4.4", low="4.9", high="3.3")
            )
        said = ReturnedValue(
            "UE", "K", "4.4", low="3.3", high="4.9", flag="high", comment="flag as on the page"
        )
        returns.type_back(world, slip_id, said)
        assert value(returns.request_of(slip_id), "K").flag.words == "high"

    def test_a_time_that_cannot_be_is_refused(self, world):
        slip_id = returns.a_slip(world)
        later = clock.now() + dt.timedelta(hours=1)
        with pytest.raises(RuleBroken, match="future"):
            returns.type_back(world, slip_id, *rows("UE", UE), done_at=later)
        with pytest.raises(RuleBroken, match="before they were measured"):
            returns.type_back(world, slip_id, *rows("UE", UE), arrived_at=later)

    @pytest.mark.hazard("08")
    def test_nothing_was_signed_before_its_blood_was_taken_or_its_box_left(self, world):
        slip_id = returns.a_slip(world)
        taken = tube(returns.request_of(slip_id)).collected_at
        box = session().get_one(ReturnSlip, slip_id).consignment_id
        left = session().get_one(Consignment, box).left_at
        for early in (taken - dt.timedelta(days=1), taken - dt.timedelta(minutes=1)):
            for field in ("done_at", "arrived_at"):
                with pytest.raises(RuleBroken, match="the blood was taken") as refused:
                    returns.type_back(world, slip_id, *rows("UE", UE), **{field: early})
                assert refused.value.field == field
        assert session().scalars(select(Result)).all() == []
        with unit_of_work():
            session().execute(
                update(Consignment)
                .where(Consignment.id == box)
                .values(left_at=left + dt.timedelta(hours=1))
            )
        with clock.at(left + dt.timedelta(hours=2)):
            with pytest.raises(RuleBroken, match="the box left") as refused:
                returns.type_back(world, slip_id, *rows("UE", UE), done_at=left)
            assert day_time_text(left) in refused.value.message
            # The clocks of two laboratories differ by minutes.
            at = left + dt.timedelta(minutes=55)
            assert returns.type_back(world, slip_id, *rows("UE", UE), done_at=at) == ("UE",)

    def test_a_partial_return_leaves_the_rest_open(self, world):
        slip_id = returns.a_slip(world, tests=("UE", "CRP"))
        request_id = returns.request_of(slip_id)
        assert returns.type_back(world, slip_id, *rows("UE", UE)) == ("UE",)
        returns.keep_page(world, slip_id)
        assert returns.check(world, slip_id).released == ("UE",)

        assert _status(request_id) is TestStatus.AUTHORISED
        assert _status(request_id, "CRP") in {TestStatus.ASSIGNED, TestStatus.RECEIVED}
        assert returns.type_back(world, slip_id, *rows("CRP", {"CRP": "12"})) == ("CRP",)
        with pytest.raises(RuleBroken, match="photo or scan of the page"):
            returns.check(world, slip_id)

    def test_what_cannot_be_done_is_taken_again_or_goes_elsewhere_after_the_check(self, world):
        slip_id = returns.a_slip(world, tests=("UE", "CRP"))
        request_id = returns.request_of(slip_id)
        returns.type_back(world, slip_id, cannot={"UE": "1", "CRP": "8"})
        assert _status(request_id) is TestStatus.ASSIGNED
        returns.keep_page(world, slip_id)

        done = returns.check(world, slip_id)

        assert (done.again, done.elsewhere) == (("UE",), ("CRP",))
        assert _status(request_id) is TestStatus.REJECTED
        with pytest.raises(RulesBroken, match="as it stands on the slip"):
            returns.type_back(world, slip_id, cannot={"CRP": "77"})


@pytest.mark.hazard("15")
class TestNobodyElsesRequest:
    def test_a_thousand_misread_slips_attach_nothing_to_another_request(self, world):
        chance = random.Random(15)  # noqa: S311 - the same each time
        people = [an_identity(seed, born=dt.date(1950 + seed, 3, seed + 1)) for seed in range(1, 9)]
        box = returns.a_box(world, *({"identity": who, "tests": ("CRP",)} for who in people))
        slips = returns.printed(world, box).slips
        numbers = [slip.number for slip in slips]
        mine = {row.number: row.request_id for row in session().scalars(select(ReturnSlip))}
        wrong = opened = 0
        for attempt in range(1000):
            place = attempt % len(people)
            scanned, born = _misread(numbers, people, place, chance)
            try:
                with unit_of_work():
                    slip_id = services.open_slip(scanned, born, actor=world.scientist)
            except LabError:
                continue
            opened += 1
            wrong += returns.request_of(slip_id) != mine[numbers[place]]
        assert wrong == 0
        assert 0 < opened < 500  # pages read rightly do open

    def test_a_row_of_another_slip_or_request_is_nothing(self, world):
        box = returns.a_box(world, {}, {"identity": an_identity(2), "tests": ("CRP", "LFT")})
        returns.printed(world, box)
        first, second = session().scalars(select(ReturnSlip.id).order_by(ReturnSlip.number))
        for row in (
            *rows("CRP", {"CRP": "12"}),
            ReturnedValue("UE", "CRP", "12"),
            ReturnedValue("UE", "XX", "1"),
        ):
            with pytest.raises(NotFound):
                returns.type_back(world, first, row)
        with pytest.raises(NotFound):
            returns.type_back(world, second, cannot={"UE": "1"})
        assert session().scalars(select(Result)).all() == []

    def test_a_tube_taken_again_or_a_test_given_to_others_is_not_typed_from_the_old_slip(
        self, world
    ):
        slip_id = returns.a_slip(world)
        request_id = returns.request_of(slip_id)
        with unit_of_work():
            request = lock_request(request_id, actor=SYSTEM)
            (test,) = asked_for(request_id)
            where = Evidence(laboratory_id=world.laboratories["SWLP-LAB"], reason="no reagent")
            move_test(request, test, TestAction.REASSIGN, where, actor=SYSTEM)
        with pytest.raises(RulesBroken, match="Another laboratory does this test now"):
            returns.type_back(world, slip_id, *rows("UE", UE))

    def test_a_person_of_another_place_opens_and_types_nothing(self, world):
        slip_id = returns.a_slip(world)
        number = session().get_one(ReturnSlip, slip_id).number
        with pytest.raises(RuleBroken, match="No slip has this number"), unit_of_work():
            services.open_slip(number, BORN, actor=world.other_scientist)
        with pytest.raises(NotFound):
            returns.type_back(world, slip_id, *rows("UE", UE), by=world.other_scientist)


def _misread(numbers, people, place, chance):
    """One mistake: a digit, two digits swapped, the neighbour's page, a made-up number; sometimes none."""
    digits, born = list(numbers[place]), people[place].born
    kind = chance.randrange(6)
    if kind == 0:
        at = chance.randrange(12)
        digits[at] = str((int(digits[at]) + chance.randrange(1, 10)) % 10)
    elif kind == 1:
        at = chance.randrange(11)
        digits[at], digits[at + 1] = digits[at + 1], digits[at]
    elif kind == 2:
        return numbers[(place + chance.randrange(1, len(numbers))) % len(numbers)], born
    elif kind == 3:
        made_up = f"07{chance.randrange(10**9):09d}"
        return with_check_digit(made_up), born
    elif kind == 4:
        born = born.replace(year=born.year + chance.choice((-10, -1, 1, 10)))
    return "".join(digits), born
