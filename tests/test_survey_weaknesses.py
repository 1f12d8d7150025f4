"""Weaknesses: each is found where it is, and nowhere else."""

from __future__ import annotations

import time

import pytest

from tlswire.survey.grades import GRADES, grade
from tlswire.survey.weaknesses import ROWS, SEVERITIES, weigh
from tlswire.surveyed import (
    ClientCertificate,
    Features,
    SurveyedCertificate,
    SurveyedVersion,
    Tolerance,
)

NOW = time.time()
STRONG = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"


def version(name: str, *suites: str, **more: object) -> SurveyedVersion:
    return SurveyedVersion(version=name, suites=suites, **more)  # type: ignore[arg-type]


def certificate(**more: object) -> SurveyedCertificate:
    usual: dict[str, object] = {
        "for_name": "a.example",
        "matches": True,
        "key": "RSA",
        "bits": 2048,
        "curve": None,
        "subject": "CN=a.example",
        "issuer": "CN=CA",
        "names": ("a.example",),
        "not_before": NOW - 86400,
        "not_after": NOW + 90 * 86400,
        "signature_hash": "sha256",
        "self_signed": False,
        "chain_length": 2,
        "sha256": "00",
    }
    return SurveyedCertificate(**(usual | more))  # type: ignore[arg-type]


SOUND = (version("TLS 1.3", "TLS_AES_128_GCM_SHA256"), version("TLS 1.2", STRONG))
GOOD = Features(
    compression=(),
    secure_renegotiation=True,
    client_renegotiation=False,
    extended_master_secret=True,
    fallback_scsv=True,
    heartbeat=False,
    client_certificate=ClientCertificate(asked=False, required=False),
)


def ids(*versions: SurveyedVersion, **more: object) -> set[str]:
    return {weakness.id for weakness in weigh(versions or SOUND, **more)}  # type: ignore[arg-type]


def test_a_sound_server_has_none() -> None:
    fine = Tolerance(test="big", result="ok", text="")
    assert weigh(SOUND, (certificate(),), GOOD, (fine,)) == ()
    assert grade(()) == "A+"


SUITES = [
    ("TLS_RSA_WITH_NULL_SHA", "null-encryption"),
    ("TLS_DH_anon_WITH_AES_128_CBC_SHA", "anonymous"),
    ("TLS_ECDH_anon_WITH_AES_256_CBC_SHA", "anonymous"),
    ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", "export"),
    ("TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA", "export"),
    ("TLS_ECDHE_RSA_WITH_RC4_128_SHA", "rc4"),
    ("TLS_RSA_WITH_DES_CBC_SHA", "weak-cipher"),
    ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "sweet32"),
    ("TLS_RSA_WITH_IDEA_CBC_SHA", "sweet32"),
    ("TLS_RSA_WITH_AES_128_GCM_SHA256", "no-forward-secrecy"),
    ("TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", "no-forward-secrecy"),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "cbc"),
    ("TLS_RSA_WITH_RC4_128_MD5", "md5"),
]


@pytest.mark.parametrize(("suite", "expected"), SUITES)
def test_weak_suites(suite: str, expected: str) -> None:
    (found,) = [w for w in weigh((version("TLS 1.2", STRONG, suite),)) if w.id == expected]
    assert found.where == (suite,)
    assert found.reason
    assert found.source


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ((version("SSL 2.0", "SSL_CK_RC4_128_WITH_MD5"),), "ssl2"),
        ((version("SSL 3.0", "TLS_RSA_WITH_AES_128_CBC_SHA"),), "ssl3"),
        ((version("TLS 1.0", "TLS_RSA_WITH_AES_128_CBC_SHA"),), "beast"),
        ((version("TLS 1.1", STRONG),), "old-versions"),
        ((version("TLS 1.2", STRONG),), "no-tls13"),
        ((version("TLS 1.2", STRONG, dh_bits=(512,)),), "dhe-export"),
        ((version("TLS 1.2", STRONG, dh_bits=(1024,)),), "dhe-1024"),
        ((version("TLS 1.2", STRONG, groups=("secp192r1",)),), "small-curve"),
        ((version("TLS 1.2", STRONG, signature_algorithms=("rsa_pkcs1_sha1",)),), "sha1-signature"),
        (
            (version("TLS 1.2", STRONG, "TLS_RSA_WITH_AES_128_GCM_SHA256", preference="client"),),
            "client-order",
        ),
    ],
)
def test_weak_versions_primes_and_groups(
    versions: tuple[SurveyedVersion, ...], expected: str
) -> None:
    assert expected in ids(*versions)
    assert expected not in ids()


def test_strong_primes_and_curves_are_not_weak() -> None:
    groups = ("x25519", "secp224r1", "secp256r1", "brainpoolP256r1", "X25519MLKEM768", "ffdhe2048")
    found = ids(version("TLS 1.2", STRONG, dh_bits=(2048, 4096), groups=groups))
    assert found == {"no-tls13"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"not_after": NOW - 86400}, "cert-expired"),
        ({"not_before": NOW + 86400}, "cert-early"),
        ({"not_after": NOW + 86400}, "cert-expires-soon"),
        ({"matches": False}, "cert-name"),
        ({"self_signed": True, "chain_length": 1}, "cert-self-signed"),
        ({"signature_hash": "sha1"}, "cert-sha1"),
        ({"bits": 1024}, "cert-small-key"),
    ],
)
def test_weak_certificates(change: dict[str, object], expected: str) -> None:
    assert ids(certificates=(certificate(**change),)) == {expected}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"compression": ("DEFLATE",)}, "compression"),
        ({"secure_renegotiation": False}, "no-secure-renegotiation"),
        ({"client_renegotiation": True}, "client-renegotiation"),
        ({"extended_master_secret": False}, "no-ems"),
        ({"fallback_scsv": False}, "no-fallback-scsv"),
        ({"heartbeat": True}, "heartbeat"),
        ({"truncated_hmac": True}, "truncated-hmac"),
    ],
)
def test_weak_features(change: dict[str, object], expected: str) -> None:
    assert ids(features=Features(**change)) == {expected}  # type: ignore[arg-type]


def test_what_was_not_asked_is_no_weakness() -> None:
    assert ids(features=Features()) == set()


def test_intolerance_names_the_hello() -> None:
    odd = Tolerance(test="grease", result="resets", text="")
    (found,) = weigh(SOUND, (), None, (odd,))
    assert found.where == ("grease: resets",)


@pytest.mark.parametrize(
    ("suite", "letter"),
    [(STRONG, "A+"), ("TLS_RSA_WITH_AES_128_GCM_SHA256", "B"), ("TLS_RSA_WITH_NULL_SHA", "F")],
)
def test_the_grade_is_that_of_the_worst(suite: str, letter: str) -> None:
    assert grade(weigh((version("TLS 1.2", STRONG, suite),))) == letter
    assert list(GRADES) == list(SEVERITIES)


def test_every_row_has_an_id_of_its_own() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)
