"""Labels at a printer that prints, jams, runs out, dies, stalls and says nothing: each comes out once as good."""

import pytest
from sqlalchemy import func, select, update

from lab_contingency.audit.models import Leaving
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.specimens.models import LabelPrint
from lab_contingency.specimens.station import services
from lab_contingency.specimens.station.commands import CarryOn
from lab_contingency.specimens.station.lines import network
from lab_contingency.specimens.station.models import JobLabel
from lab_contingency.specimens.station.queries.jobs import job_of_label
from lab_contingency.specimens.station.queries.printers import printer
from lab_contingency.specimens.station.rules.jobs import JobStatus, place_number
from lab_contingency.specimens.station.rules.printers import PrinterState
from lab_contingency.specimens.station.sender import send
from tests.factories.printers import a_job, set_up, shown, states
from tests.factories.world import SYSTEM
from tests.printers import FakePrinter, a_printer

LABELS = 50


def numbers_of(job_id):
    """The numbers of a job's labels, in order, whatever print is the newest."""
    statement = (
        select(LabelPrint.number)
        .join(JobLabel, JobLabel.label_print_id == LabelPrint.id)
        .where(JobLabel.job_id == job_id)
        .order_by(JobLabel.position)
    )
    return list(session().scalars(statement))


def carry_on(job_id, last_good, actor, **changes):
    with unit_of_work():
        return services.carry_on(CarryOn(job_id, last_good, **changes), actor=actor)


@pytest.mark.feature(21)
def test_labels_come_out_in_order_and_are_known_to_be_printed(world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 7)

        send(printer_id)

        assert fake.numbers() == numbers_of(job_id)
        assert states(job_id) == ["printed"] * 7
        assert shown(job_id).status is JobStatus.DONE
        asked = printer(printer_id, SYSTEM)
        assert asked.state is PrinterState.READY
        assert asked.asked_at is not None


@pytest.mark.hazard("H23")
def test_a_printer_that_dies_at_every_one_of_fifty_labels_leaves_each_out_once_as_good(world):
    """For every k the line breaks at label k, which came out or not; the last label in hand is scanned."""
    with a_printer(dies_at=1) as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, LABELS)
        numbers = numbers_of(job_id)
        send(printer_id)
        for k in range(1, LABELS + 1):
            stopped, came_out = shown(job_id), k % 2 == 0
            assert stopped.status is JobStatus.STOPPED
            assert states(job_id) == ["printed"] * (k - 1) + ["doubtful"] + ["waiting"] * (
                LABELS - k
            )
            assert (stopped.question.good, stopped.question.doubtful) == (k - 1, k)
            fake.repair()
            if k < LABELS:  # the next one again: it is the first to come, or the second
                fake.set(dies_at=1 if came_out else 2, comes_out=not came_out)
            scan_last_good(job_id, fake.numbers(), world.porter)
            send(printer_id)

        assert fake.numbers() == numbers
        assert fake.copies() == [at % 2 == 1 for at in range(1, LABELS + 1)]
        assert states(job_id) == ["printed"] * LABELS
        assert shown(job_id).status is JobStatus.DONE


@pytest.mark.hazard("H23")
@pytest.mark.parametrize("k", [1, 2, 7, 12])
def test_after_one_stop_all_the_rest_comes_out_by_itself(world, k):
    with a_printer(dies_at=k) as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 12)
        send(printer_id)
        fake.repair()
        scan_last_good(job_id, fake.numbers(), world.porter)
        send(printer_id)

        assert fake.numbers() == numbers_of(job_id)
        assert fake.copies() == [at == k for at in range(1, 13)]


def scan_last_good(job_id, in_hand, actor):
    """Scan the last good label; where none came out, press the button that says so."""
    if not in_hand:
        return carry_on(job_id, 0, actor)
    job, position = job_of_label(in_hand[-1], actor)
    assert job == job_id
    return carry_on(job_id, position, actor)


@pytest.mark.hazard("H23")
def test_paper_that_runs_out_holds_the_label_back_and_a_new_roll_goes_on_with_a_copy(world):
    with a_printer(runs_out_at=3) as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 5)
        numbers = numbers_of(job_id)

        send(printer_id)
        stopped = shown(job_id)
        fake.paper_out = False
        fake.seen = 10
        held = len(fake.held)
        carry_on(job_id, 2, world.porter, version=stopped.version)
        send(printer_id)

        assert stopped.why == "paper out"
        assert "new roll" in stopped.advice
        assert held == 1
        assert fake.held == []  # forgotten, or label 3 would come out twice
        assert fake.numbers() == numbers
        assert fake.copies() == [False, False, True, False, False]


def test_an_open_printer_is_sent_nothing_and_the_next_job_says_why(world):
    with a_printer(head_open=True) as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 3)

        send(printer_id)

        assert fake.told == []
        assert states(job_id) == ["waiting"] * 3
        assert shown(job_id).stopped
        assert printer(printer_id, SYSTEM).state is PrinterState.HEAD_OPEN
        assert shown(job_id).question.good == 0


def test_a_printer_that_is_not_there_stops_the_job_before_its_first_label(world):
    fake = FakePrinter()
    fake.switch_off()
    printer_id = set_up(world, fake)
    job_id = a_job(world, printer_id, 2)

    send(printer_id)

    assert states(job_id) == ["waiting", "waiting"]
    assert shown(job_id).why_words == "does not answer"


def test_a_printer_that_tells_nothing_is_looked_at_by_a_person(world, monkeypatch):
    monkeypatch.setattr(network, "ANSWER_SECONDS", 0.2)
    with a_printer(silent=True) as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 4)

        send(printer_id)
        sent = shown(job_id)
        carry_on(job_id, 4, world.porter, version=sent.version)

        assert sent.to_look_at
        assert [tile.status.value for tile in sent.tiles] == ["sent"] * 4
        assert len(fake.out) == 4
        assert shown(job_id).status is JobStatus.DONE


def test_the_eye_outdoes_the_printer(world):
    """It said that all came out; the person holds three."""
    with a_printer(head_open=False) as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 5)
        fake.set(dies_at=5)
        send(printer_id)
        fake.repair()

        carry_on(job_id, 2, world.porter)
        send(printer_id)

        assert fake.numbers()[4:] == numbers_of(job_id)[2:]
        assert fake.copies()[4:] == [True, True, True]


def test_a_job_behind_a_stopped_one_waits_and_then_comes_out(world):
    with a_printer(dies_at=2) as fake:
        printer_id = set_up(world, fake)
        first = a_job(world, printer_id, 3)
        second = a_job(world, printer_id, 2, seed=20)

        send(printer_id)
        fake.repair()
        send(printer_id)
        behind = shown(second).status
        carry_on(first, 1, world.porter)
        send(printer_id)

        assert behind is JobStatus.QUEUED
        assert fake.numbers() == [*numbers_of(first), *numbers_of(second)]
        assert shown(second).status is JobStatus.DONE


def test_a_test_label_comes_out_and_belongs_to_nobody(world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        before = session().scalars(select(func.count(Leaving.id))).one()
        with unit_of_work():
            job_id = services.print_test_label(printer_id, actor=world.administrator)

        send(printer_id)

        assert fake.numbers() == [place_number(printer_id)]
        assert shown(job_id).status is JobStatus.DONE
        assert session().scalars(select(func.count(Leaving.id))).one() == before


@pytest.mark.feature(20)
def test_every_label_was_registered_before_the_printer_heard_of_it(world):
    """The record is at the time of making: also of what never came out."""
    with a_printer(dies_at=1) as fake:
        printer_id = set_up(world, fake)
        before = session().scalars(select(func.count(Leaving.id))).one()
        job_id = a_job(world, printer_id, 5)
        made = session().scalars(select(func.count(Leaving.id))).one()
        heard = len(fake.told)
        send(printer_id)
        carry_on(job_id, 0, world.porter)
        again = session().scalars(select(func.count(Leaving.id))).one()

    assert heard == 0
    assert (made - before, again - made) == (1, 1)
    reasons = select(LabelPrint.reason).where(LabelPrint.copy == 2)
    assert session().scalars(reasons).all() == ["JAM"]


def test_what_is_sent_is_what_was_frozen(world):
    """A priority raised while the labels wait changes none of them."""
    from lab_contingency.requests.models import Request
    from lab_contingency.requests.rules.bands import Band

    with a_printer() as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 3)
        frozen = [row.content_digest for row in session().scalars(select(LabelPrint))]
        with unit_of_work():
            session().execute(update(Request).values(band=Band.P4))

        send(printer_id)

        assert len(set(fake.numbers())) == 3
        assert [row.content_digest for row in session().scalars(select(LabelPrint))] == frozen
        assert states(job_id) == ["printed"] * 3
