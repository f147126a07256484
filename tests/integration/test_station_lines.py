"""Printers that stall, hide or stand where none may: no page, no lock and no other address is touched."""

import contextlib
import os
import socket
import threading

import pytest
from sqlalchemy import select

from lab_contingency import create_app
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.settings import Settings
from lab_contingency.places.models import Ward
from lab_contingency.specimens.station import sender
from lab_contingency.specimens.station.lines import Target, command, network, open_line
from lab_contingency.specimens.station.queries.printers import printer
from lab_contingency.specimens.station.rules.jobs import JobStatus
from lab_contingency.specimens.station.rules.printers import PrinterState, PrinterWay
from lab_contingency.specimens.station.sender import send
from tests.factories.printers import a_job, set_up, shown, states
from tests.factories.world import SYSTEM, a_request, an_identity
from tests.printers import FakeSpooler, a_printer, senders_are_done

SOON = 20


def until(condition, event=None):
    """Wait for something that happens in another thread; the test fails where it never does."""
    pause = event or threading.Event()
    for _ in range(SOON * 50):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError("it never happened")


def test_a_printer_that_stalls_holds_no_lock_and_no_page(app, world, client_for):
    """While it holds a label back, somebody writes, and a porter’s page that prints there is answered."""
    with a_printer(stalls_at=1) as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 3)
        sending = threading.Thread(target=_send, args=(app, printer_id))
        sending.start()
        until(lambda: fake.held)

        with unit_of_work():  # a write that would wait for the sender's lock
            session().scalars(select(Ward)).first().telephone = "4455"
        a_request(world, tests=("FBC",), identity=an_identity(50))
        client = client_for("porter")
        chosen = client.post("station.print_here", printer_id=printer_id)
        page = client.get("station.print_station")
        printed = client.post("station.print_ward", ward_id=world.wards["KCH-ED-RESUS"])
        stalled = bool(fake.held)
        fake.go_on()
        sending.join(SOON)
        send(printer_id)

    assert stalled  # all of it was answered before the printer moved
    assert chosen.status == 303
    assert "coming out at" in page.words
    assert printed.data.startswith(b"%PDF-")
    assert states(job_id) == ["printed"] * 3
    assert len(fake.out) == 4


def _send(app, printer_id):
    with app.app_context():
        send(printer_id)


def test_a_printer_that_never_moves_is_given_up_after_a_while_and_its_label_is_doubtful(
    world, monkeypatch
):
    monkeypatch.setattr(network, "LABEL_SECONDS", 0.3)
    with a_printer(stalls_at=2) as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 3)

        send(printer_id)

        assert states(job_id) == ["printed", "doubtful", "waiting"]
        assert shown(job_id).why_words == "takes labels but prints none"


def test_a_printer_that_falls_silent_in_the_middle_stops_the_job(world, monkeypatch):
    monkeypatch.setattr(network, "ANSWER_SECONDS", 0.2)
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 2)
        line_put = network.NetworkLine.put

        def falls_silent(line, data):
            fake.mute = True
            return line_put(line, data)

        monkeypatch.setattr(network.NetworkLine, "put", falls_silent)
        send(printer_id)

        assert states(job_id) == ["doubtful", "waiting"]


def test_labels_are_sent_by_a_thread_that_a_page_starts(world, client_for):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        a_request(world, tests=("FBC", "UE"))
        client = client_for("porter")
        client.post("station.print_here", printer_id=printer_id)

        client.post("station.print_ward", ward_id=world.wards["KCH-ED-RESUS"])
        senders_are_done()
        session().rollback()

        assert len(fake.out) == 2
        assert "coming out" not in client.get("station.print_station").words
        assert printer(printer_id, SYSTEM).state is PrinterState.READY


def test_a_failing_sender_writes_no_name_into_the_log_and_stops_the_job(world, monkeypatch, caplog):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        job_id = a_job(world, printer_id, 2)

        def fails(*_):
            raise RuntimeError("Woźniak-O’Neill")

        monkeypatch.setattr(network.NetworkLine, "put", fails)
        from flask import current_app

        sender._run(current_app._get_current_object(), printer_id)

        assert "printer.failed RuntimeError" in caplog.text
        assert "Wo" not in caplog.text.replace("WARNING", "")
        assert shown(job_id).status is JobStatus.STOPPED
        assert states(job_id) == ["doubtful", "waiting"]


# Addresses


@contextlib.contextmanager
def a_service(host, port=0):
    """Something else that listens: it must never be spoken to."""
    server = socket.create_server((host, port))
    server.settimeout(0.3)
    try:
        yield server
    finally:
        server.close()


def was_spoken_to(server):
    try:
        line, _ = server.accept()
    except TimeoutError:
        return False
    line.close()
    return True


def test_a_port_of_another_service_is_not_connected_to(world):
    with a_service("127.0.0.1") as server:
        port = server.getsockname()[1]
        line = open_line(Target(PrinterWay.NETWORK, "127.0.0.1", port))

        assert line.ask().state is PrinterState.NOT_PERMITTED
        assert line.put(b"^XA^XZ").state is PrinterState.NOT_PERMITTED
        assert not was_spoken_to(server)


@pytest.mark.parametrize("host", ["169.254.169.254", "8.8.8.8", "::ffff:169.254.169.254"])
def test_an_address_that_is_not_private_is_not_connected_to(host, monkeypatch):
    def refuse(*_):
        raise AssertionError("connected")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    assert open_line(Target(PrinterWay.NETWORK, host, 9100)).ask().state is (
        PrinterState.NOT_PERMITTED
    )


def test_a_name_is_judged_by_the_address_it_leads_to_and_that_one_is_connected_to(monkeypatch):
    """A name server that answers a private address first and another one later leads nowhere else."""
    with a_printer() as fake:
        answers = iter([fake.host, "8.8.8.8"])

        def looked_up(host, port, **_):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

        monkeypatch.setattr(network.socket, "getaddrinfo", looked_up)
        line = open_line(Target(PrinterWay.NETWORK, "zebra.ward", fake.port))

        assert line.ask().state is PrinterState.READY
        line.close()
        assert line.ask().state is PrinterState.NOT_PERMITTED


def test_what_is_not_permitted_stops_the_job_and_says_so(world):
    printer_id = set_up(world, None, way=PrinterWay.NETWORK, host="203.0.113.9", port=9100)
    job_id = a_job(world, printer_id, 1)

    send(printer_id)

    assert shown(job_id).why_words == "has an address that is not permitted"
    assert states(job_id) == ["waiting"]


def test_what_the_server_was_started_with_opens_another_port_and_nonsense_stops_the_start(tmp_path):
    with a_service("127.0.0.1") as server:
        port = server.getsockname()[1]
        app = create_app(Settings(tmp_path, demonstration=True, printers=(f"127.0.0.1:{port}",)))
        (opened,) = app.extensions["lab_printers"]
        line = open_line(Target(PrinterWay.NETWORK, "127.0.0.1", port), (opened,))
        line.ask()
        line.close()

        assert was_spoken_to(server)
    assert Settings.from_environment({"LAB_PRINTERS": "10.9.0.0/16 [::1]:9"}).printers == (
        "10.9.0.0/16",
        "[::1]:9",
    )
    with pytest.raises(StartRefused, match="LAB_PRINTERS"):
        create_app(Settings(tmp_path, demonstration=True, printers=("everywhere;",)))


# The print command


@pytest.fixture
def spooler(tmp_path, monkeypatch):
    fake = FakeSpooler(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return fake


def test_the_print_command_gets_one_label_at_a_time_and_a_person_looks(world, spooler):
    printer_id = set_up(world, None, way=PrinterWay.COMMAND, queue="ward")
    job_id = a_job(world, printer_id, 3)

    send(printer_id)

    assert states(job_id) == ["sent"] * 3
    assert shown(job_id).to_look_at
    assert [job.startswith(b"%PDF-") for job in spooler.jobs()] == [True] * 3
    assert spooler.words() == "-d ward -t labels\n" * 3  # no name among the words


def test_a_print_command_that_fails_leaves_its_label_doubtful(world, spooler):
    printer_id = set_up(world, None, way=PrinterWay.COMMAND, queue="ward")
    job_id = a_job(world, printer_id, 2)
    spooler.fails()

    send(printer_id)

    assert states(job_id) == ["doubtful", "waiting"]


def test_a_print_command_that_hangs_is_ended(world, spooler, monkeypatch):
    monkeypatch.setattr(command, "COMMAND_SECONDS", 0.5)
    printer_id = set_up(world, None, way=PrinterWay.COMMAND, queue="ward")
    job_id = a_job(world, printer_id, 2)
    spooler.fails("hangs")

    send(printer_id)

    assert states(job_id) == ["doubtful", "waiting"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("printer ward disabled since Thu -\n\tPaused", "stopped on the server"),
        (None, "does not answer"),
    ],
)
def test_a_printer_that_the_server_stopped_is_sent_nothing(world, spooler, said, words):
    spooler.says(said)
    printer_id = set_up(world, None, way=PrinterWay.COMMAND, queue="ward")
    job_id = a_job(world, printer_id, 2)

    send(printer_id)

    assert states(job_id) == ["waiting", "waiting"]
    assert shown(job_id).why_words == words
    assert spooler.jobs() == []


def test_without_a_print_command_the_printer_is_not_reachable(world, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert command.CommandLine("ward").ask().state is PrinterState.NOT_REACHABLE
