"""The certificate this server shows, and how it speaks TLS."""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab_contingency.foundation.tls.authority import SKEW
from lab_contingency.foundation.tls.names import Names, read_name

LIFE = dt.timedelta(days=397)
RENEW_BEFORE = dt.timedelta(days=30)
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2; those of 1.3 are all good


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """What is in `server.pem`, without its key."""

    certificate: x509.Certificate

    @property
    def ends_at(self) -> dt.datetime:
        """Aware UTC."""
        return self.certificate.not_valid_after_utc

    def names(self) -> Names:
        """The names and addresses it stands for."""
        held = self.certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
        found = [read_name(str(value)) for value in held.get_values_for_type(x509.IPAddress)]
        return Names.of(
            held.get_values_for_type(x509.DNSName),
            (one for one in found if one is not None and not isinstance(one, str)),
        )

    def is_of(self, authority: x509.Certificate) -> bool:
        """Whether that authority signed it."""
        try:
            self.certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True

    def is_soon_over(self, now: dt.datetime) -> bool:
        """Whether less than thirty days are left, or it has not begun."""
        return (
            now + RENEW_BEFORE >= self.ends_at or now < self.certificate.not_valid_before_utc - SKEW
        )


def issue(
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: Names,
    now: dt.datetime,
) -> bytes:
    """A new key with its certificate and the authority's, as PEM. The key lies open: see ADR 0012."""
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lab Contingency")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(min(now + LIFE, authority.not_valid_after_utc))
        .add_extension(_alternative(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem = serialization.Encoding.PEM
    return private + certificate.public_bytes(pem) + authority.public_bytes(pem)


def _alternative(names: Names) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [
            *(x509.DNSName(host) for host in names.hosts),
            *(x509.IPAddress(address) for address in names.addresses),
        ]
    )


def read(file: Path) -> ServerCertificate | None:
    """The certificate in `file`; None when there is none or its key does not fit."""
    try:
        content = file.read_bytes()
        key = serialization.load_pem_private_key(content, None)
        certificate = x509.load_pem_x509_certificates(content)[0]
    except (OSError, ValueError, TypeError, IndexError):
        return None
    same = key.public_key() == certificate.public_key()
    return ServerCertificate(certificate) if same else None


def context_of(file: Path) -> ssl.SSLContext:
    """TLS 1.2 and 1.3 with forward secrecy; no compression, no tickets that outlive the connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_SINGLE_ECDH_USE
    context.num_tickets = 0
    context.load_cert_chain(file)
    return context
