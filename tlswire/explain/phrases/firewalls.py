"""PAN-OS, FortiOS, Cisco ASA and Check Point: why a session ended."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        "policy-deny",
        "way",
        "client_hello",
        "PAN-OS: a rule denied the session, perhaps once the application was known",
        ("app-id-policy-drop",),
    ),
    Phrase(
        "decrypt-cert-validation",
        "way",
        "certificate",
        "PAN-OS: the inspecting box did not accept the certificate of the server",
        ("ssl-inspection-untrusted-ca",),
    ),
    Phrase(
        "decrypt-unsupport-param",
        "way",
        "client_hello",
        "PAN-OS: the inspecting box does not support what was offered",
        ("cipher-no-overlap", "pq-group-refused"),
    ),
    Phrase(
        "decrypt-error",
        "way",
        "client_hello",
        "PAN-OS: decryption failed for another reason",
        ("ssl-inspection-untrusted-ca",),
    ),
    Phrase(
        "tcp-rst-from-client",
        "peer",
        "client_hello",
        "PAN-OS: the client reset, as the box saw it",
        ("client-timeout",),
    ),
    Phrase(
        "tcp-rst-from-server",
        "peer",
        "client_hello",
        "PAN-OS: the server reset, as the box saw it",
        ("cipher-no-overlap", "server-abrupt-eof", "lb-tcp-accept-no-member"),
    ),
    Phrase(
        "resources-unavailable",
        "way",
        "client_hello",
        "PAN-OS: the box was at its limit",
        ("lb-limits",),
    ),
    Phrase("tcp-reuse", "way", "tcp", "PAN-OS: the ports were used again", ("tcp-port-reuse",)),
    Phrase("tcp-fin", "peer", "after", "PAN-OS: a side closed", ()),
    Phrase(
        "aged-out",
        "way",
        "tcp",
        "PAN-OS: silence; few packets mean no SYN-ACK or no data",
        (
            "tcp-syn-filtered",
            "tcp-synack-lost",
            "tcp-asymmetric-routing",
            "mtu-blackhole-client-hello",
        ),
    ),
    Phrase(
        "insufficient-data|app(lication)? incomplete",
        "way",
        "tcp",
        "PAN-OS: too few bytes to tell the application",
        ("tcp-syn-filtered", "tcp-asymmetric-routing"),
    ),
    Phrase(
        "session.end.reason.*threat|end reason.? threat|^threat$",
        "way",
        "client_hello",
        "PAN-OS: the intrusion prevention ended it",
        ("ids-reset-both-sides",),
    ),
    Phrase(
        "^decoder$|^unknown$", "way", "client_hello", "PAN-OS: no other reason was recorded", ()
    ),
    Phrase(
        "client only supports post-quantum",
        "way",
        "client_hello",
        "PAN-OS: the client offers nothing but hybrid groups",
        ("pq-group-refused",),
    ),
    Phrase(
        "1700062302|resign-as-untrusted",
        "way",
        "certificate",
        "FortiOS: the certificate of the server is bad and was signed again as untrusted",
        ("ssl-inspection-untrusted-ca",),
    ),
    Phrase(
        r"\b48011\b",
        "way",
        "client_hello",
        "FortiOS: version below the minimum",
        ("version-client-too-old",),
    ),
    Phrase(
        r"\b48013\b",
        "way",
        "client_hello",
        "FortiOS: suites that are not supported",
        ("cipher-no-overlap",),
    ),
    Phrase(
        r"\b48017\b",
        "way",
        "client_hello",
        "FortiOS: the handshake is too long",
        ("cert-too-large",),
    ),
    Phrase(
        r"\b62101\b",
        "way",
        "client_hello",
        "FortiOS: the negotiation was blocked",
        ("ssl-inspection-untrusted-ca",),
    ),
    Phrase("client-rst", "peer", "client_hello", "FortiOS: the client reset", ("client-timeout",)),
    Phrase(
        "server-rst",
        "peer",
        "client_hello",
        "FortiOS: the server reset",
        ("server-abrupt-eof", "sni-filter-rst-injected"),
    ),
    Phrase(
        "action=timeout|ip-conn",
        "way",
        "tcp",
        "FortiOS: nothing came back",
        ("tcp-syn-filtered", "mtu-blackhole-client-hello"),
    ),
    Phrase(
        "ASA-4-106023|106023", "way", "tcp", "ASA: an access list denied it", ("tcp-syn-filtered",)
    ),
    Phrase(
        r"106015|Deny TCP \(no connection\)",
        "way",
        "tcp",
        "ASA: a packet of a connection that the box does not know",
        ("tcp-asymmetric-routing", "idle-timeout-before-handshake"),
    ),
    Phrase("SYN Timeout", "way", "tcp", "ASA: no SYN-ACK", ("tcp-syn-filtered", "tcp-synack-lost")),
    Phrase(
        "SYN Control", "way", "tcp", "ASA: a SYN from the wrong side", ("tcp-asymmetric-routing",)
    ),
    Phrase(
        "TCP Reset-[IO]",
        "peer",
        "client_hello",
        "ASA: a reset from the inside (I) or the outside (O)",
        ("server-abrupt-eof", "sni-filter-rst-injected"),
    ),
    Phrase("TCP FINs", "peer", "after", "ASA: both sides closed", ()),
    Phrase(
        "Flow closed by inspection",
        "way",
        "client_hello",
        "ASA: an inspection closed it",
        ("ids-reset-both-sides",),
    ),
    Phrase(
        "Connection timeout",
        "way",
        "tcp",
        "ASA: idle for too long",
        ("idle-timeout-before-handshake",),
    ),
    Phrase(
        "725014|725006|Device failed SSL handshake|SSL lib error",
        "local",
        "client_hello",
        "ASA: the TLS of the box itself failed",
        ("cipher-no-overlap", "version-client-too-old"),
    ),
    Phrase(
        "First packet isn.t SYN|packet out of state",
        "way",
        "tcp",
        "Check Point: a packet of a connection that the box does not know",
        ("tcp-asymmetric-routing", "idle-timeout-before-handshake"),
    ),
)
