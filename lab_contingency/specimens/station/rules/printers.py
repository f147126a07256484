"""How a printer is reached, what it says of itself, and which addresses it may have."""

from __future__ import annotations

import enum
import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab_contingency.foundation.errors import RuleBroken

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_PRINTS_EVER = 20
LABELS_ON_A_ROLL_MOST = 10_000
FEW_LABELS = 50


class PrinterWay(enum.StrEnum):
    """How the labels reach the printer."""

    BROWSER = "browser"
    NETWORK = "network"
    COMMAND = "command"


class PrinterWords(enum.StrEnum):
    """How a label printer on the network comes by the words of a label."""

    PICTURE = "picture"
    HELD_LETTERS = "held letters"


class HeldLetters(enum.StrEnum):
    """Whether the printer holds our letters: what was asked for, and what it said last."""

    NOT_SENT = "not sent"
    TO_BE_SENT = "to be sent"
    HELD = "held"
    NOT_THERE = "not there"


class PrinterState(enum.StrEnum):
    """What the printer said of itself when it was asked last."""

    NOT_ASKED = "not asked"
    READY = "ready"
    SILENT = "silent"
    PAPER_OUT = "paper out"
    RIBBON_OUT = "ribbon out"
    HEAD_OPEN = "head open"
    PAUSED = "paused"
    TOO_HOT = "too hot"
    NOT_MOVING = "not moving"
    SWITCHED_OFF = "switched off"
    NOT_REACHABLE = "not reachable"
    NOT_PERMITTED = "not permitted"


@dataclass(frozen=True, slots=True)
class StateFacts:
    """A state in words for people, whether labels may be sent in it, and what to do if not."""

    words: str
    can_take: bool
    advice: str


_S = PrinterState
STATES: Mapping[PrinterState, StateFacts] = {
    _S.NOT_ASKED: StateFacts("not asked yet", can_take=True, advice=""),
    _S.READY: StateFacts("ready", can_take=True, advice=""),
    _S.SILENT: StateFacts("takes labels, tells nothing", can_take=True, advice=""),
    _S.PAPER_OUT: StateFacts(
        "out of labels", can_take=False, advice="Put a new roll in and close the printer."
    ),
    _S.RIBBON_OUT: StateFacts(
        "out of ribbon", can_take=False, advice="Put a new ribbon in and close the printer."
    ),
    _S.HEAD_OPEN: StateFacts("open", can_take=False, advice="Clear the jam. Close the printer."),
    _S.PAUSED: StateFacts(
        "paused", can_take=False, advice="Press the pause button on the printer."
    ),
    _S.TOO_HOT: StateFacts("too hot or too cold", can_take=False, advice="Wait some minutes."),
    _S.NOT_MOVING: StateFacts(
        "takes labels but prints none", can_take=False, advice="Clear the jam."
    ),
    _S.SWITCHED_OFF: StateFacts(
        "stopped on the server", can_take=False, advice="Ring the print desk, or use another."
    ),
    _S.NOT_REACHABLE: StateFacts(
        "does not answer", can_take=False, advice="Switch it on. Look at its cable."
    ),
    _S.NOT_PERMITTED: StateFacts(
        "has an address that is not permitted",
        can_take=False,
        advice="Tell the coordinator: its address must be put right.",
    ),
}

WAYS: Mapping[PrinterWay, str] = {
    PrinterWay.NETWORK: "Label printer on the network (ZPL, raw port)",
    PrinterWay.COMMAND: "Print command of the server (lp)",
    PrinterWay.BROWSER: "Opens as a PDF, a person prints it",
}
WORDS: Mapping[PrinterWords, str] = {
    PrinterWords.PICTURE: "As a picture: nothing to set up",
    PrinterWords.HELD_LETTERS: "In our letters, which the printer holds: a fifth of the data",
}
LETTERS: Mapping[HeldLetters, str] = {
    HeldLetters.NOT_SENT: "It was not sent our letters: words come out as a picture.",
    HeldLetters.TO_BE_SENT: "Our letters are on their way. Look again in a minute.",
    HeldLetters.HELD: "It holds our letters.",
    HeldLetters.NOT_THERE: "It does not hold our letters: words come out as a picture. "
    "Send them, or leave it at pictures if it has no room for them.",
}
DOTS_PER_INCH = (203, 300)

RAW_PORTS = range(9100, 9110)
"""Ports of raw printing. Any other must be allowed by name: nothing else listens for labels."""
_PRIVATE = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.0/8 ::1/128 fc00::/7"
_NEAR = tuple(ipaddress.ip_network(text) for text in _PRIVATE.split())
_QUEUE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Allowed:
    """Addresses that the administrator of the server opened beyond the private ones."""

    network: ipaddress.IPv4Network | ipaddress.IPv6Network
    ports: range

    @classmethod
    def read(cls, text: str) -> Allowed:
        """`203.0.113.7`, `203.0.113.0/28:9100` or `[2001:db8::7]:9100-9103`; ValueError."""
        match = re.fullmatch(
            r"\[?([0-9A-Fa-f.:/]+?)\]?(?::(\d{1,5})(?:-(\d{1,5}))?)?", text.strip()
        )
        if match is None:
            raise ValueError(f"{text} is no network of printers.")
        network, first, last = match.groups()
        ports = range(int(first), int(last or first) + 1) if first else RAW_PORTS
        return cls(ipaddress.ip_network(network), ports)


def may_be_printer(address: IPAddress, port: int, allowed: Iterable[Allowed] = ()) -> bool:
    """Whether a printer may stand there: a private address and a raw port, or what was allowed by name.

    Link-local addresses are none of these: cloud servers answer there with their own secrets.
    """
    plain = getattr(address, "ipv4_mapped", None) or address
    if port in RAW_PORTS and any(plain in near for near in _NEAR):
        return True
    return any(plain in each.network and port in each.ports for each in allowed)


def refuse_host(host: str) -> None:
    """Refuse what is neither a name nor an address."""
    if not _HOST.fullmatch(host):
        raise RuleBroken(
            "Type the printer’s name or address, for example 10.20.3.14.", field="host"
        )


def refuse_queue(queue: str) -> None:
    """Refuse a name that the print command could take for something else."""
    if not _QUEUE.fullmatch(queue):
        raise RuleBroken(
            "Type the printer’s name on the server: letters, digits, point, hyphen.", field="queue"
        )


_HOST_STATUS = re.compile(rb"\x02([^\x02\x03]*)\x03")
_LINES, _FIRST, _SECOND = 3, 12, 11


@dataclass(frozen=True, slots=True)
class HostStatus:
    """A label printer's answer to `~HS`: its state, and how many labels it still holds back."""

    state: PrinterState
    holding: int


def read_host_status(answer: bytes) -> HostStatus | None:
    """Read the three lines between STX and ETX; None while they have not all come or make no sense.

    First line: 2 paper out, 3 paused, 5 formats in the buffer, 11 and 12 too cold, too hot. Second line:
    3 head up, 4 ribbon out, 9 labels that remain of the batch.
    """
    lines = [found.split(b",") for found in _HOST_STATUS.findall(answer)]
    if len(lines) < _LINES or len(lines[0]) < _FIRST or len(lines[1]) < _SECOND:
        return None
    first, second = lines[0], lines[1]
    try:
        holding = int(first[4]) + int(second[8])
    except ValueError:
        return None
    return HostStatus(_state(first, second), holding)


def _state(first: list[bytes], second: list[bytes]) -> PrinterState:
    """The first thing that somebody must put right; a printer that is open is always paused as well."""
    flags = (
        (second[2], _S.HEAD_OPEN),
        (first[1], _S.PAPER_OUT),
        (second[3], _S.RIBBON_OUT),
        (first[10], _S.TOO_HOT),
        (first[11], _S.TOO_HOT),
        (first[2], _S.PAUSED),
    )
    return next((state for flag, state in flags if flag.strip() == b"1"), _S.READY)


_FILE = re.compile(rb"([A-Z0-9_]{1,16}\.[A-Z0-9]{3})\s+(\d{1,9})\b")
_END = b"\x03"


def read_directory(answer: bytes) -> dict[str, int] | None:
    """Read a label printer's answer to `^HW`: names and sizes of its files; None while it has not ended."""
    if _END not in answer:
        return None
    return {name.decode(): int(size) for name, size in _FILE.findall(answer.upper())}


_SPOOLER = (
    (re.compile(r"media-empty|out of paper|paper.?out|media.?empty", re.IGNORECASE), _S.PAPER_OUT),
    (re.compile(r"cover-open|door-open|head.?open", re.IGNORECASE), _S.HEAD_OPEN),
    (re.compile(r"\bdisabled\b|\bpaused\b", re.IGNORECASE), _S.SWITCHED_OFF),
    (re.compile(r"\bidle\b|\bnow printing\b", re.IGNORECASE), _S.READY),
)


def read_spooler(said: str) -> PrinterState:
    """Read what `lpstat -p` says of one printer, in English."""
    return next((state for shape, state in _SPOOLER if shape.search(said)), _S.NOT_REACHABLE)
