"""A small certificate authority of the examples, made anew for every run.

No private key is kept: they are written to a folder that ends with the run.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

NAMES = ("partner.example.com", "www.example.com", "mail.example.com")
_DAY = dt.timedelta(days=1)
_YEAR = 365 * _DAY


class Authority:
    """A root and an intermediate that issue for `NAMES`, writing PEM files into one folder."""

    def __init__(self, folder: Path, name: str, organisation: str) -> None:
        self._folder = folder
        self._now = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self._root_key = ec.generate_private_key(ec.SECP256R1())
        self._key = ec.generate_private_key(ec.SECP256R1())
        root_name = _name(f"{organisation} Root CA", organisation)
        self._root = self._issue_authority(root_name, root_name, self._root_key)
        subject = _name(f"{organisation} Issuing CA", organisation)
        self._issuer = self._issue_authority(subject, root_name, self._key)
        (folder / f"{name}-root.pem").write_bytes(_pem(self._root))
        (folder / f"{name}-issuer.pem").write_bytes(_pem(self._issuer))

    def issue(
        self, stem: str, *, key: Key | None = None, ended_days_ago: int | None = None
    ) -> None:
        """Write `<stem>.pem` (the chain less the root), `<stem>.key`, and `<stem>.p12` of both."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        end = (
            self._now + 10 * _YEAR if ended_days_ago is None else self._now - ended_days_ago * _DAY
        )
        subject = _name(NAMES[0], "Example Partner")
        leaf = (
            self._builder(subject, self._issuer.subject, key, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_names(), critical=False)
            .add_extension(_purposes(), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        (self._folder / f"{stem}.pem").write_bytes(_pem(leaf) + _pem(self._issuer))
        (self._folder / f"{stem}.key").write_bytes(_key_pem(key))
        lock = serialization.BestAvailableEncryption(b"example")
        store = pkcs12.serialize_key_and_certificates(b"leaf", key, leaf, [self._issuer], lock)
        (self._folder / f"{stem}.p12").write_bytes(store)

    def _issue_authority(self, subject: x509.Name, issuer: x509.Name, key: Key) -> x509.Certificate:
        return (
            self._builder(subject, issuer, key, self._now + 20 * _YEAR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._root_key, hashes.SHA256())
        )

    def _builder(
        self, subject: x509.Name, issuer: x509.Name, key: Key, end: dt.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(self._now, end) - _YEAR)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )


def make_certificates(folder: Path) -> None:
    """Write every certificate the scenes use: two roots, and leaves as their names say."""
    known = Authority(folder, "known", "Example Trust")
    known.issue("ecdsa")
    known.issue("rsa", key=rsa.generate_private_key(65537, 2048))
    known.issue("expired", ended_days_ago=24)
    Authority(folder, "unknown", "Example Stranger").issue("stranger")


def _name(common: str, organisation: str) -> x509.Name:
    attributes = [(NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])


def _names() -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(name) for name in NAMES])


def _purposes() -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
