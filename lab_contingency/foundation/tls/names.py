"""Under which names and addresses this computer is reached, found without asking anybody on the network."""

from __future__ import annotations

import ipaddress
import re
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST = 253
_LOOPBACK = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
_INET6 = Path("/proc/net/if_inet6")
_GET_ADDRESS = 0x8915  # SIOCGIFADDR
_ELSEWHERE = (
    "198.51.100.1",
    9,
)  # kept for documents: nothing is sent by connecting a datagram socket


@dataclass(frozen=True, slots=True)
class Names:
    """Host names in small letters, and addresses; both sorted."""

    hosts: tuple[str, ...]
    addresses: tuple[Address, ...]

    @classmethod
    def of(cls, hosts: Iterable[str], addresses: Iterable[Address]) -> Names:
        """Each once, in order."""
        ordered = sorted(set(addresses), key=lambda one: (one.version, int(one)))
        return cls(tuple(sorted(set(hosts))), tuple(ordered))

    def texts(self) -> frozenset[str]:
        """All of them as they stand in an address bar, without brackets."""
        return frozenset((*self.hosts, *(str(address) for address in self.addresses)))


def read_name(text: str) -> str | Address | None:
    """A host name in small letters or an address; None when it is neither."""
    typed = text.strip().lower().removesuffix(".")
    address = address_of(typed)
    if address is not None:
        return address
    return typed if _NAME.fullmatch(typed) and len(typed) <= _LONGEST else None


def address_of(text: str) -> Address | None:
    """The address that a text says, brackets allowed; None when it says none."""
    with suppress(ValueError):
        return ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    return None


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach a server that listens there."""
    address = address_of(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def own_names(host: str = "", more: Iterable[str] = ()) -> Names:
    """The names of this computer, its addresses, the one it listens on, and what the administrator adds."""
    found = [read_name(text) for text in (*_host_names(), *more)]
    hosts = {name for name in found if isinstance(name, str)}
    addresses = {name for name in found if name is not None and not isinstance(name, str)}
    listening = read_name(host)
    if isinstance(listening, str):
        hosts.add(listening)
    elif listening is not None:
        addresses.add(listening)
    addresses.update((*_LOOPBACK, *_addresses()))
    useful = (one for one in addresses if not one.is_unspecified and not one.is_link_local)
    return Names.of(hosts, useful)


def _host_names() -> Iterator[str]:
    yield "localhost"
    full = socket.gethostname().lower()
    first = full.split(".", maxsplit=1)[0]
    yield from (full, first, f"{first}.local")


def _addresses() -> Iterator[Address]:
    """Link-local ones too. Linux is asked interface by interface; elsewhere the system knows its own name."""
    if _INET6.parent.is_dir():
        yield from _of_interfaces()
        yield from _of_interfaces6()
        return
    with suppress(OSError):
        for *_, place in socket.getaddrinfo(socket.gethostname(), None):
            address = address_of(str(place[0]).split("%", maxsplit=1)[0])
            if address is not None:
                yield address
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_ELSEWHERE)
        yield ipaddress.ip_address(probe.getsockname()[0])


def _of_interfaces() -> Iterator[Address]:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # an interface without an address
                asked = struct.pack("256s", name.encode()[:15])
                answer = fcntl.ioctl(asking.fileno(), _GET_ADDRESS, asked)
                yield ipaddress.ip_address(answer[20:24])


def _of_interfaces6() -> Iterator[Address]:
    with suppress(OSError):
        for line in _INET6.read_text().splitlines():
            yield ipaddress.ip_address(bytes.fromhex(line.split(maxsplit=1)[0]))
