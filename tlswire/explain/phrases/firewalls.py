"""PAN-OS, FortiOS, Cisco ASA and Check Point: why a session ended."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase, numbered

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
        (
            "ssl-inspection-cert-validation",
            "ssl-inspection-resign-as-untrusted",
            "ssl-inspection-untrusted-ca",
        ),
    ),
    Phrase(
        "decrypt-unsupport-param",
        "way",
        "client_hello",
        "PAN-OS: the inspecting box does not support what was offered",
        (
            "ssl-inspection-unsupported-parameter",
            "pq-group-refused",
            "cipher-no-overlap",
        ),
    ),
    Phrase(
        "decrypt-error",
        "way",
        "client_hello",
        "PAN-OS: decryption failed for another reason",
        (
            "ssl-inspection-unsupported-parameter",
            "ssl-inspection-breaks-mtls",
        ),
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
    Phrase("tcp-fin", "peer", "after", "PAN-OS: a side closed", ("close-without-notify",)),
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
        r"insufficient-data|\bapp(lication)?\W{0,3} *incomplete|(PAN\S*|^) *incomplete$"
        r"|\bincomplete,",
        "way",
        "tcp",
        "PAN-OS: too few bytes to tell the application",
        (
            "tcp-syn-filtered",
            "tcp-synack-lost",
            "tcp-asymmetric-routing",
            "mtu-blackhole-client-hello",
        ),
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
        (
            "ssl-inspection-resign-as-untrusted",
            "ssl-inspection-untrusted-ca",
        ),
    ),
    Phrase(
        numbered(48011),
        "way",
        "client_hello",
        "FortiOS: version below the minimum",
        (
            "ssl-inspection-unsupported-parameter",
            "version-client-too-old",
        ),
    ),
    Phrase(
        numbered(48013),
        "way",
        "client_hello",
        "FortiOS: suites that are not supported",
        (
            "ssl-inspection-unsupported-parameter",
            "cipher-no-overlap",
        ),
    ),
    Phrase(
        numbered(48017),
        "way",
        "client_hello",
        "FortiOS: the handshake is too long",
        (
            "ssl-inspection-unsupported-parameter",
            "cert-too-large",
        ),
    ),
    Phrase(
        numbered(62101),
        "way",
        "client_hello",
        "FortiOS: the negotiation was blocked",
        (
            "ssl-inspection-unsupported-parameter",
            "ssl-inspection-untrusted-ca",
        ),
    ),
    Phrase(
        "client-rst",
        "peer",
        "client_hello",
        "FortiOS: the client reset",
        (
            "client-timeout",
            "sni-filter-rst-injected",
            "cert-untrusted-root",
        ),
    ),
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
    Phrase(numbered(106023), "way", "tcp", "ASA: an access list denied it", ("tcp-syn-filtered",)),
    Phrase(
        numbered(106015) + r"|Deny TCP \(no connection\)",
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
        "TCP Reset-(I|O|APPLIANCE)",
        "peer",
        "client_hello",
        "ASA: a reset from the inside (I) or the outside (O)",
        (
            "server-abrupt-eof",
            "sni-filter-rst-injected",
            "ids-reset-both-sides",
        ),
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
        numbered(725014, 725006) + "|Device failed SSL handshake|SSL lib error",
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
    Phrase(
        numbered(106001, 106006, 106010, 106014) + "|Inbound TCP connection denied",
        "way",
        "tcp",
        "ASA: an access list or the direction denied it",
        ("tcp-syn-filtered",),
    ),
    Phrase(
        "asa-\\d-106100.*denied|Deny tcp src",
        "way",
        "tcp",
        "ASA: an access list denied it",
        ("tcp-syn-filtered",),
    ),
    Phrase(
        "SYN timeout|Embryonic",
        "way",
        "tcp",
        "a half-open connection was given up: no SYN-ACK",
        (
            "tcp-syn-filtered",
            "tcp-synack-lost",
        ),
    ),
    Phrase(
        numbered(419002) + "|Duplicate TCP SYN",
        "way",
        "tcp",
        "ASA: another SYN on an old connection",
        (
            "tcp-port-reuse",
            "tcp-asymmetric-routing",
        ),
    ),
    Phrase(
        numbered(430002, 430003) + "|SSL (flow )?error|Decrypt Errors|SSLV2_SESSION",
        "way",
        "client_hello",
        "Firepower: the TLS policy ended it",
        (
            "ssl-inspection-unsupported-parameter",
            "app-id-policy-drop",
        ),
    ),
    Phrase(
        "ssl-exempt|ssl-anomal|cert-probe-failure|untrusted-cert|blocklisted-cert",
        "way",
        "certificate",
        "FortiOS: an anomaly of the TLS of the server",
        (
            "ssl-inspection-resign-as-untrusted",
            "ssl-inspection-cert-validation",
        ),
    ),
    Phrase(
        "no session matched|reverse path check fail|denied by forward policy",
        "way",
        "tcp",
        "FortiOS: the packet belongs to no session, or a policy denies it",
        (
            "tcp-asymmetric-routing",
            "idle-timeout-before-handshake",
            "tcp-syn-filtered",
        ),
    ),
    Phrase(
        "HTTPS Inspection|Certificate pinning|Untrusted certificate",
        "way",
        "certificate",
        "Check Point: the inspection of TLS ended it",
        (
            "ssl-inspection-cert-validation",
            "pinning-vs-inspection",
        ),
    ),
    Phrase(
        "FIN-WAIT|TIME-WAIT.*(reused|reuse)|SYN on established",
        "way",
        "tcp",
        "a SYN on an old connection",
        ("tcp-port-reuse",),
    ),
    Phrase(
        "ct(state)?[ _]invalid|INVALID DROP|nf_conntrack: table full",
        "way",
        "tcp",
        "Linux: a packet that fits no connection was dropped",
        (
            "conntrack-invalid-rst",
            "tcp-asymmetric-routing",
        ),
    ),
)
