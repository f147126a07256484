"""The pages of the print station: what each person does there, and that nobody’s name stands on a porter’s."""

import re

import pytest
from sqlalchemy import select

from lab_contingency.audit.models import Leaving
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.incidents.rules import grouped
from lab_contingency.requests.models import Request
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.station import services
from lab_contingency.specimens.station.queries.jobs import jobs_to_look_at
from lab_contingency.specimens.station.rules.jobs import place_number
from lab_contingency.specimens.station.sender import send
from tests.clients import without_ids
from tests.factories.printers import a_job, set_up, shown, states
from tests.factories.world import SYSTEM, a_request, an_identity
from tests.printers import a_printer, senders_are_done
from tests.printing.reading import pages

IDENTIFIERS = re.compile(
    r"wo[zź]niak|o[’']neill|siân|04-nov-1958|1958|h\d{7}|999 |999\d{7}|haematemesis", re.IGNORECASE
)


def names_nobody(*answers):
    for answer in answers:
        assert IDENTIFIERS.findall(without_ids(answer.text)) == []


@pytest.fixture
def stopped(world):
    """A printer at which a job of four stopped at its second label."""
    with a_printer(dies_at=2) as fake:
        printer_id = set_up(world, fake, name="ED 1")
        job_id = a_job(world, printer_id, 4)
        send(printer_id)
        fake.repair()
        yield fake, printer_id, job_id


def comes_out(fake, many):
    """By itself, after a page was answered."""
    senders_are_done()
    assert len(fake.out) == many


def looked_at():
    return session().scalars(jobs_to_look_at(SYSTEM)).one()


@pytest.mark.feature(22)
@pytest.mark.hazard("H23")
def test_scanning_the_last_good_label_at_the_station_brings_out_the_rest(client_for, stopped):
    fake, _, job_id = stopped
    porter = client_for("porter")
    before, counted = porter.get("station.print_station"), looked_at()

    scanned = porter.post("station.print_scanned", {"number": fake.numbers()[0]})
    comes_out(fake, 4)
    after = porter.get("station.print_station")

    assert "Printer ED 1 stopped at ED Resus, after label 1 of 4" in before.words
    assert (counted, looked_at()) == (1, 0)  # on the tab until it was put right
    assert "Label 1 is good: carry on from 2" in before.words
    assert "Label 2 came out too: carry on from 3" in before.words
    assert scanned.status == 303
    assert states(job_id) == ["printed"] * 4
    assert fake.copies() == [False, True, False, False]
    assert "stopped" not in after.words
    names_nobody(before, after)


def test_pressing_the_button_does_the_same_and_a_second_press_is_refused_in_words(
    client_for, stopped
):
    fake, _, job_id = stopped
    porter = client_for("porter")
    pressed = {"last_good": "1", "version": str(shown(job_id).version)}

    first = porter.post("station.go_on", pressed, job_id=job_id)
    second = porter.post("station.go_on", pressed, job_id=job_id)
    comes_out(fake, 4)

    assert first.status == 303
    assert second.status == 422
    assert "Somebody else changed this" in second.words
    assert len(set(fake.numbers())) == len(fake.out) == 4


@pytest.mark.parametrize("said", ["", "x", "-1", "99", "1.0", "²", "00001"])
def test_a_button_that_no_page_has_does_nothing(client_for, stopped, said):
    _, _, job_id = stopped
    version = str(shown(job_id).version)
    answer = client_for("porter").post(
        "station.go_on", {"last_good": said, "version": version}, job_id=job_id
    )

    assert answer.status == 422
    assert states(job_id) == ["printed", "doubtful", "waiting", "waiting"]


def test_a_label_of_another_job_is_no_answer_on_the_page_of_a_job(client_for, world, stopped):
    fake, printer_id, job_id = stopped
    other = a_request(world, tests=("FBC",), identity=an_identity(60)).request_id
    with unit_of_work():
        services.print_labels_at(printer_id, other, actor=world.porter)
    number = tubes_of(other)[0].number

    answer = client_for("porter").post("station.scan_last_good", {"number": number}, job_id=job_id)
    good = client_for("porter").post(
        "station.scan_last_good", {"number": fake.numbers()[0]}, job_id=job_id
    )

    assert answer.status == 422
    assert "none of these" in answer.words
    assert good.status == 303
    names_nobody(answer)


def test_the_rest_is_sent_to_another_printer_from_the_page_of_the_job(client_for, world, stopped):
    _, _, job_id = stopped
    with a_printer() as other:
        elsewhere = set_up(world, other, name="ED 2")
        porter = client_for("porter")
        page = porter.get("station.job", job_id=job_id)
        answer = porter.post(
            "station.go_on",
            {"last_good": "1", "version": str(shown(job_id).version), "printer": str(elsewhere)},
            job_id=job_id,
        )
        comes_out(other, 3)

        assert "ED 2, ED Resus" in page.words
        assert answer.status == 303
        assert len(other.out) == 3
        assert states(job_id) == ["printed"] * 4
        names_nobody(page)


def test_given_up_labels_wait_for_their_ward_again(client_for, stopped):
    _, _, job_id = stopped
    porter = client_for("porter")
    answer = porter.post("station.give_up", {"version": str(shown(job_id).version)}, job_id=job_id)
    after = porter.follow(answer)

    assert "3 labels" in after.words
    assert "given up" not in after.words.lower().replace("given up. what", "")
    assert states(job_id)[1:] == ["given up"] * 3


@pytest.mark.feature(22)
def test_a_wards_board_and_a_printers_label_are_scanned(client_for, world):
    printer_id = set_up(world, name="ED 3")
    a_request(world, tests=("FBC",))
    resus = world.wards["KCH-ED-RESUS"]
    porter = client_for("porter")

    chosen = porter.post("station.print_scanned", {"number": place_number(printer_id)})
    here = porter.follow(chosen)
    board = porter.post("station.print_scanned", {"number": place_number(resus)})
    asked = porter.follow(board)
    nobody = porter.post("station.print_scanned", {"number": "040000000017"})

    assert "Printer ED 3" in here.words
    assert "Print ED Resus" in asked.words
    assert asked.text.count("Print ED Resus") == 2  # at the top, and in the queue
    assert nobody.status == 422
    names_nobody(here, asked, nobody)


@pytest.mark.feature(22)
def test_a_scanned_form_shows_its_card_and_its_labels_come_out_at_the_printer(client_for, world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        placed = a_request(world, tests=("FBC", "UE"))
        porter = client_for("porter")
        porter.post("station.print_here", printer_id=printer_id)

        card = porter.post("station.print_scanned", {"number": placed.number})
        printed = porter.post("station.print_labels", request_id=placed.request_id)
        comes_out(fake, 2)
        again = porter.post("station.print_labels", request_id=placed.request_id)
        number = tubes_of(placed.request_id)[0].number
        label = porter.post("station.print_scanned", {"number": number})
        copy = porter.post(
            "station.print_labels",
            {"tubes": str(tubes_of(placed.request_id)[0].planned_tube_id), "reason": "UNREADABLE"},
            request_id=placed.request_id,
        )
        comes_out(fake, 3)

        assert grouped(placed.number) in card.words
        assert "Only its labels" in card.words
        assert printed.status == 303
        assert again.status == 422
        assert "printed before" in again.words
        assert "came out 1 time" in label.words
        assert copy.status == 303
        assert fake.copies() == [False, False, True]
        names_nobody(card, again, label)


def test_a_void_label_is_refused_at_the_station_with_its_reason(client_for, world):
    from lab_contingency.specimens.services import void_labels

    printer_id = set_up(world)
    placed = a_request(world, tests=("FBC",))
    with unit_of_work():
        services.print_labels_at(printer_id, placed.request_id, actor=world.doctor)
    number = tubes_of(placed.request_id)[0].number
    with unit_of_work():
        void_labels(placed.request_id, "The patient was corrected.", actor=world.doctor)

    answer = client_for("porter").post("station.print_scanned", {"number": number})

    assert answer.status == 422
    assert "no longer counts: The patient was corrected." in answer.words


def test_labels_for_a_person_to_print_are_opened_from_the_station(client_for, world):
    printer_id = set_up(world, name="Office")
    a_request(world, tests=("FBC", "UE"))
    porter = client_for("porter")
    porter.post("station.print_here", printer_id=printer_id)

    cards = porter.post("station.print_ward", ward_id=world.wards["KCH-ED-RESUS"])
    offered = porter.get("station.print_station")
    job_id = _only_job()
    labels = porter.post(
        "station.open_labels", {"version": str(shown(job_id).version)}, job_id=job_id
    )
    twice = porter.post(
        "station.open_labels", {"version": str(shown(job_id).version)}, job_id=job_id
    )
    asked = porter.get("station.print_station")
    porter.post(
        "station.go_on", {"last_good": "2", "version": str(shown(job_id).version)}, job_id=job_id
    )

    assert pages(cards.data) == 1
    assert "Open the 2 labels" in offered.words
    assert pages(labels.data) == 2
    assert twice.status == 422
    assert "did all 2 come out?" in asked.words
    assert "Nothing waits" in porter.get("station.print_station").words
    names_nobody(offered, asked, twice)
    left = session().scalars(select(Leaving.kind).order_by(Leaving.id)).all()
    assert left == ["request form", "tube label"]


def _only_job():
    from lab_contingency.specimens.station.models import PrintJob

    session().rollback()
    return session().scalars(select(PrintJob.id)).one()


def test_a_doctor_prints_one_patient_at_the_bedside_at_the_printer_chosen_there(client_for, world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        request_id = a_request(world, tests=("FBC", "UE")).request_id
        doctor = client_for("doctor")
        doctor.post("station.print_here", printer_id=printer_id)

        printed = doctor.post("specimens.labels", request_id=request_id)
        page = doctor.follow(printed)
        comes_out(fake, 2)

        assert page.h1 == "Labels of ED Resus"
        assert len(fake.out) == 2
        names_nobody(page)


def test_a_doctor_prints_a_round_with_the_patients_ticked(client_for, world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        ids = [
            a_request(world, tests=("FBC", "COAG"), identity=an_identity(seed)).request_id
            for seed in (1, 2, 3)
        ]
        doctor, resus = client_for("doctor"), world.wards["KCH-ED-RESUS"]
        listed = doctor.get("station.rounds")
        page = doctor.get("station.round_of_ward", ward_id=resus)
        none = doctor.post("station.round_of_ward", ward_id=resus)
        as_pdf = doctor.post("station.round_of_ward", {"patients": [str(ids[0])]}, ward_id=resus)
        doctor.post("station.print_here", printer_id=printer_id)
        at_printer = doctor.post(
            "station.round_of_ward", {"patients": [str(ids[2]), str(ids[1])]}, ward_id=resus
        )
        comes_out(fake, 4)

        assert "3 patients" in listed.words
        assert page.words.count("WOŹNIAK") == 3
        assert none.status == 422
        assert pages(as_pdf.data) == 2
        assert at_printer.status == 303
        assert len(fake.out) == 4
        assert doctor.get("station.rounds").words.endswith("Back to the bedside")


def test_a_doctor_of_another_site_neither_sees_nor_uses_the_printer_and_its_jobs(
    client_for, world, stopped
):
    _, printer_id, job_id = stopped
    other = client_for("other_doctor")

    answers = [
        other.get("station.job", job_id=job_id),
        other.post("station.go_on", {"last_good": "1"}, job_id=job_id),
        other.post("station.give_up", job_id=job_id),
        other.post("station.open_labels", job_id=job_id),
        other.post("station.scan_last_good", {"number": "1"}, job_id=job_id),
        other.post("station.print_here", printer_id=printer_id),
        other.post("station.ask", printer_id=printer_id),
        other.post("station.new_roll", printer_id=printer_id),
    ]

    assert [answer.status for answer in answers] == [404] * 8
    assert "ED 1" not in other.get("station.choose").words
    assert states(job_id)[1] == "doubtful"


@pytest.mark.feature(18)
def test_a_senior_allows_more_prints_by_a_scan(client_for, world):
    printer_id = set_up(world, most_prints=1)
    placed = a_request(world, tests=("FBC",))
    with unit_of_work():
        services.print_labels_at(printer_id, placed.request_id, actor=world.porter)
    number = session().scalars(select(Specimen.number)).one()
    porter, senior = client_for("porter"), client_for("senior")
    porter.post("station.print_here", printer_id=printer_id)
    once_more = {"reason": "TORN"}

    refused = porter.post("station.print_labels", once_more, request_id=placed.request_id)
    form = senior.post("station.more", {"number": placed.number, "more": "1", "reason": "SMUDGES"})
    why = senior.post("station.more", {"number": number, "more": "1", "reason": ""})
    allowed = senior.post("station.more", {"number": number, "more": "1", "reason": "SMUDGES"})
    printed = porter.post("station.print_labels", once_more, request_id=placed.request_id)

    assert refused.status == 422
    assert "Ring a senior" in refused.words
    assert "That is a form" in form.words
    assert "Choose why" in why.words
    assert allowed.status == 303
    assert printed.status == 303
    names_nobody(refused)


def test_the_live_part_carries_the_printer_line_and_names_nobody(client_for, world, stopped):
    _, printer_id, _ = stopped
    porter = client_for("porter")
    porter.post("station.print_here", printer_id=printer_id)

    part = porter.live("station.print_station")

    assert 'hx-swap-oob="true"' in part.text
    assert "Printer ED 1" in part.words
    names_nobody(part)
    assert session().scalars(select(Request.id)).first() is not None
