"""What people say of labels: two at once, another printer, giving up, void numbers, the PDF, the most copies."""

import pytest
from sqlalchemy import select

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.incidents.queries import void_reason
from lab_contingency.specimens import services as specimens
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.queries import find_by_number, print_queue, tubes_of
from lab_contingency.specimens.station import services
from lab_contingency.specimens.station.commands import CarryOn
from lab_contingency.specimens.station.lines import Report
from lab_contingency.specimens.station.queries.jobs import job_of_label
from lab_contingency.specimens.station.queries.printers import printer
from lab_contingency.specimens.station.rules.jobs import JobStatus
from lab_contingency.specimens.station.rules.printers import PrinterState
from lab_contingency.specimens.station.sender import send
from lab_contingency.specimens.station.services.sending import advance, take
from tests.factories.printers import a_job, set_up, shown, states
from tests.factories.world import SYSTEM
from tests.printers import a_printer
from tests.printing.reading import joined, pages
from tests.threads import together


def carry_on(job_id, last_good, actor, **changes):
    with unit_of_work():
        return services.carry_on(CarryOn(job_id, last_good, **changes), actor=actor)


def stopped_job(world, fake, labels=4, dies_at=2):
    printer_id = set_up(world, fake)
    job_id = a_job(world, printer_id, labels)
    fake.set(dies_at=dies_at)
    fake.seen = 0
    send(printer_id)
    fake.repair()
    return printer_id, job_id


@pytest.mark.hazard("H23")
def test_two_porters_who_press_at_once_bring_each_label_out_once(app, world):
    with a_printer() as fake:
        printer_id, job_id = stopped_job(world, fake)
        version = shown(job_id).version
        refused = []

        def press():
            with app.app_context():
                try:
                    carry_on(job_id, 1, world.porter, version=version)
                    send(printer_id)
                except ChangedByAnother as late:
                    refused.append(late)

        assert together([press, press, press]) == []

        session().rollback()
        assert len(refused) == 2
        assert len(fake.out) == 4
        assert len(set(fake.numbers())) == 4
        assert fake.copies() == [False, True, False, False]


def test_two_senders_of_one_printer_take_turns(app, world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 8)

        def work():
            with app.app_context():
                send(printer_id)

        assert together([work, work, work]) == []
        session().rollback()

        assert len(fake.numbers()) == len(set(fake.numbers())) == 8
        assert shown(job_id).status is JobStatus.DONE


def test_a_sender_that_died_holds_its_printer_until_its_claim_lapses(world, monkeypatch):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 3)
        dead = new_id()
        with unit_of_work():
            take(printer_id, dead)
        with unit_of_work():
            advance(printer_id, dead, Report(PrinterState.READY))  # and its process ends
        send(printer_id)
        held = (list(fake.told), shown(job_id).lost)
        _lapse(printer_id)

        lost = shown(job_id)
        send(printer_id)  # another one comes: it stops what the dead one was sending
        found = states(job_id)
        carry_on(job_id, 0, world.porter)
        send(printer_id)

        assert held == ([], False)
        assert lost.lost
        assert lost.stopped
        assert found == ["doubtful", "waiting", "waiting"]
        assert fake.copies() == [True, False, False]
        with unit_of_work():  # what the dead one would still say is not heard
            assert advance(printer_id, dead, Report(PrinterState.PAPER_OUT)) is None
        assert printer(printer_id, SYSTEM).state is PrinterState.READY


def _lapse(printer_id):
    from sqlalchemy import update

    from lab_contingency.foundation import clock
    from lab_contingency.specimens.station.models import PrinterWatch

    with unit_of_work():
        session().execute(update(PrinterWatch).values(claimed_until=clock.now()))


def test_the_rest_goes_to_another_printer(world):
    with a_printer() as broken, a_printer() as other:
        printer_id, job_id = stopped_job(world, broken, labels=5, dies_at=3)
        elsewhere = set_up(world, other)

        woken = carry_on(job_id, 2, world.porter, printer_id=elsewhere)
        for each in woken:
            send(each)

        assert woken == (elsewhere, printer_id)
        assert len(broken.out) == 2
        assert other.copies() == [True, False, False]
        assert len({*broken.numbers(), *other.numbers()}) == 5
        assert shown(job_id).status is JobStatus.DONE


def test_what_is_given_up_is_void_and_waits_in_the_queue_again(world):
    with a_printer() as fake:
        _, job_id = stopped_job(world, fake, labels=4, dies_at=2)
        numbers = session().scalars(select(Specimen.number).order_by(Specimen.number)).all()
        with unit_of_work():
            services.give_up(job_id, shown(job_id).version, actor=world.porter)

        assert states(job_id) == ["printed", "given up", "given up", "given up"]
        assert [row.labels for row in print_queue()] == [3]
        held = [void_reason(number) for number in numbers]
        assert held[0] is None
        assert all(reason == "It was given up at the printer." for reason in held[1:])
        found = find_by_number(numbers[1], world.porter)
        assert found.void is not None


@pytest.mark.hazard("H16")
@pytest.mark.feature(19)
def test_a_label_whose_patient_was_corrected_while_it_waited_never_comes_out(world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 4)
        request_id = session().scalars(select(Specimen.request_id)).first()
        numbers = [tube.number for tube in tubes_of(request_id)]
        with unit_of_work():
            specimens.void_labels(request_id, "The patient was corrected.", actor=world.doctor)

        send(printer_id)

        assert fake.out == []
        assert states(job_id) == ["given up"] * 4
        assert shown(job_id).status is JobStatus.DONE
        with unit_of_work():
            again = services.print_labels_at(printer_id, request_id, actor=world.porter)
        send(printer_id)
        assert set(fake.numbers()).isdisjoint(numbers)
        assert shown(again).status is JobStatus.DONE
        assert all(find_by_number(number, world.porter).void for number in numbers)


@pytest.mark.hazard("H16")
def test_a_doubtful_label_whose_content_changed_takes_the_next_number_and_the_old_one_is_refused(
    world,
):
    from sqlalchemy import update

    from lab_contingency.requests.models import Request

    with a_printer() as fake:
        printer_id, job_id = stopped_job(world, fake, labels=2, dies_at=1)
        old = session().scalars(select(Specimen.number).order_by(Specimen.number)).first()
        with unit_of_work():
            session().execute(update(Request).values(ward_id=world.wards["KCH-AMU"]))
        carry_on(job_id, 0, world.porter)
        send(printer_id)

        assert old not in fake.numbers()
        assert len(fake.out) == 2
        assert fake.copies() == [False, False]
        assert find_by_number(old, world.porter).void is not None
        with pytest.raises(RuleBroken, match="no longer counts"), unit_of_work():
            specimens.receive(old, world.laboratories["KCH-LAB"], actor=world.scientist)


def test_labels_of_the_browser_are_opened_once_and_then_looked_at(world):
    printer_id = set_up(world)
    job_id = a_job(world, printer_id, 5)
    send(printer_id)  # nothing is sent by itself
    waiting = shown(job_id)
    with unit_of_work():
        pdf = services.hand_out(job_id, waiting.version, actor=world.porter)
    sent = shown(job_id)
    with pytest.raises(RuleBroken, match="opened already"), unit_of_work():
        services.hand_out(job_id, sent.version, actor=world.porter)
    carry_on(job_id, 3, world.porter, version=sent.version)
    with unit_of_work():
        rest = services.hand_out(job_id, shown(job_id).version, actor=world.porter)

    assert waiting.to_open
    assert pages(pdf) == 5
    assert sent.to_look_at
    assert pages(rest) == 2
    assert "COPY" in joined(rest)
    assert "COPY" not in joined(pdf)
    carry_on(job_id, 5, world.porter)
    assert states(job_id) == ["printed"] * 5


@pytest.mark.hazard("T6")
def test_a_job_of_another_site_does_not_exist(world):
    with a_printer() as fake:
        printer_id, job_id = stopped_job(world, fake)
        version = shown(job_id).version

        for act in (
            lambda: carry_on(job_id, 1, world.other_doctor, version=version),
            lambda: _with_unit(services.give_up, job_id, version, world.other_doctor),
            lambda: _with_unit(services.hand_out, job_id, version, world.other_doctor),
            lambda: _print_test(printer_id, world.other_doctor),
            lambda: printer(printer_id, world.other_doctor),
        ):
            with pytest.raises(NotFound):
                act()
        scanned = tubes_of(session().scalars(select(Specimen.request_id)).first())[0].number
        assert job_of_label(scanned, world.other_doctor) is None
        assert job_of_label(scanned, world.porter) is not None


def _with_unit(act, job_id, version, actor):
    with unit_of_work():
        return act(job_id, version, actor=actor)


def _print_test(printer_id, actor):
    with unit_of_work():
        return services.print_test_label(printer_id, actor=actor)
