"""Facts of X.509 certificates as a server or a client sent them. Facts only: nothing is trusted.

Reads hostile DER and never raises: what cannot be read is None or empty, and `trouble` says so.
Builds no path to a root and asks no clock: the caller brings the time. `cryptography` is imported
when the first certificate is read, not before.
"""

from __future__ import annotations

import ipaddress
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tlswire import codes
from tlswire.language import say

if TYPE_CHECKING:
    from cryptography import x509

#: Certificates of one chain that are read; a longer chain is hostile.
LONGEST_CHAIN = 16
#: The curve of a key whose parameters are spelt out: forbidden, and seldom read (RFC 5480 2.1.1).
EXPLICIT = "explicit"
#: id-ecPublicKey (RFC 5480 section 2.1.1).
EC_KEY = "1.2.840.10045.2.1"

_T = TypeVar("_T")


class Certificate(NamedTuple):
    """One certificate. Times are seconds since the epoch; `bits` is the size of the key."""

    subject: str = ""
    issuer: str = ""
    serial: int | None = None
    common_name: str | None = None
    dns_names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    not_before: float | None = None
    not_after: float | None = None
    key: str | None = None  # "RSA" "EC" "Ed25519" "Ed448" "DSA" or what else it is
    bits: int | None = None
    curve: str | None = None  # its name; `EXPLICIT` where its parameters are spelt out
    signature_hash: str | None = None  # "sha256"; None where the scheme has none, as Ed25519
    authority: bool | None = None  # basicConstraints cA; None: no such extension
    server_auth: bool = True  # extendedKeyUsage permits it
    usages: frozenset[str] | None = None  # keyUsage, by the names of RFC 5280; None: all
    must_staple: bool = False  # TLS feature status_request (RFC 7633)
    revocation_urls: tuple[str, ...] = ()  # CRL and OCSP addresses
    ocsp_urls: tuple[str, ...] = ()  # those of them that answer for one certificate
    issuer_urls: tuple[str, ...] = ()  # where the issuer's certificate is to be had
    self_signed: bool = False
    trouble: str | None = None
    der: bytes = b""

    def expired_at(self, time: float) -> bool:
        """Tell whether it had expired by then."""
        return self.not_after is not None and time > self.not_after

    def early_at(self, time: float) -> bool:
        """Tell whether it was not yet valid then."""
        return self.not_before is not None and time < self.not_before

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names it is good for: subjectAltName, else the common name (RFC 9525)."""
        named = self.dns_names + self.addresses
        return named or ((self.common_name,) if self.common_name else ())

    def covers(self, host: str) -> bool:
        """Tell whether it is good for a host name or an address (RFC 9525 section 6)."""
        address = _address(host)
        if address is not None:
            return any(_address(own) == address for own in self.addresses)
        own_names = self.dns_names or ((self.common_name,) if self.common_name else ())
        return any(_matches(pattern, host) for pattern in own_names)


def read_chain(ders: tuple[bytes, ...]) -> tuple[Certificate, ...]:
    """Return the facts of a Certificate message's certificates, in wire order."""
    return tuple(read(der) for der in ders[:LONGEST_CHAIN])


def issuer_name(der: bytes) -> bytes:
    """Return the issuer's name of a DER certificate, in DER; empty when it cannot be read."""

    try:
        return load(der).issuer.public_bytes()
    except Exception:
        return b""


def load(der: bytes) -> x509.Certificate:
    """Return a certificate as `cryptography` has it, or raise what it raises; never a warning."""
    from cryptography import x509

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.load_der_x509_certificate(der)


@lru_cache(maxsize=256)
def read(der: bytes) -> Certificate:
    """Return the facts of one DER certificate; never raises."""
    try:
        return _facts(load(der), der)
    except Exception as error:
        return Certificate(
            trouble=say("not a certificate: {name}", name=type(error).__name__), der=der
        )


def public_key(cert: Certificate) -> Any:
    """Return the public key as `cryptography` has it; None when it cannot be read."""

    try:
        return load(cert.der).public_key()
    except Exception:
        return None


def verifies(cert: Certificate, scheme: int, signature: bytes, signed: bytes) -> bool | None:
    """Tell whether the certificate's key made a signature by a scheme (RFC 8446 section 4.2.3).

    None when that cannot be told: an unreadable key, or a scheme that is not known here.
    """
    from cryptography.exceptions import InvalidSignature

    try:
        key: Any = load(cert.der).public_key()
        _verify(key, codes.SIGNATURE_SCHEMES.get(scheme, ""), signature, signed)
    except InvalidSignature:
        return False
    except Exception:
        return None
    return True


def _verify(key: Any, scheme: str, signature: bytes, signed: bytes) -> None:
    """Verify, or raise: InvalidSignature, or KeyError and others for what is not known."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding

    if scheme in ("ed25519", "ed448"):
        key.verify(signature, signed)
        return
    digest: Any = getattr(hashes, scheme.rpartition("_")[2].upper())()
    if scheme.startswith("rsa_pss"):
        pad = padding.PSS(padding.MGF1(digest), digest.digest_size)
        key.verify(signature, signed, pad, digest)
    elif scheme.startswith("rsa_pkcs1"):
        key.verify(signature, signed, padding.PKCS1v15(), digest)
    elif scheme.startswith("ecdsa"):
        key.verify(signature, signed, ec.ECDSA(digest))
    else:
        raise KeyError(scheme)


def _facts(cert: x509.Certificate, der: bytes) -> Certificate:
    unknown: tuple[str | None, int | None, str | None] = (None, None, None)
    key, bits, curve = _try(lambda: _key(cert), unknown)
    if _try(lambda: _spells_curve(cert), False):
        key, curve = "EC", EXPLICIT
    subject = _try(lambda: cert.subject.rfc4514_string(), "")
    issuer = _try(lambda: cert.issuer.rfc4514_string(), "")
    facts = Certificate(
        subject=subject,
        issuer=issuer,
        serial=_try(lambda: cert.serial_number, None),
        common_name=_try(lambda: _common_name(cert), None),
        not_before=_try(lambda: cert.not_valid_before_utc.timestamp(), None),
        not_after=_try(lambda: cert.not_valid_after_utc.timestamp(), None),
        key=key,
        bits=bits,
        curve=curve,
        signature_hash=_try(lambda: _hash(cert), None),
        self_signed=bool(subject) and subject == issuer,
        der=der,
    )
    try:
        return _with_extensions(facts, cert)
    except Exception as error:
        return facts._replace(trouble=say("its extensions: {name}", name=type(error).__name__))


def _with_extensions(facts: Certificate, cert: x509.Certificate) -> Certificate:
    from cryptography import x509

    names = extension(cert, x509.SubjectAlternativeName)
    basic = extension(cert, x509.BasicConstraints)
    usage = extension(cert, x509.ExtendedKeyUsage)
    feature = extension(cert, x509.TLSFeature)
    server_auth = {
        x509.oid.ExtendedKeyUsageOID.SERVER_AUTH,
        x509.oid.ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    }
    return facts._replace(
        dns_names=tuple(names.get_values_for_type(x509.DNSName)) if names else (),
        addresses=tuple(str(a) for a in names.get_values_for_type(x509.IPAddress)) if names else (),
        authority=basic.ca if basic else None,
        server_auth=usage is None or bool(server_auth & set(usage)),
        usages=_try(lambda: _usages(cert), None),
        must_staple=feature is not None and x509.TLSFeatureType.status_request in feature,
        revocation_urls=_try(lambda: (*_lists(cert), *_responders(cert)), ()),
        ocsp_urls=_try(lambda: _responders(cert), ()),
        issuer_urls=_try(lambda: _issuers(cert), ()),
    )


def extension(cert: x509.Certificate, kind: Any) -> Any:
    """Return the value of an extension, None where there is none. Raises for a malformed one."""
    from cryptography import x509

    try:
        return cert.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _usages(cert: x509.Certificate) -> frozenset[str] | None:
    from cryptography import x509

    usage = extension(cert, x509.KeyUsage)
    if usage is None:
        return None
    permitted = {
        "digitalSignature": usage.digital_signature,
        "keyEncipherment": usage.key_encipherment,
        "keyAgreement": usage.key_agreement,
    }
    return frozenset(name for name, set_ in permitted.items() if set_)


def _lists(cert: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    points = extension(cert, x509.CRLDistributionPoints) or ()
    return tuple(str(name.value) for point in points for name in point.full_name or ())


def _responders(cert: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    access = extension(cert, x509.AuthorityInformationAccess) or ()
    ocsp = x509.oid.AuthorityInformationAccessOID.OCSP
    return tuple(str(a.access_location.value) for a in access if a.access_method == ocsp)


def _issuers(cert: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    access = extension(cert, x509.AuthorityInformationAccess) or ()
    issuers = x509.oid.AuthorityInformationAccessOID.CA_ISSUERS
    return tuple(str(a.access_location.value) for a in access if a.access_method == issuers)


def _common_name(cert: x509.Certificate) -> str | None:
    from cryptography.x509.oid import NameOID

    found = cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else None


def _hash(cert: x509.Certificate) -> str | None:
    algorithm = cert.signature_hash_algorithm
    return algorithm.name if algorithm is not None else None


def _key(cert: x509.Certificate) -> tuple[str | None, int | None, str | None]:
    key: Any = cert.public_key()
    kind = type(key).__name__.removeprefix("_").removesuffix("PublicKey")
    name = {"EllipticCurve": "EC"}.get(kind, kind)
    curve = getattr(key, "curve", None)
    return name, getattr(key, "key_size", None), getattr(curve, "name", None)


def _spells_curve(cert: x509.Certificate) -> bool:
    """Tell whether a key of an elliptic curve has its parameters where others name the curve."""
    if cert.public_key_algorithm_oid.dotted_string != EC_KEY:
        return False
    algorithm = bytes.fromhex("06072a8648ce3d0201")  # then an OID is a name (RFC 5480 2.1.1)
    return cert.tbs_certificate_bytes.partition(algorithm)[2][:1] == b"\x30"


def _try(fact: Callable[[], _T], otherwise: _T) -> _T:
    """Return a fact, or what stands for it where hostile bytes hide it."""
    try:
        return fact()
    except Exception:
        return otherwise


def _address(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None


def _matches(pattern: str, host: str) -> bool:
    """Compare DNS names; a `*` stands for the whole left-most label (RFC 9525 section 6.3)."""
    own, asked = (name.lower().rstrip(".").split(".") for name in (pattern, host))
    if len(own) != len(asked):
        return False
    return own[1:] == asked[1:] and own[0] in ("*", asked[0])
