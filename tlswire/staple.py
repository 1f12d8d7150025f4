"""A stapled OCSP response: what it says of the server's certificate, and whether it holds.

Reads hostile DER and never raises; asks no clock and no responder (RFC 6960, RFC 6066 section 8).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tlswire.certificates import Certificate
from tlswire.codes import ExtensionType
from tlswire.language import say
from tlswire.transcript import Entry, Transcript


class Staple(NamedTuple):
    """One response. `status` is "good", "revoked", "unknown", or what kept it from saying so."""

    status: str
    updated: float | None = None  # thisUpdate, seconds since the epoch
    until: float | None = None  # nextUpdate
    signed: bool | None = None  # by the issuer or its delegate; None: cannot be told
    fits: bool = True  # it is about the certificate shown

    def holds(self, moment: float) -> bool:
        """Tell whether a client would believe it at a time."""
        early = self.updated is not None and moment < self.updated
        late = self.until is not None and moment > self.until
        return self.status == "good" and self.fits and self.signed is not False and not early | late


def of(transcript: Transcript, chain: tuple[Certificate, ...]) -> Staple | None:
    """Return what the server stapled, None where it did not."""
    response = _response(transcript)
    return read(response, chain) if response is not None and chain else None


def _response(transcript: Transcript) -> bytes | None:
    """Up to TLS 1.2 a message of its own, in TLS 1.3 an extension (RFC 8446 section 4.4.2.1)."""
    for entry in transcript.entries:
        if entry.who != "server":
            continue
        if entry.what == "certificate_status":
            return _plain(entry.fields.get("response"))
        if entry.what == "certificate":
            found = _of_entry(entry)
            if found is not None:
                return found
    return None


def _of_entry(entry: Entry) -> bytes | None:
    listed = entry.fields.get("certificate_list") or ()
    if not listed or not isinstance(listed[0], dict):
        return None
    for extension in listed[0].get("extensions", ()):
        if extension["type"] == ExtensionType.status_request and extension["body"]:
            return _plain(extension["body"].get("response"))
    return None


def _plain(found: Any) -> bytes | None:
    """Return the bytes, wherever the grammar has put them."""
    if isinstance(found, dict):
        return next((v for v in found.values() if isinstance(v, bytes)), None)
    return found if isinstance(found, bytes) else None


def read(response: bytes, chain: tuple[Certificate, ...]) -> Staple:
    """Return what a DER response says of the first certificate of a chain."""
    from cryptography.x509 import ocsp

    try:
        found = ocsp.load_der_ocsp_response(response)
        if found.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            return Staple(say("no answer: {name}", name=found.response_status.name.lower()))
        return Staple(
            status=found.certificate_status.name.lower(),
            updated=found.this_update_utc.timestamp(),
            until=found.next_update_utc.timestamp() if found.next_update_utc else None,
            signed=_signed(found, chain),
            fits=found.serial_number == chain[0].serial,
        )
    except Exception as error:
        return Staple(say("not readable: {name}", name=type(error).__name__))


def _signed(found: Any, chain: tuple[Certificate, ...]) -> bool | None:
    """Verify by the certificate that came with it, else by the issuer's (RFC 6960 4.2.2)."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    with_it = list(found.certificates)
    if not with_it and len(chain) < 2:
        return None
    signer = with_it[0] if with_it else x509.load_der_x509_certificate(chain[1].der)
    key: Any = signer.public_key()
    signature, signed = found.signature, found.tbs_response_bytes
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), found.signature_hash_algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(found.signature_hash_algorithm))
        else:
            key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True
