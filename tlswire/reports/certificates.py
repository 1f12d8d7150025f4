"""An X.509 certificate in one line. Imports cryptography only when there is one to name."""

from __future__ import annotations

from typing import Any


def describe(hexed: str) -> str:
    """Return subject, issuer and end of a DER certificate in hex; never raises."""
    try:
        return _described(bytes.fromhex(hexed))
    except BaseException as error:  # the parser answers some garbage with a panic
        if isinstance(error, KeyboardInterrupt):
            raise
        return "not a certificate that can be read"


def _described(der: bytes) -> str:
    from cryptography.x509 import load_der_x509_certificate

    certificate = load_der_x509_certificate(der)
    subject, issuer = _name(certificate.subject), _name(certificate.issuer)
    by = "self-signed" if certificate.subject == certificate.issuer else f"issued by {issuer}"
    return f"{subject}, {by}, valid until {certificate.not_valid_after_utc:%Y-%m-%d}"


def _name(name: Any) -> str:
    """Return the common name, else the whole name (RFC 4514)."""
    from cryptography.x509.oid import NameOID

    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return f"CN={common[0].value}" if common else name.rfc4514_string() or "no name"
