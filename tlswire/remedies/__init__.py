"""Settings that can be pasted: for each cause, how each product is told to admit this client.

Filled in from the case: the suites, groups and versions that this client offers, as the product
spells them, with the price of accepting them said first. What is broken is never recommended:
there the client is to be updated. Text of the wire enters a setting only as a proper host name.

    setting.py     what a row is
    needs.py       what the client needs, and what that costs
    spelling.py    how products spell it
    blanks.py      what the blanks of a row are filled with
    cipher_lists.py versions.py groups.py names.py certificates.py ways.py boxes.py  the tables
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from tlswire.language import say
from tlswire.result import Remedy

if TYPE_CHECKING:
    from tlswire.offer import Offer
    from tlswire.remedies.setting import Setting


class Topic(NamedTuple):
    """A table of settings, by the module that holds it, and what its blanks are filled with."""

    module: str
    table: str
    blanks: str = "nothing"


#: The tables that help against a cause; first what helps most.
TOPICS: Final[dict[str, tuple[Topic, ...]]] = {
    "cipher-no-overlap": (
        Topic("cipher_lists", "UP_TO_TLS12", "suites"),
        Topic("cipher_lists", "TLS13", "suites of TLS 1.3"),
    ),
    "suite-version-mismatch": (Topic("cipher_lists", "UP_TO_TLS12", "suites"),),
    "ecdsa-cert-rsa-client": (Topic("groups", "TWO_CERTIFICATES", "keys"),),
    "version-client-too-old": (
        Topic("versions", "OF_CLIENTS"),
        Topic("versions", "VERSIONS", "highest version"),
        Topic("versions", "OLD_SIGNATURES", "sha1 version"),
    ),
    "version-server-too-old": (Topic("versions", "VERSIONS", "lowest version"),),
    "groups-no-overlap": (Topic("groups", "GROUPS", "groups"),),
    "hrr-broken": (Topic("groups", "GROUPS", "groups"),),
    "sigalgs-no-overlap": (
        Topic("groups", "TWO_CERTIFICATES", "keys"),
        Topic("groups", "SCHEMES", "schemes"),
    ),
    "pq-client-hello-too-big": (Topic("groups", "WITHOUT_HYBRIDS"),),
    "pq-group-refused": (
        Topic("groups", "WITHOUT_HYBRIDS"),
        Topic("boxes", "EXEMPTIONS"),
    ),
    "sni-unknown": (Topic("names", "VIRTUAL_HOSTS", "name"),),
    "sni-missing": (Topic("names", "OF_CLIENTS"), Topic("names", "DEFAULT_HOST")),
    "cert-default-vhost": (Topic("names", "VIRTUAL_HOSTS", "name"), Topic("names", "OF_CLIENTS")),
    "sni-host-mismatch": (Topic("names", "OF_CLIENTS"),),
    "lb-server-side-profile": (Topic("names", "OF_CLIENTS"), Topic("certificates", "AT_CLIENTS")),
    "alpn-no-overlap": (Topic("names", "APPLICATION_PROTOCOLS"),),
    "cert-missing-intermediate": (Topic("certificates", "CHAIN"),),
    "cert-wrong-intermediate-or-order": (Topic("certificates", "CHAIN"),),
    "cert-untrusted-root": (Topic("certificates", "TRUST"),),
    "ssl-inspection-untrusted-ca": (
        Topic("certificates", "TRUST"),
        Topic("boxes", "EXEMPTIONS"),
    ),
    "ocsp-must-staple": (Topic("certificates", "STAPLING"),),
    "mtls-client-sends-empty": (
        Topic("certificates", "AT_CLIENTS"),
        Topic("certificates", "OF_CLIENTS"),
    ),
    "mtls-cert-rejected": (
        Topic("certificates", "OF_CLIENTS"),
        Topic("certificates", "AT_CLIENTS"),
    ),
    "mtls-incomplete-client-chain": (Topic("certificates", "AT_CLIENTS"),),
    "mtls-lb-terminates": (Topic("certificates", "AT_CLIENTS"),),
    "mtu-blackhole-client-hello": (Topic("ways", "SEGMENT_SIZES"),),
    "mtu-blackhole-server-flight": (Topic("ways", "SEGMENT_SIZES"),),
    "proxy-protocol-missing": (Topic("ways", "PROXY_EXPECTED"),),
    "proxy-protocol-unexpected": (Topic("ways", "PROXY_EXPECTED"),),
    "ticket-not-shared": (Topic("ways", "TICKETS"),),
    "dh-too-small": (Topic("ways", "DIFFIE_HELLMAN"),),
    "legacy-renegotiation-refused": (Topic("ways", "SECURE_RENEGOTIATION"),),
    "ems-required": (Topic("ways", "EXTENDED_MASTER_SECRET"),),
    "tcp-syn-filtered": (Topic("boxes", "RULES"), Topic("boxes", "STATE")),
    "tcp-syn-rejected": (Topic("boxes", "RULES"),),
    "tcp-synack-lost": (Topic("boxes", "STATE"), Topic("boxes", "RULES")),
    "tcp-asymmetric-routing": (Topic("boxes", "STATE"),),
    "conntrack-invalid-rst": (Topic("boxes", "STATE"),),
    "idle-timeout-before-handshake": (Topic("boxes", "IDLE_TIMES"),),
    "sni-filter-rst-injected": (Topic("boxes", "RULES"),),
    "sni-filter-drop": (Topic("boxes", "RULES"),),
    "ids-reset-both-sides": (Topic("boxes", "RULES"),),
    "app-id-policy-drop": (Topic("boxes", "RULES"),),
    "dpi-drops-server-flight": (Topic("boxes", "RULES"),),
    "url-filter-block-page": (Topic("boxes", "RULES"),),
    "ech-blocked": (Topic("boxes", "RULES"),),
    "lb-tcp-accept-no-member": (Topic("boxes", "MEMBERS"),),
    "pool-member-differs": (Topic("boxes", "MEMBERS"),),
    "monitor-differs-from-data": (Topic("boxes", "MEMBERS"),),
    "wrong-host-or-dnat": (Topic("boxes", "MEMBERS"),),
    "lb-limits": (Topic("boxes", "LIMITS"),),
    "server-crypto-saturated": (Topic("boxes", "LIMITS"),),
    "server-handshake-timeout": (Topic("boxes", "HANDSHAKE_TIMES"),),
    "client-timeout": (Topic("boxes", "HANDSHAKE_TIMES"),),
    "tcp-accept-queue-full": (Topic("boxes", "BACKLOG"),),
    "ssl-inspection-resign-as-untrusted": (Topic("boxes", "EXEMPTIONS"),),
    "ssl-inspection-unsupported-parameter": (Topic("boxes", "EXEMPTIONS"),),
    "ssl-inspection-cert-validation": (Topic("boxes", "EXEMPTIONS"),),
    "ssl-inspection-breaks-mtls": (Topic("boxes", "EXEMPTIONS"),),
    "pinning-vs-inspection": (Topic("boxes", "EXEMPTIONS"),),
    "tls13-middlebox-intolerance": (Topic("boxes", "EXEMPTIONS"),),
    "tls13-downgrade-sentinel": (Topic("boxes", "EXEMPTIONS"),),
    "cert-expired": (Topic("boxes", "RENEWAL"),),
    "cert-name-mismatch": (Topic("boxes", "RENEWAL"), Topic("names", "VIRTUAL_HOSTS", "name")),
    "cert-weak": (Topic("boxes", "RENEWAL"),),
    "server-key-mismatch": (Topic("boxes", "KEYS"), Topic("boxes", "RENEWAL")),
    "server-no-usable-key": (Topic("boxes", "KEYS"),),
    "clock-skew": (Topic("boxes", "CLOCKS"),),
    "cert-revoked-or-revocation-unreachable": (
        Topic("boxes", "REVOCATION"),
        Topic("certificates", "STAPLING"),
    ),
}


def settings(cause_id: str, offer: Offer | None) -> tuple[Remedy, ...]:
    """Return the settings against a cause for the client that made this offer, the price first.

    Without an offer the blanks stay blanks, in capitals.
    """
    return tuple(remedy for topic in TOPICS.get(cause_id, ()) for remedy in _of(topic, offer))


def _of(topic: Topic, offer: Offer | None) -> Iterator[Remedy]:
    from tlswire.remedies import blanks

    filled = blanks.fill(topic.blanks, offer)
    if filled.warning is not None:
        yield Remedy(who="client", text=filled.warning)
    if filled.admits:
        for row in _table(topic):
            line = _written(row.line, filled.words)
            if line is not None:
                text = say("{product}: {setting}", product=say(row.product), setting=line)
                yield Remedy(who=row.who, text=text, product=row.product, setting=line)


def _table(topic: Topic) -> Iterable[Setting]:
    from importlib import import_module

    table: tuple[Setting, ...] = getattr(
        import_module(f"tlswire.remedies.{topic.module}"), topic.table
    )
    return table


def _written(line: str, words: dict[str, str | None]) -> str | None:
    """Return a line with its blanks filled; None where the product has no word for one."""
    missing = any(f"{{{blank}}}" in line for blank, word in words.items() if not word)
    return None if missing else line.format_map(words)
