"""Policies: the tables against counts and cells of the sources, and one judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlswire.codes import GROUPS, SIGNATURE_SCHEMES
from tlswire.policies import BY_ID, POLICIES, disagreements, expand, judge, judge_one, level_of
from tlswire.policies.policy import Kind, Policy
from tlswire.suites import SUITES
from tlswire.surveyed import SurveyedCertificate, SurveyedVersion

SUITE_NAMES = {facts.name for facts in SUITES.values()}
KNOWN: dict[Kind, set[str]] = {
    "suite": {name.lower() for name in SUITE_NAMES},
    "group": {name.lower() for name in GROUPS.values()},
    "signature_algorithm": {name.lower() for name in SIGNATURE_SCHEMES.values()},
    "version": {"ssl_2.0", "ssl_3.0", "tls_1.0", "tls_1.1", "tls_1.2", "tls_1.3"},
}

# -- the tables --------------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.id)
def test_every_name_of_a_table_is_registered(policy: Policy) -> None:
    unknown = [
        name
        for kind, rows in policy.rows.items()
        for row in rows
        for name in expand(row.names)
        if "*" not in name and not name.startswith("dh-") and name.lower() not in KNOWN[kind]
    ]
    assert unknown == []


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.id)
def test_no_name_stands_in_two_rows(policy: Policy) -> None:
    for rows in policy.rows.values():
        named = [(n, row.versions) for row in rows for n in expand(row.names) if "*" not in n]
        assert len(named) == len(set(named))


def test_every_policy_has_an_id_of_its_own_and_a_source() -> None:
    assert len(BY_ID) == len(POLICIES)
    assert all(policy.source and policy.title for policy in POLICIES)


def test_every_file_is_in_the_table() -> None:
    import tlswire.policies

    folder = Path(tlswire.policies.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "judge", "policy"}
    words = {policy.id.partition("-")[0] for policy in POLICIES}
    assert files == words


#: How many suites the sources list on a level (their tables counted by hand).
COUNTS = [
    ("anssi", "recommended", 12),
    ("anssi", "degraded", 59),
    ("mozilla-modern", "recommended", 3),
    ("mozilla-intermediate", "recommended", 9),
    ("mozilla-old", "recommended", 29),
    ("nist-800-52r2", "accepted", 84),
    ("nist-800-52r2", "degraded", 10),
    ("bsi-tr-02102-2", "recommended", 54),
    ("bsi-tr-02102-2", "degraded", 10),
]


@pytest.mark.parametrize(("policy", "level", "count"), COUNTS)
def test_as_many_suites_as_the_source_lists(policy: str, level: str, count: int) -> None:
    assert sum(level_of(BY_ID[policy], "suite", name) == level for name in SUITE_NAMES) == count


#: Cells of the sources: kind, name, version, and the levels of ANSSI, Mozilla's three, NIST, BSI.
R, A, D, F, N = "recommended", "accepted", "degraded", "forbidden", "not_mentioned"
CELLS: list[tuple[Kind, str, str | None, tuple[str, ...]]] = [
    ("version", "TLS 1.3", None, (R, R, R, R, R, R)),
    ("version", "TLS 1.2", None, (A, F, R, R, R, R)),
    ("version", "TLS 1.1", None, (F, F, F, R, D, D)),
    ("version", "TLS 1.0", None, (F, F, F, R, D, D)),
    ("version", "SSL 3.0", None, (F, F, F, F, F, D)),
    ("suite", "TLS_CHACHA20_POLY1305_SHA256", None, (R, R, R, R, F, N)),
    ("suite", "TLS_AES_128_CCM_8_SHA256", None, (D, N, N, N, A, N)),
    ("suite", "TLS_AES_128_CCM_SHA256", None, (R, N, N, N, A, R)),
    ("suite", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", None, (R, N, R, R, A, R)),
    ("suite", "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", None, (R, N, N, N, A, R)),
    ("suite", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", None, (D, N, N, R, A, R)),
    ("suite", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", None, (F, N, N, R, A, N)),
    ("suite", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", None, (D, N, N, R, A, R)),
    ("suite", "TLS_DHE_RSA_WITH_AES_256_CCM", None, (N, N, N, N, A, R)),
    ("suite", "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256", None, (N, N, N, N, A, R)),
    ("suite", "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", None, (N, N, N, N, A, R)),
    ("suite", "TLS_RSA_WITH_AES_128_GCM_SHA256", None, (N, N, N, R, D, N)),
    ("suite", "TLS_RSA_WITH_AES_128_CBC_SHA", None, (F, N, N, R, D, N)),
    ("suite", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", None, (F, N, N, R, F, N)),
    ("suite", "TLS_RSA_WITH_RC4_128_SHA", None, (F, N, N, N, F, N)),
    ("suite", "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256", None, (D, N, N, N, F, N)),
    ("suite", "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", None, (D, N, N, N, F, R)),
    ("suite", "TLS_PSK_WITH_AES_128_GCM_SHA256", None, (N, N, N, N, A, D)),
    ("suite", "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", None, (N, N, N, N, F, R)),
    ("group", "x25519", None, (A, R, R, R, D, N)),
    ("group", "secp256r1", None, (R, R, R, R, R, R)),
    ("group", "secp521r1", None, (R, N, N, N, R, R)),
    ("group", "x25519mlkem768", None, (N, R, R, N, N, N)),
    ("group", "brainpoolp256r1", None, (A, N, N, N, A, R)),
    ("group", "ffdhe2048", None, (A, N, N, N, A, N)),
    ("group", "ffdhe3072", None, (A, N, N, N, A, R)),
    ("group", "sect233k1", None, (F, N, N, N, F, N)),
]
JUDGES = ("anssi", "mozilla-modern", "mozilla-intermediate", "mozilla-old", "nist-800-52r2")


@pytest.mark.parametrize(("kind", "name", "version", "levels"), CELLS, ids=lambda c: str(c))
def test_cells_of_the_sources(
    kind: Kind, name: str, version: str | None, levels: tuple[str, ...]
) -> None:
    judged = tuple(
        level_of(BY_ID[each], kind, name, version) for each in (*JUDGES, "bsi-tr-02102-2")
    )
    assert judged == levels


def test_pkcs1_depends_on_the_version_for_anssi() -> None:
    anssi = BY_ID["anssi"]
    assert level_of(anssi, "signature_algorithm", "rsa_pkcs1_sha256", "TLS 1.2") == "accepted"
    assert level_of(anssi, "signature_algorithm", "rsa_pkcs1_sha256", "TLS 1.3") == "forbidden"
    assert level_of(anssi, "signature_algorithm", "rsa_pss_rsae_sha256", "TLS 1.3") == "recommended"


@pytest.mark.parametrize("name", ["TLS_DH_anon_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_NULL_SHA"])
def test_pci_wants_strong_cryptography(name: str) -> None:
    assert level_of(BY_ID["pci-dss-4"], "suite", name) == "forbidden"


def test_pci_degrades_three_des_and_accepts_the_rest() -> None:
    pci = BY_ID["pci-dss-4"]
    assert level_of(pci, "suite", "TLS_RSA_WITH_3DES_EDE_CBC_SHA") == "degraded"
    assert level_of(pci, "suite", "TLS_RSA_WITH_AES_128_CBC_SHA") == "accepted"


def test_what_is_none_of_a_policys_business_is_not_judged() -> None:
    assert judge_one(BY_ID["mozilla-modern"], "signature_algorithm", "rsa_pkcs1_sha1") is None


# -- the judge ---------------------------------------------------------------------------

SERVER = (
    SurveyedVersion(
        version="TLS 1.2",
        suites=("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"),
        groups=("x25519",),
        signature_algorithms=("rsa_pkcs1_sha256",),
        dh_bits=(1024,),
    ),
)
CERTIFICATE = SurveyedCertificate(
    for_name=None,
    matches=None,
    key="RSA",
    bits=2048,
    curve=None,
    subject="",
    issuer="",
    names=(),
    not_before=None,
    not_after=None,
    signature_hash=None,
    self_signed=False,
    chain_length=1,
    sha256="",
)


def test_a_whole_server_is_judged_by_its_worst() -> None:
    verdict = judge(BY_ID["anssi"], SERVER, (CERTIFICATE,))
    levels = {each.name: each.level for each in verdict.judged}
    assert levels == {
        "TLS 1.2": "accepted",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "recommended",
        "TLS_RSA_WITH_AES_128_CBC_SHA": "forbidden",
        "x25519": "accepted",
        "dh-1024": "forbidden",
        "rsa_pkcs1_sha256": "accepted",
        "RSA 2048": "accepted",
    }
    assert verdict.level == "forbidden"
    assert verdict.counts == {"recommended": 1, "accepted": 4, "forbidden": 2}
    assert all(each.reference for each in verdict.judged)


def test_what_a_policy_demands_is_missed() -> None:
    verdict = judge(BY_ID["nist-800-52r2"], SERVER)
    assert [m.partition(" (")[0] for m in verdict.missing] == ["TLS 1.3", "secp256r1 or secp384r1"]


def test_policies_disagree_on_chacha20() -> None:
    told = {each.name: each.levels for each in disagreements(POLICIES, SERVER)}
    levels = told["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"]
    assert (levels["anssi"], levels["nist-800-52r2"]) == ("recommended", "forbidden")
    assert "TLS 1.3" not in told
