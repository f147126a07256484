"""What labels at a printer say: copies and how many, rounds, wards, transfusion, what cannot be drawn."""

import pytest
from sqlalchemy import func, select

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.specimens.models import LabelPrint
from lab_contingency.specimens.queries import print_queue, tubes_of
from lab_contingency.specimens.rules import MOST_PRINTS
from lab_contingency.specimens.station import services
from lab_contingency.specimens.station.sender import send
from tests.factories.printers import set_up, shown
from tests.factories.tubes import label
from tests.factories.world import a_request, an_identity
from tests.printers import a_printer
from tests.printing.reading import joined, pages
from tests.printing.zpl_reading import part


@pytest.mark.feature(19)
@pytest.mark.feature(20)
def test_a_copy_says_what_the_first_print_said_with_copy_and_why(world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        request_id = a_request(world, tests=("FBC",)).request_id
        with unit_of_work():
            services.print_labels_at(printer_id, request_id, actor=world.porter)
        with pytest.raises(RuleBroken, match="printed before"), unit_of_work():
            services.print_labels_at(printer_id, request_id, actor=world.porter)
        with unit_of_work():
            services.print_labels_at(printer_id, request_id, reason="TORN", actor=world.porter)
        send(printer_id)

        first, second = fake.out
        assert fake.copies() == [False, True]
        who = (0, 0, 38, 11)  # the rest of a copy makes room for the reason
        assert part(first, *who) == part(second, *who)
        assert fake.numbers()[0] == fake.numbers()[1]
        digests = session().scalars(select(LabelPrint.content_digest)).all()
        assert len(digests) == 2
        reasons = session().scalars(select(LabelPrint.reason).order_by(LabelPrint.copy)).all()
        assert reasons == ["", "TORN"]


@pytest.mark.feature(18)
def test_copies_are_counted_and_beyond_the_most_a_senior_says_why(world):
    with a_printer() as fake:
        printer_id = set_up(world, fake, most_prints=3)
        request_id = a_request(world, tests=("FBC",)).request_id

        def print_once(copies=1):
            with unit_of_work():
                return services.print_labels_at(
                    printer_id, request_id, reason="TORN", copies=copies, actor=world.porter
                )

        print_once()
        print_once(2)
        send(printer_id)
        with pytest.raises(RuleBroken, match="came out 3 times"):
            print_once()
        number = tubes_of(request_id)[0].number
        with pytest.raises(RuleBroken, match="Choose why"), unit_of_work():
            services.allow_prints(number, 1, "BECAUSE", actor=world.senior)
        with unit_of_work():
            services.allow_prints(number, 1, "SMUDGES", actor=world.senior)
        print_once()
        with pytest.raises(RuleBroken, match="came out 4 times"):
            print_once()
        send(printer_id)

        assert fake.copies() == [False, True, True, True]
        assert session().scalars(select(LabelPrint.copy)).all() == [1, 2, 3, 4]


@pytest.mark.feature(18)
def test_the_most_holds_for_labels_as_a_pdf_too(world):
    request_id = a_request(world, tests=("FBC",)).request_id
    for _ in range(MOST_PRINTS):
        label(world, request_id, reason="TORN")

    with pytest.raises(RuleBroken, match="the most"):
        label(world, request_id, reason="TORN")


def test_a_label_that_cannot_be_printed_leaves_no_trace(world):
    from lab_contingency.printing.errors import CannotPrint
    from tests.factories.world import with_an_unprintable_name

    printer_id = set_up(world)  # drawn as PDF: the name is measured
    request_id = a_request(world, tests=("FBC",)).request_id
    with_an_unprintable_name(request_id)

    with pytest.raises(CannotPrint), unit_of_work():
        services.print_labels_at(printer_id, request_id, actor=world.porter)

    session().rollback()
    assert session().scalars(select(func.count(LabelPrint.id))).one() == 0
    assert tubes_of(request_id)[0].number is None


def test_a_round_comes_out_patient_by_patient_in_order_of_draw_and_skips_what_cannot_be_drawn(
    world,
):
    from tests.factories.world import with_an_unprintable_name

    printer_id = set_up(world)
    ids = [
        a_request(world, tests=("FBC", "COAG"), identity=an_identity(seed, surname=name)).request_id
        for seed, name in ((1, "Smith"), (2, "Jones"), (3, "Long"))
    ]
    with_an_unprintable_name(ids[2])
    with unit_of_work():
        job_id, skipped = services.print_round_at(
            printer_id, world.wards["KCH-ED-RESUS"], [ids[1], ids[2], ids[0]], actor=world.doctor
        )
    with unit_of_work():
        pdf = services.hand_out(job_id, shown(job_id).version, actor=world.doctor)

    assert len(skipped) == 1
    said = [joined(pdf, page) for page in range(pages(pdf))]
    order = [("SMITH" in text or "JONES" in text, "lightblue" in text.lower()) for text in said]
    assert ["JONES" in text for text in said] == [True, True, False, False]
    assert [blue for _, blue in order] == [True, False, True, False]


def test_a_transfusion_tube_gets_no_label_at_any_printer(world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        answers = {"transfused_or_pregnant_3_months": "no", "units": "2", "needed_by": "04:00"}
        request_id = a_request(world, tests=("GS", "FBC"), answers=answers).request_id
        pink = next(tube for tube in tubes_of(request_id) if tube.by_hand)
        with pytest.raises(RuleBroken, match="gets no printed label"), unit_of_work():
            services.print_labels_at(
                printer_id, request_id, [pink.planned_tube_id], actor=world.porter
            )
        with unit_of_work():
            printed = services.print_ward_at(
                printer_id, world.wards["KCH-ED-RESUS"], actor=world.porter
            )
        send(printer_id)

        assert len(fake.out) == 1
        assert "noprintedlabel" in joined(printed.pdf)
        assert len(printed.prints) == 1


def test_a_wards_cards_carry_no_second_label_where_a_printer_prints_them(world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        a_request(world, tests=("FBC", "UE"))
        with unit_of_work():
            printed = services.print_ward_at(
                printer_id, world.wards["KCH-ED-RESUS"], actor=world.porter
            )
        send(printer_id)

        assert pages(printed.pdf) == 1
        assert printed.forms[0].labels == ()
        assert len(fake.out) == 2
        assert print_queue() == ()
