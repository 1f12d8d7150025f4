"""Experiments with what a hello offers to choose from: versions, suites, groups, schemes, shares.

Rows that change alike stand so that the one which changes less comes first.
"""

from __future__ import annotations

from typing import Final

from tlswire import variants
from tlswire.codes import Alert, ExtensionType
from tlswire.experiments import changes, kinds
from tlswire.experiments.changes import edit, way
from tlswire.experiments.controls import elsewhere
from tlswire.experiments.experiment import Experiment
from tlswire.experiments.offers import (
    COMMON_GROUPS,
    MORE_GROUPS,
    MORE_SCHEMES,
    SCHEMES,
)
from tlswire.experiments.situations import (
    alerted,
    both,
    contradicts_itself,
    either,
    falls_back,
    gave_up_signing,
    in_ssl2_format,
    leaves_shares_out,
    mute,
    names_no_scheme,
    no_tls13,
    offers_older,
    only_old,
    only_tls13,
    refused,
    refused_suites,
    sends_stray_shares,
    went_on_in_tls12,
)

#: Refused for one thing that the alert names, or that the hello itself shows to be wrong.
NAMED: Final[tuple[Experiment, ...]] = (
    Experiment(
        "sslv2-compat-hello",
        "version",
        both(in_ssl2_format, either(refused, alerted(Alert.protocol_version))),
        way(variants.in_a_record),
        "the same offer in a record of TLS",
    ),
    Experiment(
        "suite-version-mismatch",
        "suites",
        both(contradicts_itself, either(refused, alerted(Alert.protocol_version))),
        edit(kinds.suites_of_its_versions),
        "cipher suites of a version that is offered",
        instead_of=("cipher-no-overlap",),
    ),
    Experiment(
        "key-share-inconsistent",
        "groups",
        both(sends_stray_shares, either(refused, alerted(Alert.decode_error))),
        edit(variants.listing_shares),
        "the groups listed of which key shares are sent",
    ),
    Experiment(
        "fallback-scsv",
        "suites",
        both(falls_back, either(alerted(Alert.inappropriate_fallback), refused)),
        edit(variants.fallback),
        "the fallback signal left out",
    ),
    Experiment(
        "alpn-no-overlap",
        "alpn",
        alerted(Alert.no_application_protocol),
        edit(variants.alpn),
        "no application protocol offered",
        controls=elsewhere(ExtensionType.application_layer_protocol_negotiation),
    ),
    Experiment(
        "version-client-too-old",
        "version",
        both(only_old, either(alerted(Alert.protocol_version), refused)),
        edit(variants.newer),
        "TLS 1.2 offered",
    ),
    Experiment(
        "malformed-client-hello",
        "extension",
        both(names_no_scheme, refused),
        edit(variants.schemes_for_tls13),
        "the signature algorithms said, as TLS 1.3 requires",
        instead_of=("sigalgs-no-overlap", "groups-no-overlap"),
    ),
    Experiment(
        "version-server-too-old",
        "version",
        either(alerted(Alert.protocol_version), refused),
        edit(variants.older),
        "TLS 1.1 and 1.0 offered as well",
    ),
    Experiment(
        "version-server-too-old",
        "version",
        both(only_tls13, either(alerted(Alert.protocol_version), refused)),
        changes.tls12_as_well,
        "TLS 1.2 offered as well",
        went_on_in_tls12,
    ),
    Experiment(
        "version-client-too-old",
        "version",
        both(no_tls13, either(alerted(Alert.protocol_version), both(only_old, refused))),
        edit(variants.tls13),
        "TLS 1.3 offered",
    ),
    Experiment(
        "ec-extensions-missing",
        "extension",
        alerted(Alert.missing_extension),
        edit(variants.required_by_tls13),
        "the extensions added that TLS 1.3 requires",
    ),
)

#: What few servers insist on: for those that refuse all that is common.
RARER: Final[tuple[Experiment, ...]] = (
    Experiment(
        "sigalgs-no-overlap",
        "signature_algorithms",
        either(refused, gave_up_signing),
        edit(lambda hello: variants.schemes(hello, SCHEMES + MORE_SCHEMES)),
        "rarer signature algorithms added",
    ),
    Experiment(
        "groups-no-overlap",
        "groups",
        refused,
        edit(lambda hello: variants.groups(hello, COMMON_GROUPS + MORE_GROUPS)),
        "rarer groups added",
    ),
    Experiment(
        "cipher-no-overlap",
        "suites",
        refused_suites,
        edit(kinds.rarer_suites),
        "rarer and older cipher suites added",
    ),
)

#: Refused, and nothing says for what.
UNNAMED: Final[tuple[Experiment, ...]] = (
    Experiment(
        "cipher-no-overlap",
        "suites",
        refused_suites,
        edit(kinds.one_suite),
        "one common cipher suite added",
        instead_of=("version-client-too-old",),
    ),
    Experiment(
        "cipher-no-overlap",
        "suites",
        refused_suites,
        edit(kinds.same_authentication),
        "common cipher suites added",
    ),
    Experiment(
        "ecdsa-cert-rsa-client",
        "signature_algorithms",
        either(refused, gave_up_signing),
        edit(kinds.schemes_of_ecdsa),
        "signature algorithms of ECDSA added",
    ),
    Experiment(
        "ecdsa-cert-rsa-client",
        "suites",
        both(offers_older, refused),
        edit(kinds.other_authentication),
        "cipher suites for the other kind of certificate added",
    ),
    Experiment(
        "key-share-inconsistent",
        "groups",
        refused,
        edit(changes.groups_of_its_shares),
        "the groups of its key shares listed as well",
    ),
    Experiment(
        "groups-no-overlap",
        "groups",
        refused,
        edit(lambda hello: variants.groups(hello, COMMON_GROUPS)),
        "common groups added",
        instead_of=("version-client-too-old",),
    ),
    Experiment(
        "sigalgs-no-overlap",
        "signature_algorithms",
        either(refused, gave_up_signing),
        edit(kinds.schemes_of_its_kind),
        "common signature algorithms added",
        instead_of=("version-client-too-old",),
    ),
    Experiment(
        "sigalgs-no-overlap",
        "signature_algorithms",
        either(refused, gave_up_signing),
        edit(kinds.schemes_of_rsa),
        "signature algorithms of RSA added",
    ),
    Experiment(
        "sigalgs-no-overlap",
        "suites",
        both(offers_older, refused),
        edit(kinds.other_kind_and_schemes),
        "cipher suites and signature algorithms for the other kind of certificate added",
        besides=("ecdsa-cert-rsa-client",),
    ),
    Experiment(
        "ec-extensions-missing",
        "extension",
        refused,
        edit(variants.elliptic_extensions),
        "the extensions added that elliptic-curve suites need",
        instead_of=("cipher-no-overlap", "version-client-too-old"),
    ),
    Experiment(
        "ems-required",
        "extension",
        refused,
        edit(variants.extended_master_secret),
        "extended_master_secret added",
        instead_of=("version-client-too-old",),
    ),
    Experiment(
        "legacy-renegotiation-refused",
        "extension",
        refused,
        edit(variants.renegotiation_info),
        "renegotiation_info added",
        instead_of=("version-client-too-old",),
    ),
    Experiment(
        "version-client-too-old",
        "version",
        both(no_tls13, refused),
        edit(variants.tls13),
        "TLS 1.3 offered",
    ),
    Experiment(
        "hrr-broken",
        "groups",
        both(leaves_shares_out, either(refused, mute())),
        edit(changes.share_of_each_group),
        "a key share of every usual group that is listed",
        instead_of=("version-intolerance",),
    ),
    *RARER,
    Experiment(
        "server-no-usable-key",
        "suites",
        gave_up_signing,
        edit(kinds.without_ecdsa),
        "the cipher suites for certificates of ECDSA left out",
    ),
    Experiment(
        "server-no-usable-key",
        "suites",
        gave_up_signing,
        edit(kinds.without_rsa),
        "the cipher suites for certificates of RSA left out",
    ),
)
