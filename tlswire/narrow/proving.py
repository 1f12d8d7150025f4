"""Which cause of the catalogue the smallest change proves: by the field that it changes, and how.

A change that fits no row proves no cause, and is told as a change alone. Sends nothing.
"""

from __future__ import annotations

from typing import Final

from tlswire.codes import ExtensionType, Suite, is_hybrid
from tlswire.experiments.changes import AMBIGUOUS, TINY
from tlswire.experiments.kinds import authentications, kinds_of
from tlswire.narrow.differences import Difference
from tlswire.narrow.mixing import SIZE
from tlswire.narrow.narrowing import Narrowing
from tlswire.variants.listings import numbers
from tlswire.variants.shape import Shape

#: A name that must not be asked for, by how it is stopped.
OF_NAMES: Final[dict[str, str]] = {"rst": "sni-filter-rst-injected", "silence": "sni-filter-drop"}
#: By how the failing hello differs (it has, lacks, or holds another value), and in which field.
OF_FIELDS: Final[dict[tuple[str, str], str]] = {
    ("value", "records"): "ch-record-fragmentation-unsupported",
    ("has", "grease"): "grease-intolerance",
    ("has", "supported_versions"): "version-intolerance",
    ("lacks", "supported_versions"): "version-client-too-old",
    ("lacks", "supported_groups"): "groups-no-overlap",
    ("has", "application_layer_protocol_negotiation"): "alpn-no-overlap",
}
#: The same for a member of a list: an extension, or a signalling suite, by its number.
OF_EXTENSIONS: Final[dict[tuple[str, int], str]] = {
    ("has", Suite.TLS_FALLBACK_SCSV): "fallback-scsv",
    ("has", ExtensionType.application_layer_protocol_negotiation): "alpn-no-overlap",
    ("has", ExtensionType.encrypted_client_hello): "ech-blocked",
    ("has", ExtensionType.key_share): "version-intolerance",
    ("has", ExtensionType.session_ticket): "ticket-not-shared",
    ("lacks", ExtensionType.server_name): "sni-missing",
    ("lacks", ExtensionType.extended_master_secret): "ems-required",
    ("lacks", ExtensionType.supported_groups): "ec-extensions-missing",
    ("lacks", ExtensionType.ec_point_formats): "ec-extensions-missing",
}


def proved_by(found: Narrowing, difference: Difference) -> str | None:
    """Return the id of the cause that a change proves when it passes, where there is one."""
    toggle = difference.toggles[0]
    if found.is_means(difference):
        return "pq-client-hello-too-big" if _has_hybrid(found.bad) else None
    if toggle == SIZE:
        return "ch-length-256-511" if found.bad.size in AMBIGUOUS else None
    if difference.field == "segments":
        tiny = difference.member == "first segment" and found.bad.segments[:1] < (TINY,)
        return "ch-first-segment-tiny" if tiny else "pq-client-hello-too-big"
    if difference.field == "server_name" and toggle.way == "has":
        how = found.bench.first.seen.ending.how or ""
        return OF_NAMES.get(how, "sni-unknown")
    if difference.field == "cipher_suites" and toggle.way == "lacks":
        return _of_suite(found, difference)
    if difference.field == "signature_algorithms" and toggle.way == "lacks":
        return _of_scheme(found, difference)
    if difference.field == "supported_groups" and toggle.way == "has":
        return "pq-group-refused" if is_hybrid(difference.code or 0) else None
    return OF_EXTENSIONS.get((toggle.way, difference.code or 0)) or OF_FIELDS.get(
        (toggle.way, difference.field)
    )


def _has_hybrid(shape: Shape) -> bool:
    offered = numbers(ExtensionType.supported_groups, shape.body(ExtensionType.supported_groups))
    return any(map(is_hybrid, offered))


def _of_suite(found: Narrowing, difference: Difference) -> str:
    added = authentications([difference.code or 0])
    offered = authentications(found.bad.suites)
    other = bool(added and offered) and not added & offered
    return "ecdsa-cert-rsa-client" if other else "cipher-no-overlap"


def _of_scheme(found: Narrowing, difference: Difference) -> str:
    schemes = ExtensionType.signature_algorithms
    offered = kinds_of(numbers(schemes, found.bad.body(schemes)))
    other = offered == {"RSA"} and kinds_of([difference.code or 0]) == {"ECDSA"}
    return "ecdsa-cert-rsa-client" if other else "sigalgs-no-overlap"
