"""Certificate facts against certificates made with `cryptography`'s builders, and hostile DER."""

from __future__ import annotations

import datetime as dt
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tlswire import certificates, issuers

BEGIN = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
END = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def make(
    subject: str = "leaf.test",
    issuer: str = "Test CA",
    *,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = EC_KEY,
    signer: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = EC_KEY,
    extensions: tuple[x509.ExtensionType, ...] = (),
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


def test_facts_of_a_leaf() -> None:
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("leaf.test"),
            x509.DNSName("*.wild.test"),
            x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
        ]
    )
    staple = x509.TLSFeature([x509.TLSFeatureType.status_request])
    basic = x509.BasicConstraints(ca=False, path_length=None)
    facts = certificates.read(make(extensions=(names, staple, basic)))
    assert (facts.subject, facts.issuer, facts.serial) == ("CN=leaf.test", "CN=Test CA", 7)
    assert facts.names == ("leaf.test", "*.wild.test", "192.0.2.1")
    assert (facts.not_before, facts.not_after) == (BEGIN.timestamp(), END.timestamp())
    assert (facts.key, facts.bits, facts.curve) == ("EC", 256, "secp256r1")
    assert (facts.signature_hash, facts.authority) == ("sha256", False)
    assert facts.must_staple
    assert not facts.self_signed
    assert facts.trouble is None


def test_weak_and_self_signed() -> None:
    facts = certificates.read(make("own.test", "own.test", key=RSA_KEY, signer=RSA_KEY))
    assert (facts.key, facts.bits, facts.self_signed) == ("RSA", 1024, True)


@pytest.mark.parametrize(
    ("moment", "expired", "early"),
    [
        (BEGIN - dt.timedelta(seconds=1), False, True),
        (BEGIN, False, False),
        (END, False, False),
        (END + dt.timedelta(seconds=1), True, False),
    ],
)
def test_validity_at_the_time_of_the_capture(
    moment: dt.datetime, expired: bool, early: bool
) -> None:
    facts = certificates.read(make())
    assert facts.expired_at(moment.timestamp()) is expired
    assert facts.early_at(moment.timestamp()) is early


@pytest.mark.parametrize(
    ("host", "good"),
    [
        ("leaf.test", True),
        ("LEAF.test.", True),
        ("a.wild.test", True),
        ("a.b.wild.test", False),
        ("wild.test", False),
        ("other.test", False),
        ("192.0.2.1", True),
        ("192.0.2.2", False),
        ("", False),
    ],
)
def test_names_as_rfc_9525_compares_them(host: str, good: bool) -> None:
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("leaf.test"),
            x509.DNSName("*.wild.test"),
            x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
        ]
    )
    assert certificates.read(make(extensions=(names,))).covers(host) is good


def test_who_issued_whom() -> None:
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = certificates.read(make("Test CA", "Test CA", key=root_key, signer=root_key))
    leaf = certificates.read(make(signer=root_key))
    imposter = certificates.read(make("Test CA", "Test CA"))
    assert issuers.issued(leaf, root)
    assert not issuers.issued(root, leaf)
    assert issuers.signs(root, leaf) is True
    assert issuers.signs(imposter, leaf) is False
    assert issuers.signs(certificates.read(b""), leaf) is None


def test_a_chain_is_bounded() -> None:
    assert len(certificates.read_chain((make(),) * 100)) == certificates.LONGEST_CHAIN


def test_cut_and_trailing_bytes_never_raise() -> None:
    whole = make()
    for end in range(len(whole)):
        assert certificates.read(whole[:end]).trouble is not None
    assert certificates.read(whole + b"\x00").trouble is not None


@given(st.integers(0, len(make()) - 1), st.integers(0, 255))
def test_changed_bytes_never_raise(position: int, value: int) -> None:
    der = bytearray(make())
    der[position % len(der)] = value
    facts = certificates.read(bytes(der))
    assert facts.covers("leaf.test") in (True, False)
    assert facts.expired_at(0.0) in (True, False)


@given(st.binary(max_size=64))
def test_noise_never_raises(noise: bytes) -> None:
    assert certificates.read(noise).trouble is not None
