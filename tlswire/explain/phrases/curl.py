"""curl: its exit codes."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        r"CONNECT tunnel failed|Received HTTP code \d+ from proxy|Proxy CONNECT aborted",
        "peer",
        "preamble",
        "the proxy refused the tunnel",
        ("explicit-proxy-mismatch",),
    ),
    Phrase(
        "public key does not match pinned",
        "local",
        "certificate",
        "the key of the server is not the pinned one",
        (
            "pinning-vs-inspection",
            "ssl-inspection-untrusted-ca",
        ),
    ),
    Phrase(
        "Empty reply from server",
        "peer",
        "preamble",
        "no answer at all",
        (
            "http-to-tls-port",
            "proxy-protocol-missing",
        ),
    ),
    Phrase(
        "SSL_connect: Connection reset by peer",
        "peer",
        "client_hello",
        "the connection was reset during the handshake",
        (
            "sni-filter-rst-injected",
            "server-abrupt-eof",
            "lb-tcp-accept-no-member",
        ),
    ),
    Phrase(
        "SSL connection timeout|Resolving timed out|Connection timed out after"
        "|Operation timed out after",
        "way",
        "client_hello",
        "no answer in time",
        (
            "sni-filter-drop",
            "mtu-blackhole-client-hello",
            "mtu-blackhole-server-flight",
            "server-stall",
            "tcp-syn-filtered",
        ),
    ),
    Phrase(
        "error setting certificate (verify locations|file)|unable to (set|load"
        "|use) (client certificate|private key)",
        "local",
        "client_certificate",
        "a file of certificates or keys set here cannot be used",
        (
            "mtls-client-sends-empty",
            "cert-untrusted-root",
        ),
    ),
    Phrase(
        "SSL certificate problem",
        "local",
        "certificate",
        "the certificate of the server did not verify; the words behind say why",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
            "cert-expired",
        ),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:7)\b\)?",
        "way",
        "tcp",
        "could not connect",
        ("tcp-syn-filtered", "tcp-syn-rejected"),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:28)\b\)?",
        "way",
        "client_hello",
        "timed out",
        (
            "mtu-blackhole-client-hello",
            "mtu-blackhole-server-flight",
            "sni-filter-drop",
            "server-stall",
        ),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:35)\b\)?",
        "local",
        "client_hello",
        "the handshake failed; the text behind it says how",
        ("cipher-no-overlap", "version-client-too-old", "tls-to-http-port"),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:51|60)\b\)?",
        "local",
        "certificate",
        "the certificate of the server did not verify",
        ("cert-untrusted-root", "cert-missing-intermediate", "cert-expired", "cert-name-mismatch"),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:52)\b\)?",
        "peer",
        "preamble",
        "no answer at all",
        ("http-to-tls-port", "proxy-protocol-missing"),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:56)\b\)?",
        "peer",
        "client_hello",
        "receiving failed",
        ("sni-filter-rst-injected", "server-abrupt-eof"),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:53|54|59|66)\b\)?",
        "local",
        "client_hello",
        "the cipher list or the crypto engine set here cannot be used",
        ("cipher-no-overlap",),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:58)\b\)?",
        "local",
        "client_certificate",
        "the client certificate set here cannot be used",
        ("mtls-client-sends-empty",),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:77|82|83)\b\)?",
        "local",
        "certificate",
        "the file of authorities or of revocations is missing or bad",
        ("cert-untrusted-root", "cert-revoked-or-revocation-unreachable"),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:90)\b\)?",
        "local",
        "certificate",
        "the key is not the one that was pinned",
        (
            "pinning-vs-inspection",
            "ssl-inspection-untrusted-ca",
        ),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:91)\b\)?",
        "local",
        "certificate",
        "the OCSP status is missing or bad",
        ("ocsp-must-staple",),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:97)\b\)?",
        "peer",
        "preamble",
        "the proxy refused",
        ("explicit-proxy-mismatch",),
    ),
    Phrase(
        r"\bcurl:? \(?(?:exit(?: code)? )?(?:98)\b\)?",
        "peer",
        "client_certificate",
        "the server wants a client certificate",
        ("mtls-client-sends-empty",),
    ),
)
