"""The table of all causes, and their pages. Order decides between causes that fit equally well."""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from tlswire.causes.case import CauseModule
from tlswire.errors import SelectionError
from tlswire.language import say
from tlswire.offer import Offer
from tlswire.remedies import settings
from tlswire.result import Remedy

#: Every cause, in the order of the handshake: the id is the name of the file. A test keeps the
#: table equal to the folder.
ORDER: Final[tuple[str, ...]] = (
    # TCP and the way
    "tcp-syn-filtered",
    "tcp-syn-rejected",
    "tcp-synack-lost",
    "tcp-port-reuse",
    "tfo-syn-data-drop",
    "tcp-asymmetric-routing",
    "tcp-accept-queue-full",
    "idle-timeout-before-handshake",
    "mtu-blackhole-client-hello",
    "mtu-blackhole-server-flight",
    "sni-filter-rst-injected",
    "sni-filter-drop",
    "ids-reset-both-sides",
    "app-id-policy-drop",
    "lb-tcp-accept-no-member",
    "monitor-differs-from-data",
    "tcp-corruption-or-offload",
    "tcp-option-stripped-window-scale",
    "conntrack-invalid-rst",
    "tls-proxy-relay-closes",
    "quic-fallback-only",
    # not TLS on one side
    "http-to-tls-port",
    "tls-to-http-port",
    "server-speaks-first",
    "starttls-expected",
    "explicit-proxy-mismatch",
    "proxy-protocol-missing",
    "proxy-protocol-unexpected",
    "wrong-host-or-dnat",
    # the ClientHello refused
    "version-client-too-old",
    "version-server-too-old",
    "version-intolerance",
    "fallback-scsv",
    "sslv2-compat-hello",
    "cipher-no-overlap",
    "suite-version-mismatch",
    "suite-list-intolerance",
    "groups-no-overlap",
    "key-share-inconsistent",
    "ec-extensions-missing",
    "hrr-broken",
    "sigalgs-no-overlap",
    "ecdsa-cert-rsa-client",
    "sni-missing",
    "sni-unknown",
    "sni-bad-form",
    "alpn-no-overlap",
    "psk-or-national-profile",
    "ems-required",
    "malformed-client-hello",
    "ch-record-fragmentation-unsupported",
    "ch-first-segment-tiny",
    "ch-length-256-511",
    "pq-client-hello-too-big",
    "pq-group-refused",
    "grease-intolerance",
    "ch-last-extension-empty",
    "ech-blocked",
    "early-data-replay-refused",
    "server-no-usable-key",
    "server-abrupt-eof",
    "server-stall",
    "server-crypto-saturated",
    "client-timeout",
    "server-handshake-timeout",
    "pool-member-differs",
    "lb-limits",
    "lb-server-side-profile",
    "ssl-inspection-unsupported-parameter",
    # the ServerHello refused
    "legacy-renegotiation-refused",
    "tls13-downgrade-sentinel",
    "tls13-middlebox-intolerance",
    "tls13-compat-ccs-missing",
    "dpi-drops-server-flight",
    "dh-too-small",
    "dh-too-big-java7",
    # the server's certificate
    "cert-expired",
    "cert-untrusted-root",
    "cert-missing-intermediate",
    "cert-wrong-intermediate-or-order",
    "ssl-inspection-resign-as-untrusted",
    "ssl-inspection-untrusted-ca",
    "pinning-vs-inspection",
    "ssl-inspection-cert-validation",
    "cert-name-mismatch",
    "cert-default-vhost",
    "url-filter-block-page",
    "cert-weak",
    "cert-key-usage",
    "cert-type-unsupported",
    "cert-too-large",
    "clock-skew",
    "cert-revoked-or-revocation-unreachable",
    "ocsp-must-staple",
    "ct-required",
    # the client's certificate
    "mtls-client-sends-empty",
    "ssl-inspection-breaks-mtls",
    "mtls-lb-terminates",
    "mtls-cert-rejected",
    "mtls-incomplete-client-chain",
    "mtls-client-key-mismatch",
    "mtls-ca-list-truncated",
    "sigalgs-client-cert",
    # keys and sessions
    "server-key-mismatch",
    "bad-record-mac",
    "ticket-not-shared",
    # after the handshake
    "renegotiation-for-client-auth",
    "sni-host-mismatch",
    "close-without-notify",
)


def _load(cause_id: str) -> CauseModule:
    """Return the file of a cause; that each is whole, a test sees to."""
    return cast(CauseModule, import_module(f"tlswire.causes.{cause_id.replace('-', '_')}"))


CAUSES: Final[tuple[CauseModule, ...]] = tuple(_load(cause_id) for cause_id in ORDER)


def cause(cause_id: str) -> CauseModule:
    """Return the cause of that id. Raises SelectionError when there is none."""
    for known in CAUSES:
        if cause_id == known.ID:
            return known
    near = [known.ID for known in CAUSES if cause_id.lower() in known.ID]
    if not cause_id or not near:
        raise SelectionError(say("no cause is called {name!r}", name=cause_id))
    told = say(
        "no cause is called {name!r}; do you mean {near}?", name=cause_id, near=", ".join(near[:5])
    )
    raise SelectionError(told)


def remedies(cause_id: str, offer: Offer | None = None) -> tuple[Remedy, ...]:
    """Return what helps against a cause, with the settings that admit the client of an offer."""
    general = (cited.remedy for cited in cause(cause_id).REMEDIES)
    return (*general, *settings(cause_id, offer))


def page(cause_id: str) -> str:
    """Return the page of a cause: its docstring, then its remedies by whom they are for."""
    known = cause(cause_id)
    told = [f"- {remedy.who.replace('_', ' ')}: {remedy.text}" for remedy in remedies(cause_id)]
    text = (known.__doc__ or "").strip()
    return "\n".join([known.ID, "=" * len(known.ID), "", text, "", "Remedies:", *told]) + "\n"
