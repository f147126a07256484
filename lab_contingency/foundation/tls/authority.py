"""The authority of this site: the one certificate that devices learn to trust, and its key, which never lies open.

It may sign for this computer's names and for addresses of private networks only (name constraints), so that
whoever steals it cannot stand in for anybody else on a device that trusts it.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
import json
import os
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

from lab_contingency.foundation.tls.names import Address, Names

LIFE = dt.timedelta(days=3650)
SKEW = dt.timedelta(
    hours=1
)  # a device whose clock is behind must not see a certificate of tomorrow
_KEY_BYTES = 32
_NONCE_BYTES = 12
_PURPOSE = b"lab authority key"
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "::1/128",
    )
)
_NEIGHBOURS = {4: 24, 6: 64}  # of an address outside the private networks, the addresses beside it


class CannotOpen(Exception):
    """The sealed key of the authority was sealed with another key, or belongs to another authority."""


class Wrapping(Protocol):
    """Where the 32-byte keys come from that seal the authority's key; None while the key ring is sealed."""

    def current(self) -> tuple[int, bytes] | None:
        """The version that seals now, and its key."""

    def version(self, number: int) -> bytes | None:
        """An earlier one."""


def make_authority(
    names: Names, now: dt.datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A new authority, named after the computer, for ten years; it can sign servers but no other authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lab Contingency"),
            x509.NameAttribute(NameOID.COMMON_NAME, _title(names, now)),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(_constraints(names), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _title(names: Names, now: dt.datetime) -> str:
    own = next((host for host in names.hosts if "." not in host and host != "localhost"), "")
    return f"Lab Contingency authority {own} {now:%Y-%m-%d}".replace("  ", " ")[:64]


def _constraints(names: Names) -> x509.NameConstraints:
    nets = list(_PRIVATE)
    for address in names.addresses:
        if not any(address in net for net in nets):
            nets.append(ipaddress.ip_network((address, _NEIGHBOURS[address.version]), strict=False))
    hosts = sorted({*names.hosts, "localhost", "local"})
    return x509.NameConstraints(
        permitted_subtrees=[
            *(x509.DNSName(host) for host in hosts),
            *(x509.IPAddress(net) for net in nets),
        ],
        excluded_subtrees=None,
    )


def permitted(certificate: x509.Certificate, names: Names) -> Names:
    """Those of the names that the authority may sign for."""
    held = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    subtrees = held.permitted_subtrees or []
    hosts = [one.value for one in subtrees if isinstance(one, x509.DNSName)]
    nets = [one.value for one in subtrees if isinstance(one, x509.IPAddress)]

    def may_host(name: str) -> bool:
        return any(name == host or name.endswith(f".{host}") for host in hosts)

    def may_address(address: Address) -> bool:
        return any(
            address in net
            for net in nets
            if isinstance(net, ipaddress.IPv4Network | ipaddress.IPv6Network)
        )

    return Names(tuple(filter(may_host, names.hosts)), tuple(filter(may_address, names.addresses)))


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate as browsers show it: 32 bytes in capital hexadecimal, colons between."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def seal_key(
    key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, version: int, wrapping: bytes
) -> bytes:
    """The key as a small sealed file (AES-256-GCM), bound to its certificate; `wrapping` is 32 bytes."""
    plain = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _cipher(wrapping).encrypt(nonce, plain, _bound_to(certificate))
    return json.dumps(
        {"key": version, "sealed": base64.b64encode(nonce + sealed).decode()}
    ).encode()


def open_key(
    sealed: bytes, certificate: x509.Certificate, wrapping: Wrapping
) -> tuple[int, ec.EllipticCurvePrivateKey] | None:
    """The version it was sealed with and the key; None while the key ring is sealed; CannotOpen when it is wrong."""
    try:
        held = json.loads(sealed)
        version = int(held["key"])
        raw = base64.b64decode(held["sealed"], validate=True)
    except (ValueError, KeyError, TypeError) as problem:
        raise CannotOpen from problem
    opening = wrapping.version(version)
    if opening is None:
        return None
    try:
        plain = _cipher(opening).decrypt(
            raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(certificate)
        )
        key = serialization.load_der_private_key(plain, None)
    except (InvalidTag, ValueError) as problem:
        raise CannotOpen from problem
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CannotOpen
    return version, key


def _cipher(wrapping: bytes) -> AESGCM:
    """A key of its own for this purpose, so that the wrapping key may also do other things."""
    derived = HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=_PURPOSE).derive(wrapping)
    return AESGCM(derived)


def _bound_to(certificate: x509.Certificate) -> bytes:
    der = certificate.public_bytes(serialization.Encoding.DER)
    return _PURPOSE + hashlib.sha256(der).digest()
