"""Policies: the tables against counts and cells of the sources, and one judge."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import ROOT

from tlswire.codes import GROUPS, SIGNATURE_SCHEMES
from tlswire.policies import BY_ID, POLICIES, disagreements, expand, judge, judge_one, level_of
from tlswire.policies.configuration import TRAITS
from tlswire.policies.policy import Kind, Policy
from tlswire.suites import SUITES
from tlswire.surveyed import Features, SurveyedCertificate, SurveyedVersion

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
    files = {path.stem for path in folder.glob("*.py")} - {
        *("__init__", "configuration", "judge", "policy")
    }
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
    ("bsi-tr-02102-2", "degraded", 26),  # TLS_PSK_*,
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


#: Cells of PCI DSS: what its texts name, and what they do not reach.
PCI_CELLS: list[tuple[Kind, str, str]] = [
    ("version", "TLS 1.3", A),
    ("version", "TLS 1.2", A),
    ("version", "TLS 1.1", D),
    ("version", "TLS 1.0", F),
    ("version", "SSL 3.0", F),
    ("suite", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", A),
    ("suite", "TLS_RSA_WITH_AES_128_CBC_SHA", A),
    ("suite", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", D),
    ("suite", "TLS_CHACHA20_POLY1305_SHA256", N),
    ("suite", "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", N),
    ("suite", "TLS_RSA_WITH_RC4_128_SHA", F),
    ("suite", "TLS_DH_anon_WITH_AES_128_CBC_SHA", F),
    ("suite", "TLS_RSA_WITH_NULL_SHA", F),
    ("suite", "TLS_RSA_WITH_DES_CBC_SHA", F),
    ("group", "secp256r1", A),
    ("group", "secp192r1", F),
    ("group", "ffdhe2048", A),
    ("group", "dh-2048", A),
    ("group", "dh-1024", F),
    ("group", "x25519mlkem768", N),
    ("signature_algorithm", "rsa_pkcs1_sha256", A),
    ("signature_algorithm", "rsa_pkcs1_sha1", F),
]


@pytest.mark.parametrize(("kind", "name", "level"), PCI_CELLS)
def test_cells_of_pci(kind: Kind, name: str, level: str) -> None:
    assert level_of(BY_ID["pci-dss-4"], kind, name) == level


#: Sizes of DHE's primes: 1024, 2048, 3072 bits.
PRIMES = [
    ("anssi", (F, A, A)),
    ("nist-800-52r2", (N, N, N)),
    ("bsi-tr-02102-2", (F, F, R)),
    ("mozilla-old", (R, R, R)),
    ("mozilla-intermediate", (N, N, N)),
]


@pytest.mark.parametrize(("policy", "levels"), PRIMES)
def test_primes_of_the_sources(policy: str, levels: tuple[str, ...]) -> None:
    sizes = ("dh-1024", "dh-2048", "dh-3072")
    assert tuple(level_of(BY_ID[policy], "group", size) for size in sizes) == levels


def test_bsi_recommends_pkcs1_no_longer_and_in_tls12_only() -> None:
    bsi = BY_ID["bsi-tr-02102-2"]
    assert level_of(bsi, "signature_algorithm", "rsa_pkcs1_sha256", "TLS 1.2") == "degraded"
    assert level_of(bsi, "signature_algorithm", "rsa_pkcs1_sha256", "TLS 1.3") == "not_mentioned"


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


def test_a_curve_is_demanded_only_where_curves_are_used() -> None:
    """SP 800-52r2 3.4.2.2: when elliptic curve cipher suites are configured."""
    nist = BY_ID["nist-800-52r2"]
    lacking = [
        any("secp256r1" in missing for missing in judge(nist, (version,)).missing)
        for version in (
            SurveyedVersion(version="TLS 1.2", suites=("TLS_RSA_WITH_AES_128_CBC_SHA",), groups=()),
            SurveyedVersion(version="TLS 1.3", suites=(), groups=("x25519",)),
            SurveyedVersion(version="TLS 1.3", suites=(), groups=None),
        )
    ]
    assert lacking == [False, True, False]


def test_policies_disagree_on_chacha20() -> None:
    told = {each.name: each.levels for each in disagreements(POLICIES, SERVER)}
    levels = told["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"]
    assert (levels["anssi"], levels["nist-800-52r2"]) == ("recommended", "forbidden")
    assert "TLS 1.3" not in told


# -- features ----------------------------------------------------------------------------

ALL_THERE = Features(
    compression=("DEFLATE",),
    alpn=("h2",),
    session_ticket=True,
    psk_resumption=True,
    secure_renegotiation=True,
    client_renegotiation=True,
    extended_master_secret=True,
    encrypt_then_mac=True,
    truncated_hmac=True,
    fallback_scsv=True,
    heartbeat=True,
    ocsp_staple=True,
    early_data=16384,
    record_size_limit=16385,
    max_fragment_length=True,
)
NOTHING_THERE = Features(
    compression=(),
    alpn=(),
    session_ticket=False,
    psk_resumption=False,
    secure_renegotiation=False,
    client_renegotiation=False,
    extended_master_secret=False,
    encrypt_then_mac=False,
    truncated_hmac=False,
    fallback_scsv=False,
    heartbeat=False,
    ocsp_staple=False,
    early_data=0,
    max_fragment_length=False,
)
#: Cells of the sources: a feature, then what ANSSI, NIST and BSI say where it is, and where not.
Cell = tuple[str | None, str | None]
FEATURES: list[tuple[str, Cell, Cell, Cell]] = [
    ("extended_master_secret", (R, D), (R, "missing"), (R, D)),
    ("encrypt_then_mac", (R, D), (R, "missing"), (R, D)),
    ("renegotiation_info", (R, D), (R, "missing"), (R, D)),
    ("client-initiated renegotiation", (None, None), (None, None), (D, None)),
    ("compression", (None, None), (F, None), (D, None)),
    ("truncated_hmac", (D, None), (A, None), (D, None)),
    ("heartbeat", (D, None), (None, None), (D, None)),
    ("status_request", (A, None), (R, "missing"), (None, None)),
    ("early_data", (D, None), (D, None), (None, None)),
    ("session_ticket", (A, None), (None, None), (None, None)),
    ("pre_shared_key", (A, None), (A, None), (R, None)),
    ("max_fragment_length", (D, None), (None, None), (None, None)),
    ("record_size_limit", (A, None), (None, None), (None, None)),
    ("application_layer_protocol_negotiation", (A, None), (None, None), (None, None)),
]
OLD_SERVER = (SurveyedVersion(version="TLS 1.2", suites=("TLS_RSA_WITH_AES_128_CBC_SHA",)),)
STAPLER = msgspec.structs.replace(CERTIFICATE, ocsp=True)


@pytest.mark.parametrize(("feature", "anssi", "nist", "bsi"), FEATURES, ids=lambda f: str(f))
def test_features_of_the_sources(feature: str, anssi: Cell, nist: Cell, bsi: Cell) -> None:
    for policy, levels in (("anssi", anssi), ("nist-800-52r2", nist), ("bsi-tr-02102-2", bsi)):
        for features, level in zip((ALL_THERE, NOTHING_THERE), levels, strict=True):
            verdict = judge(BY_ID[policy], OLD_SERVER, (STAPLER,), features)
            told = {j.name.removeprefix("no "): j.level for j in verdict.judged}
            missing = {m.partition(" (")[0] for m in verdict.missing}
            assert ("missing" if feature in missing else told.get(feature)) == level, policy


def test_every_trait_of_a_policy_can_be_judged() -> None:
    named = {trait.name for policy in POLICIES for trait in policy.traits}
    assert named == set(TRAITS)


def test_what_was_not_asked_for_is_not_judged() -> None:
    for policy in POLICIES:
        judged = judge(policy, OLD_SERVER, (STAPLER,)).judged
        assert {j.name for j in judged if j.kind == "feature"} == set()


def test_a_fallback_matters_only_below_tls13() -> None:
    """SP 800-52r2 3.4.2.1: where older than TLS 1.2 is taken, and TLS 1.3 is not."""
    nist = BY_ID["nist-800-52r2"]
    taken = {
        versions: judge(
            nist, tuple(SurveyedVersion(version=v, suites=()) for v in versions), (), NOTHING_THERE
        )
        for versions in (("TLS 1.2", "TLS 1.0"), ("TLS 1.3", "TLS 1.0"), ("TLS 1.2",))
    }
    demanded = [any("SCSV" in m for m in verdict.missing) for verdict in taken.values()]
    assert demanded == [True, False, False]


def test_a_staple_is_asked_only_of_a_certificate_that_can_have_one() -> None:
    nist = BY_ID["nist-800-52r2"]
    without, with_one = (
        judge(nist, OLD_SERVER, (shown,), NOTHING_THERE) for shown in (CERTIFICATE, STAPLER)
    )
    assert not any("status_request" in m for m in without.missing)
    assert any("status_request" in m for m in with_one.missing)


def test_a_certificate_is_judged_by_its_signature_too() -> None:
    weak = msgspec.structs.replace(CERTIFICATE, signature_hash="sha1")
    levels = {
        policy: [j.level for j in judge(BY_ID[policy], SERVER, (weak,)).judged if "sha1" in j.name]
        for policy in ("anssi", "nist-800-52r2", "bsi-tr-02102-2")
    }
    assert levels == {
        "anssi": ["forbidden"],
        "nist-800-52r2": ["forbidden"],
        "bsi-tr-02102-2": [],
    }


def test_pci_wants_certificates_that_are_trusted() -> None:
    levels = [
        next(
            j.level for j in judge(BY_ID["pci-dss-4"], SERVER, (shown,)).judged if "trust" in j.name
        )
        for shown in (
            msgspec.structs.replace(CERTIFICATE, trusted=True),
            msgspec.structs.replace(CERTIFICATE, trusted=False, fault="it has expired"),
        )
    ]
    assert levels == ["accepted", "forbidden"]


# -- Mozilla's own data ------------------------------------------------------------------

CURVES = {"X25519": "x25519", "prime256v1": "secp256r1", "secp384r1": "secp384r1"}
KEYS = {"ecdsa": "EC", "rsa": "RSA"}
#: What the generator changed after guidelines 5.7: no DHE since 5.8, the hybrid group in 6.0.
CHANGED = {
    "mozilla-modern": {"x25519mlkem768"},
    "mozilla-intermediate": {
        "x25519mlkem768",
        "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    },
    "mozilla-old": set(),
}


@pytest.fixture(scope="module")
def guidelines() -> dict[str, Any]:
    """Mozilla's guidelines 5.7, as sslyze ships them."""
    places = (ROOT / ".venv-peers").glob("lib/python*/site-packages/sslyze/mozilla_tls_profile")
    for place in places:
        found = json.loads((place / "5.7.json").read_text())
        return dict(found["configurations"])
    pytest.skip("sslyze, which brings Mozilla's guidelines, is not installed")


@pytest.mark.parametrize("name", ["modern", "intermediate", "old"])
def test_mozillas_tables_are_mozillas(guidelines: dict[str, Any], name: str) -> None:
    policy, given = BY_ID[f"mozilla-{name}"], guidelines[name]
    ours: dict[Kind, set[str]] = {
        kind: {n for row in rows for n in expand(row.names)} for kind, rows in policy.rows.items()
    }
    versions = {f"TLS_{v.removeprefix('TLSv')}" for v in given["tls_versions"]}
    assert {v.replace("TLS_1.0", "TLS_1") for v in ours["version"]} == versions
    suites = {*given["ciphersuites"], *given["ciphers"]["iana"]}
    assert ours["suite"] ^ suites <= CHANGED[policy.id]
    groups = {CURVES[curve] for curve in given["tls_curves"]}
    assert {g.lower() for g in ours["group"]} ^ groups <= CHANGED[policy.id]


@pytest.mark.parametrize("name", ["modern", "intermediate", "old"])
def test_mozillas_certificates_are_mozillas(guidelines: dict[str, Any], name: str) -> None:
    policy, given = BY_ID[f"mozilla-{name}"], guidelines[name]
    keys = {key.key: key for key in policy.keys if key.key != "DH"}
    assert set(keys) == {KEYS[kind] for kind in given["certificate_types"]}
    if "RSA" in keys:
        assert keys["RSA"].bits == given["rsa_key_size"]
    if "EC" in keys:
        assert keys["EC"].curves.split() == [CURVES[c] for c in given["certificate_curves"]]
        assert keys["EC"].bits == given["ecdh_param_size"]
    hashes = {
        re.sub(r"(?i).*(sha\d+).*", r"\1", s).lower() for s in given["certificate_signatures"]
    }
    assert {h for row in policy.hashes for h in expand(row.names)} == hashes
    assert policy.longest is not None
    assert policy.longest.days == given["maximum_certificate_lifespan"]
    traits = {trait.name: trait for trait in policy.traits}
    assert (traits["status_request"].there == "recommended") is given["ocsp_staple"]
    order = traits["server's order of suites"]
    assert (order.there == "recommended") is given["server_preferred_order"]
    primes = [key.bits for key in policy.keys if key.key == "DH"]
    assert primes in ([given["dh_param_size"]], [])  # none where DHE itself was dropped
