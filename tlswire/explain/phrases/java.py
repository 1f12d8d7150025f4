"""Java: messages of JSSE."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        "handshake alert: ?unrecognized_name",
        "peer",
        "client_hello",
        "the server warned that it does not know the name; Java 7 takes the warning for fatal",
        ("sni-unknown",),
    ),
    Phrase(
        "PKIX path building failed|unable to find valid certification path",
        "local",
        "certificate",
        "no chain to an authority that this Java trusts",
        ("cert-untrusted-root", "cert-missing-intermediate", "ssl-inspection-untrusted-ca"),
    ),
    Phrase(
        "Remote host (terminated the|closed connection during) handshake"
        "|SSL peer shut down incorrectly",
        "peer",
        "client_hello",
        "the peer closed without an alert",
        ("server-abrupt-eof", "cipher-no-overlap", "sni-filter-rst-injected"),
    ),
    Phrase(
        "no cipher suites in common",
        "local",
        "client_hello",
        "the server found no suite it can use",
        ("cipher-no-overlap", "server-no-usable-key"),
    ),
    Phrase(
        "No available authentication scheme",
        "local",
        "client_hello",
        "no key of the server fits the signature algorithms of the client",
        ("server-no-usable-key", "sigalgs-no-overlap"),
    ),
    Phrase(
        "No appropriate protocol",
        "local",
        "client_hello",
        "versions or suites are disabled here: no packet was sent",
        ("version-client-too-old", "version-server-too-old"),
    ),
    Phrase(
        r"Unsupported or unrecognized SSL message|plaintext connection\?",
        "local",
        "preamble",
        "the answer was not TLS",
        ("tls-to-http-port",),
    ),
    Phrase(
        "Could not generate DH keypair|Prime size must be multiple of 64",
        "local",
        "server_hello",
        "the prime of the server is larger than this Java takes",
        ("dh-too-big-java7",),
    ),
    Phrase(
        "No subject alternative (DNS )?names? matching",
        "local",
        "certificate",
        "the certificate is for other names",
        ("cert-name-mismatch",),
    ),
)
