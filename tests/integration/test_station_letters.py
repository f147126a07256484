"""A printer that is sent our letters writes words in them, for as long as it says that it holds them."""

import pytest

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.printing.field_pen import font_sizes
from lab_contingency.specimens.station import services
from lab_contingency.specimens.station.queries.printers import printer
from lab_contingency.specimens.station.rules.printers import HeldLetters, PrinterWords
from lab_contingency.specimens.station.sender import send
from tests.factories.printers import a_job, set_up, states
from tests.factories.world import SYSTEM
from tests.printers import a_printer, senders_are_done

PICTURE, FIELD = b"^GFA", b"^A@N"


def in_letters(world, fake):
    return set_up(world, fake, words=PrinterWords.HELD_LETTERS)


def ask_for_letters(printer_id):
    with unit_of_work():
        services.send_letters(printer_id, actor=SYSTEM)
    send(printer_id)


def letters_of(printer_id):
    session().rollback()
    return printer(printer_id, SYSTEM).letters


@pytest.mark.feature(21)
def test_words_are_fields_once_the_printer_holds_our_letters_and_pictures_before(world):
    with a_printer() as fake:
        printer_id = in_letters(world, fake)
        before = a_job(world, printer_id, 2)
        send(printer_id)
        ask_for_letters(printer_id)
        after = a_job(world, printer_id, 2, seed=20)
        send(printer_id)

    assert states(before) == states(after) == ["printed"] * 2
    assert {name: len(file) for name, file in fake.files.items()} == font_sizes()
    assert letters_of(printer_id) is HeldLetters.HELD
    assert [FIELD in label for label in fake.out] == [False, False, True, True]
    assert len(set(fake.numbers())) == 4


def test_a_printer_without_room_for_them_goes_on_with_pictures(world):
    with a_printer(keeps=False) as fake:
        printer_id = in_letters(world, fake)
        ask_for_letters(printer_id)
        job = a_job(world, printer_id, 1)
        send(printer_id)

    assert letters_of(printer_id) is HeldLetters.NOT_THERE
    assert states(job) == ["printed"]
    assert PICTURE in fake.out[0]
    assert FIELD not in fake.out[0]


def test_a_printer_that_lost_them_is_noticed_before_its_next_label(world):
    with a_printer() as fake:
        printer_id = in_letters(world, fake)
        ask_for_letters(printer_id)
        del fake.files["LCBOLD1.TTF"]
        a_job(world, printer_id, 1)
        send(printer_id)

    assert letters_of(printer_id) is HeldLetters.NOT_THERE
    assert FIELD not in fake.out[0]


def test_a_printer_that_tells_nothing_is_never_trusted_to_hold_them(world):
    with a_printer(silent=True) as fake:
        printer_id = in_letters(world, fake)
        ask_for_letters(printer_id)
        a_job(world, printer_id, 1)
        send(printer_id)

    assert letters_of(printer_id) is HeldLetters.NOT_THERE
    assert FIELD not in fake.out[0]


def test_a_printer_set_to_pictures_gets_pictures_whatever_it_holds(world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        ask_for_letters(printer_id)
        a_job(world, printer_id, 1)
        send(printer_id)

    assert letters_of(printer_id) is HeldLetters.HELD
    assert FIELD not in fake.out[0]


def test_a_coordinator_sends_them_and_reads_that_they_arrived(client_for, world):
    coordinator = client_for("coordinator")
    with a_printer() as fake:
        printer_id = in_letters(world, fake)
        before = coordinator.get("station.printer", printer_id=printer_id)
        answer = coordinator.post("station.letters", printer_id=printer_id)
        senders_are_done()
        after = coordinator.get("station.printer", printer_id=printer_id)

    assert answer.status == 303
    assert "It was not sent our letters" in before.words
    assert "It holds our letters." in after.words
    assert PrinterWords.HELD_LETTERS is printer(printer_id, SYSTEM).words


def test_only_a_printer_on_the_network_takes_letters(client_for, world):
    printer_id = set_up(world)
    page = client_for("coordinator").get("station.printer", printer_id=printer_id)
    with pytest.raises(RuleBroken), unit_of_work():
        services.send_letters(printer_id, actor=SYSTEM)
    assert "Send our letters" not in page.words
