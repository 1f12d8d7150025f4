"""A client's certificate and its key, from PEM or PKCS#12.

Takes bytes and gives what is sent and what signs; asks nobody for a password. Raises
SelectionError for what cannot be used, without a byte of it in the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tlswire.certificates import Certificate, read
from tlswire.errors import SelectionError
from tlswire.language import say


class PasswordError(SelectionError):
    """The key has a password, and none was given or it does not open it."""


@dataclass(frozen=True)
class Credentials:
    """DER certificates, the client's own first, and the private key of that."""

    chain: tuple[bytes, ...]
    key: Any = field(repr=False)

    @property
    def leaf(self) -> Certificate:
        """Return the facts of the client's own certificate."""
        return read(self.chain[0])


def load(
    certificate: bytes, key: bytes | None = None, password: bytes | None = None
) -> Credentials:
    """Read a client's certificate and key.

    `certificate` is PEM, with the chain behind the client's own and perhaps the key, or PKCS#12.
    """
    if b"-----BEGIN" not in certificate:
        return _checked(_pkcs12(certificate, password))
    chain = _certificates(certificate)
    return _checked(Credentials(chain, _key(key if key is not None else certificate, password)))


def _certificates(pem: bytes) -> tuple[bytes, ...]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise SelectionError(say("the client certificate is no certificate in PEM")) from None
    return tuple(cert.public_bytes(Encoding.DER) for cert in found)


def _key(pem: bytes, password: bytes | None) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if b"PRIVATE KEY-----" not in pem:
        raise SelectionError(say("there is no private key with the client certificate: give --key"))
    try:
        return load_pem_private_key(pem, password if b"ENCRYPTED" in pem else None)
    except TypeError:
        raise PasswordError(say("the client's key has a password")) from None
    except ValueError:
        wrong = b"ENCRYPTED" in pem and password is not None
        said = say("the password does not open the client's key")
        if wrong:
            raise PasswordError(said) from None
        raise SelectionError(say("the client's key cannot be read")) from None


def _pkcs12(data: bytes, password: bytes | None) -> Credentials:
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    try:
        key, own, more = pkcs12.load_key_and_certificates(data, password)
    except ValueError as error:
        if "password" not in str(error).lower() and "mac" not in str(error).lower():
            raise SelectionError(say("the client certificate is neither PEM nor PKCS#12")) from None
        raise PasswordError(say("the PKCS#12 file does not open with this password")) from None
    if key is None or own is None:
        raise SelectionError(say("the PKCS#12 file lacks a certificate with its key"))
    return Credentials(tuple(c.public_bytes(Encoding.DER) for c in (own, *more)), key)


def _checked(found: Credentials) -> Credentials:
    """Certificate and key must belong together, else the server's refusal would mean nothing."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    own = x509.load_der_x509_certificate(found.chain[0]).public_key().public_bytes(*form)
    if own != found.key.public_key().public_bytes(*form):
        raise SelectionError(say("the client's key does not belong to its certificate"))
    return found
