"""Printers and jobs as tables: addresses, answers of printers, moves, the last good label, numbers of places."""

import ipaddress
import itertools
import uuid

import pytest

from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.incidents.rules import check_digit, read_number
from lab_contingency.specimens.station.rules.copies import more_reason
from lab_contingency.specimens.station.rules.jobs import (
    JOB_ENDED,
    JOB_MOVES,
    LABEL_MOVES,
    SETTLED,
    JobAction,
    JobStatus,
    LabelAction,
    LabelStatus,
    next_job,
    next_label,
    place_number,
    question,
    read_place_number,
    settle,
)
from lab_contingency.specimens.station.rules.printers import (
    STATES,
    Allowed,
    PrinterState,
    may_be_printer,
    read_directory,
    read_host_status,
    read_spooler,
    refuse_host,
    refuse_queue,
)

L = LabelStatus
GOOD = (
    b"\x02030,0,0,0203,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02001,0,0,0,1,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
)


@pytest.mark.parametrize(
    "text",
    ["10.1.2.3", "172.16.0.9", "172.31.255.1", "192.168.1.50", "127.0.0.1", "::1", "fd00::9",
     "::ffff:10.1.2.3"],
)  # fmt: skip
def test_a_printer_stands_at_a_private_address_and_a_raw_port(text):
    address = ipaddress.ip_address(text)

    assert may_be_printer(address, 9100)
    assert may_be_printer(address, 9103)
    assert not any(may_be_printer(address, port) for port in (22, 80, 443, 631, 5432, 6379, 9200))


@pytest.mark.parametrize(
    "text",
    ["8.8.8.8", "169.254.169.254", "0.0.0.0",  # noqa: S104 - refused
     "255.255.255.255", "224.0.0.1", "100.64.0.1",
     "172.32.0.1", "192.0.2.1", "2001:db8::1", "fe80::1", "::", "::ffff:8.8.8.8", "::ffff:169.254.169.254",
     "64:ff9b::a01:203"],
)  # fmt: skip
def test_no_printer_stands_anywhere_else(text):
    assert not may_be_printer(ipaddress.ip_address(text), 9100)


def test_an_address_beyond_is_allowed_by_name_with_its_ports_and_no_others():
    allowed = (Allowed.read("203.0.113.0/28:9100-9101"), Allowed.read("[2001:db8::7]:6101"))

    assert may_be_printer(ipaddress.ip_address("203.0.113.7"), 9101, allowed)
    assert may_be_printer(ipaddress.ip_address("2001:db8::7"), 6101, allowed)
    assert not may_be_printer(ipaddress.ip_address("203.0.113.7"), 9102, allowed)
    assert not may_be_printer(ipaddress.ip_address("203.0.113.17"), 9100, allowed)
    assert not may_be_printer(ipaddress.ip_address("2001:db8::7"), 9100, allowed)
    assert Allowed.read("203.0.113.7").ports == range(9100, 9110)
    with pytest.raises(ValueError, match="no network of printers"):
        Allowed.read("anywhere;")


@pytest.mark.parametrize(
    "host", ["", " ", "a b", "http://10.0.0.1", "10.0.0.1/x", "-p", "a\nb", "x" * 300, "a;b", "@"]
)
def test_what_is_no_host_is_refused(host):
    with pytest.raises(RuleBroken):
        refuse_host(host)
    refuse_host("zebra-ed1.kch.local")


@pytest.mark.parametrize(
    "queue", ["", "-h", "a b", "$(id)", "a;b", "../x", "a\nb", "é", "x" * 61, "a/b", "-oraw"]
)
def test_what_the_print_command_could_take_for_something_else_is_refused(queue):
    with pytest.raises(RuleBroken):
        refuse_queue(queue)
    refuse_queue("Ward_4-b.left")


def test_the_answer_of_a_label_printer_is_read():
    status = read_host_status(GOOD)

    assert status is not None
    assert (status.state, status.holding) == (PrinterState.READY, 0)


@pytest.mark.parametrize(
    ("said", "instead", "state", "holding"),
    [
        (b"030,0,0,0203,000", b"030,1,0,0203,002", PrinterState.PAPER_OUT, 2),
        (b"030,0,0,0203,000", b"030,0,1,0203,000", PrinterState.PAUSED, 0),
        (b"001,0,0,0,1", b"001,0,1,0,1", PrinterState.HEAD_OPEN, 0),
        (b"001,0,0,0,1", b"001,0,0,1,1", PrinterState.RIBBON_OUT, 0),
        (b"000,0,0,0\x03", b"000,0,0,1\x03", PrinterState.TOO_HOT, 0),
        (b"00000000,1", b"00000003,1", PrinterState.READY, 3),
        (b"030,0,0,0203,000", b"030,1,1,0203,001", PrinterState.PAPER_OUT, 1),
    ],
)
def test_what_is_wrong_with_it_is_read(said, instead, state, holding):
    status = read_host_status(GOOD.replace(said, instead, 1))

    assert status is not None
    assert (status.state, status.holding) == (state, holding)


def test_half_an_answer_and_nonsense_are_none():
    for at in range(len(GOOD) - 3):
        assert read_host_status(GOOD[:at]) is None
    for nonsense in (
        b"",
        b"\x02\x03" * 3,
        b"\x02a,b\x03" * 9,
        GOOD.replace(b"000,0,0,0", b"x,y,0,0", 1),
    ):
        assert read_host_status(nonsense) is None


DIRECTORY = b"\x02\r\n- DIR E:*.TTF\r\n*E:LCREG1.TTF    680264\r\n E:LCBOLD1.TTF  665028 \r\n-9 bytes free E:\r\n\x03"


def test_the_fonts_in_a_printer_are_read_when_its_answer_has_ended():
    assert read_directory(DIRECTORY) == {"LCREG1.TTF": 680264, "LCBOLD1.TTF": 665028}
    assert all(read_directory(DIRECTORY[:at]) is None for at in range(len(DIRECTORY)))


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("printer ward is idle.  enabled since Thu 26 Nov", PrinterState.READY),
        ("printer ward now printing ward-12.  enabled since Thu", PrinterState.READY),
        ("printer ward disabled since Thu -\n\tPaused", PrinterState.SWITCHED_OFF),
        ("printer ward is idle.  enabled since Thu\n\tmedia-empty-error", PrinterState.PAPER_OUT),
        ("printer ward now printing ward-1.\n\tcover-open", PrinterState.HEAD_OPEN),
        ("", PrinterState.NOT_REACHABLE),
    ],
)
def test_what_the_spooler_says_is_read(said, state):
    assert read_spooler(said) is state


def test_every_state_has_words_and_what_stops_says_what_to_do():
    assert set(STATES) == set(PrinterState)
    assert all(facts.words for facts in STATES.values())
    assert all(facts.can_take or facts.advice for facts in STATES.values())


def test_every_move_stands_in_the_table_and_nothing_leads_out_of_the_end():
    assert set(JOB_MOVES) == set(JobAction)
    assert set(LABEL_MOVES) == set(LabelAction)
    for status, action in itertools.product(JobStatus, JobAction):
        if status in JOB_MOVES[action].sources:
            assert next_job(status, action) is JOB_MOVES[action].target
            assert status not in JOB_ENDED
        else:
            with pytest.raises(RuleBroken):
                next_job(status, action)
    for status, action in itertools.product(LabelStatus, LabelAction):
        if status in LABEL_MOVES[action].sources:
            assert next_label(status, action) is LABEL_MOVES[action].target
        else:
            with pytest.raises(RuleBroken):
                next_label(status, action)
    assert {L.PRINTED, L.GIVEN_UP} == SETTLED


@pytest.mark.hazard("H23")
def test_the_last_good_label_settles_every_other():
    """Every combination of four labels and every last good one: good, to come out again, or untouched."""
    for statuses in itertools.product(LabelStatus, repeat=4):
        labels = dict(enumerate(statuses, 1))
        for last in range(5):
            found = settle(labels, last)
            for at, status in labels.items():
                good, again = at in found.good, at in found.again
                assert not (good and again)
                if at <= last:
                    assert good == (status not in SETTLED)
                    assert not again
                else:
                    assert again == (status in {L.SENT, L.PRINTED, L.DOUBTFUL})
                    assert not good


@pytest.mark.parametrize("last", [-1, 5, 99])
def test_a_label_that_is_none_of_these_is_no_answer(last):
    with pytest.raises(RuleBroken):
        settle(dict.fromkeys(range(1, 5), L.SENT), last)


@pytest.mark.parametrize(
    ("labels", "good", "doubtful"),
    [
        ([L.PRINTED, L.PRINTED, L.DOUBTFUL, L.WAITING], 2, 3),
        ([L.DOUBTFUL, L.WAITING], 0, 1),
        ([L.WAITING, L.WAITING], 0, None),
        ([L.PRINTED, L.WAITING], 1, None),
        ([L.SENT, L.SENT, L.DOUBTFUL], 2, 3),
        ([L.SENT, L.SENT, L.SENT], 3, None),
        ([L.GIVEN_UP, L.DOUBTFUL, L.WAITING], 0, 2),
    ],
)
def test_one_question_is_asked(labels, good, doubtful):
    asked = question(labels)

    assert (asked.good, asked.doubtful, asked.total) == (good, doubtful, len(labels))


def test_the_number_of_a_place_is_of_no_tube_and_misreading_it_is_noticed():
    place = uuid.UUID("01a2156d-fa50-7a78-a947-5f73c4a56323")
    number = place_number(place)

    assert len(number) == 12
    assert number.startswith("04")
    assert check_digit(number) == "0"
    assert read_place_number(f" {number[:6]} {number[6:]} ") == number
    with pytest.raises(ValueError, match="a place"):
        read_number(number)
    for at in range(2, 12):
        other = str((int(number[at]) + 3) % 10)
        assert read_place_number(number[:at] + other + number[at + 1 :]) is None
    assert read_place_number("411000001003") is None


def test_more_prints_need_one_of_the_reasons_and_are_few():
    assert more_reason("SMUDGES", 2)
    for code, more in (("", 1), ("BECAUSE", 1), ("SMUDGES", 0), ("SMUDGES", 6)):
        with pytest.raises(RuleBroken):
            more_reason(code, more)
