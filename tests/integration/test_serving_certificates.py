"""Authority and certificate over ten years: made once, renewed in time, and what happens when they cannot be."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import logging
import os
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.tls import server
from lab_contingency.foundation.tls.authority import make_authority
from lab_contingency.foundation.tls.keeper import Keeper
from lab_contingency.foundation.tls.names import Names, own_names, read_name

TODAY = dt.datetime(2026, 11, 25, 3, 0, tzinfo=dt.UTC)
HOME = Names.of(["localhost", "ward"], [ipaddress.ip_address("127.0.0.1")])
MOVED = Names.of(HOME.hosts, [*HOME.addresses, ipaddress.ip_address("10.20.30.40")])


class Ring:
    """A key ring that can be sealed, and whose wrapping key can be changed."""

    def __init__(self) -> None:
        self.keys = {1: os.urandom(32)}
        self.is_open = True

    def current(self):
        return (max(self.keys), self.keys[max(self.keys)]) if self.is_open else None

    def version(self, number):
        return self.keys[number] if self.is_open else None


class Site:
    """A data folder with the names its computer has at the moment."""

    def __init__(self, data) -> None:
        self.folder = data / "tls"
        self.data = data
        self.ring = Ring()
        self.names = HOME

    def start(self, moment: dt.datetime = TODAY) -> Keeper:
        with clock.at(moment):
            return Keeper(self.data, self.ring, lambda: self.names)

    def look(self, keeper: Keeper, moment: dt.datetime = TODAY) -> None:
        with clock.at(moment):
            keeper.look()

    @property
    def files(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.folder.iterdir()}


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


def _after(days: int) -> dt.datetime:
    return TODAY + dt.timedelta(days=days)


def test_the_first_start_makes_an_authority_for_ten_years_and_a_certificate_for_less_than_398_days(
    site,
):
    keeper = site.start()

    authority = x509.load_pem_x509_certificate(site.files["authority.crt"])
    assert (authority.not_valid_after_utc - TODAY).days == 3650
    assert isinstance(authority.public_key(), ec.EllipticCurvePublicKey)
    assert authority.public_key().curve.name == "secp256r1"
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, 0)
    life = keeper.held.ends_at - keeper.held.certificate.not_valid_before_utc
    assert life < dt.timedelta(days=398)
    assert keeper.held.names() == HOME
    assert keeper.notices == ()


def test_a_second_start_changes_nothing(site):
    site.start()
    before = site.files

    site.start(_after(300))

    assert site.files == before


def test_the_certificate_is_renewed_when_thirty_days_are_left_by_the_same_authority(site):
    keeper = site.start()
    before, context = site.files, keeper.context

    site.look(keeper, _after(366))
    assert site.files["server.pem"] == before["server.pem"]
    site.look(keeper, _after(368))

    assert site.files["authority.crt"] == before["authority.crt"]
    assert site.files["server.pem"] != before["server.pem"]
    assert keeper.held.ends_at > _after(700)
    assert keeper.context is not context


def test_one_that_has_ended_is_replaced_at_the_start(site):
    site.start()

    assert site.start(_after(500)).held.ends_at > _after(800)


def test_new_addresses_bring_a_new_certificate(site):
    keeper = site.start()
    site.names = MOVED

    site.look(keeper)

    assert keeper.held.names() == MOVED
    assert keeper.notices == ()


def test_while_the_keys_are_sealed_the_old_certificate_goes_on_and_the_administrator_is_told(
    site, caplog
):
    keeper = site.start()
    before = site.files
    site.ring.is_open = False

    with caplog.at_level(logging.WARNING, "lab_contingency.tls"):
        site.look(keeper, _after(380))

    assert site.files == before
    assert "ends on 27-Dec-2027" in keeper.notices[0]
    assert "Open the keys" in keeper.notices[0]
    assert keeper.notices[0] in caplog.text

    site.ring.is_open = True
    site.look(keeper, _after(380))
    assert keeper.notices == ()
    assert keeper.held.ends_at > _after(700)


def test_a_sealed_start_serves_with_what_there_is_even_after_its_end(site):
    site.start()
    site.ring.is_open = False

    keeper = site.start(_after(400))

    assert "ended on 27-Dec-2027" in keeper.notices[0]
    assert keeper.context


def test_an_authority_made_while_the_keys_are_sealed_is_put_away_when_they_are_opened(site):
    site.ring.is_open = False
    keeper = site.start()
    assert set(site.files) == {"authority.crt", "server.pem"}

    site.ring.is_open = True
    site.look(keeper)

    assert set(site.files) == {"authority.crt", "authority.key", "server.pem"}
    assert site.start(_after(380)).notices == ()


def test_the_authoritys_key_is_sealed_and_opens_with_no_other_key(site):
    keeper = site.start()
    sealed = site.files["authority.key"]
    assert b"PRIVATE" not in sealed
    assert set(json.loads(sealed)) == {"key", "sealed"}

    site.ring.keys = {1: os.urandom(32)}
    site.look(keeper, _after(380))

    assert "cannot be opened" in keeper.notices[0]
    assert "new authority" in keeper.notices[0]


def test_a_key_of_another_authority_is_refused(site, tmp_path_factory):
    other = Site(tmp_path_factory.mktemp("other"))
    other.ring = site.ring
    other.start()
    keeper = site.start()
    (site.folder / "authority.key").write_bytes(other.files["authority.key"])

    site.look(keeper, _after(380))

    assert "cannot be opened" in keeper.notices[0]


def test_a_changed_wrapping_key_seals_it_anew(site):
    keeper = site.start()
    site.ring.keys[2] = os.urandom(32)
    site.names = MOVED
    site.look(keeper)

    del site.ring.keys[1]
    site.look(keeper, _after(380))

    assert keeper.notices == ()
    assert json.loads(site.files["authority.key"])["key"] == 2


@pytest.mark.parametrize("content", [b"", b"nonsense", b'{"key": 1, "sealed": "AA=="}'])
def test_a_broken_key_file_is_told_and_never_followed_by_a_new_authority(site, content):
    keeper = site.start()
    (site.folder / "authority.key").write_bytes(content)
    before = site.files

    site.look(keeper, _after(380))

    assert "cannot be opened" in keeper.notices[0]
    assert site.files == before


def test_without_certificate_and_key_the_start_is_refused_with_what_to_do(site):
    site.start()
    (site.folder / "authority.key").unlink()
    (site.folder / "server.pem").unlink()

    with pytest.raises(StartRefused, match="Move the folder “tls” out"):
        site.start()


def test_a_certificate_of_another_authority_is_replaced(site, tmp_path_factory):
    other = Site(tmp_path_factory.mktemp("other"))
    other.start()
    keeper = site.start()
    (site.folder / "server.pem").write_bytes(other.files["server.pem"])

    site.look(keeper)

    authority = x509.load_pem_x509_certificate(site.files["authority.crt"])
    assert keeper.held.is_of(authority)


def test_the_authority_signs_for_no_name_it_was_not_made_for(site):
    keeper = site.start()
    site.names = Names.of([*HOME.hosts, "bank.example"], [ipaddress.ip_address("203.0.113.5")])

    site.look(keeper)

    assert keeper.held.names() == Names.of(HOME.hosts, [])


def test_a_certificate_for_somebody_else_is_worthless_even_with_the_authoritys_key(tmp_path):
    authority, key = make_authority(HOME, clock.now())
    theirs = Names.of(["bank.example", "localhost"], [])
    file = tmp_path / "stolen.pem"
    file.write_bytes(server.issue(authority, key, theirs, clock.now()))

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        _shake(file, authority, "bank.example")


def test_a_certificate_within_its_names_is_taken_by_a_strict_client(tmp_path):
    authority, key = make_authority(HOME, clock.now())
    file = tmp_path / "server.pem"
    file.write_bytes(server.issue(authority, key, HOME, clock.now()))

    assert _shake(file, authority, "ward") == "TLSv1.3"


def _shake(file, authority: x509.Certificate, name: str) -> str:
    """A handshake over a pair of sockets; the version that was spoken, or the client's complaint."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_verify_locations(
        cadata=ssl.DER_cert_to_PEM_cert(authority.public_bytes(server.serialization.Encoding.DER))
    )
    near, far = socket.socketpair()

    def serve() -> None:
        try:
            server.context_of(file).wrap_socket(far, server_side=True).close()
        except OSError:
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with context.wrap_socket(near, server_hostname=name) as spoken:
            return spoken.version()
    finally:
        near.close()
        thread.join()


def test_the_files_are_for_their_owner_only_from_the_first_byte(site):
    before = os.umask(0)
    try:
        site.start()
    finally:
        os.umask(before)

    assert {file.stat().st_mode & 0o777 for file in site.folder.iterdir()} == {0o600}
    assert site.folder.stat().st_mode & 0o777 == 0o700


def test_this_computer_knows_its_names_and_addresses():
    names = own_names("192.168.4.4", ["Lab.Hospital.Example.", "10.1.1.1"])

    assert {"localhost", "lab.hospital.example"} <= set(names.hosts)
    assert {"127.0.0.1", "::1", "192.168.4.4", "10.1.1.1"} <= names.texts()
    assert not [one for one in names.addresses if one.is_link_local or one.is_unspecified]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("LAB", "lab"),
        ("lab.example.", "lab.example"),
        ("[::1]", ipaddress.ip_address("::1")),
        ("10.0.0.1", ipaddress.ip_address("10.0.0.1")),
        ("a b", None),
        ("-lab", None),
        ("lab_1", None),
        ("", None),
        ("x" * 64, None),
        ("*.example", None),
    ],
)
def test_a_name_is_read_or_refused(typed, read):
    assert read_name(typed) == read
