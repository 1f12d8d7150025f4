"""Mail servers, data bases, directories and proxies: how they tell of a handshake that failed."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        "server does not support SSL",
        "peer",
        "preamble",
        "PostgreSQL: the server has TLS turned off",
        ("starttls-expected",),
    ),
    Phrase(
        "no pg_hba.conf entry .*(SSL off|no encryption)",
        "peer",
        "preamble",
        "PostgreSQL: the server wants TLS, and the client did not ask for it",
        (
            "starttls-expected",
            "http-to-tls-port",
        ),
    ),
    Phrase(
        "invalid length of startup packet|unsupported frontend protocol",
        "local",
        "preamble",
        "PostgreSQL: what came is not its protocol: TLS without SSLRequest, or another service",
        ("starttls-expected",),
    ),
    Phrase(
        "SSL SYSCALL error: EOF detected",
        "peer",
        "client_hello",
        "PostgreSQL: the peer closed without an alert",
        (
            "server-abrupt-eof",
            "close-without-notify",
        ),
    ),
    Phrase(
        "ERROR 2026|SSL connection error",
        "local",
        "client_hello",
        "MySQL: the handshake failed; the words behind say how",
        (
            "version-client-too-old",
            "cipher-no-overlap",
            "cert-untrusted-root",
        ),
    ),
    Phrase(
        "unknown OpenSSL error|Bad handshake|Got packets? out of order",
        "local",
        "preamble",
        "MySQL: what came is not its protocol",
        ("starttls-expected",),
    ),
    Phrase(
        "(SSL_accept|SSL_connect) error (from|to)",
        "local",
        "client_hello",
        "Postfix: the handshake failed; the line after has the code",
        (
            "version-client-too-old",
            "cipher-no-overlap",
            "cert-untrusted-root",
        ),
    ),
    Phrase(
        r"TLS is required, but was not offered|Must issue a STARTTLS command first|530 5\.7\.0",
        "peer",
        "preamble",
        "mail: TLS is wanted by STARTTLS, and one side did not offer or ask",
        ("starttls-expected",),
    ),
    Phrase(
        "lost connection after (STARTTLS|UNKNOWN|CONNECT)|SSL23_GET_CLIENT_HELLO:unknown"
        "|improper command pipelining",
        "peer",
        "preamble",
        "Postfix: the client left, or spoke TLS at once on a STARTTLS port",
        (
            "starttls-expected",
            "client-timeout",
            "cert-untrusted-root",
        ),
    ),
    Phrase(
        "Cannot start TLS|TLS (session|negotiation|handshake) (failed|failure|failure:)"
        "|starttls failed",
        "local",
        "client_hello",
        "the handshake after STARTTLS failed",
        (
            "version-client-too-old",
            "cipher-no-overlap",
            "cert-untrusted-root",
        ),
    ),
    Phrase(
        r"454 4\.7\.0|TLS (not available|currently unavailable)",
        "peer",
        "preamble",
        "mail: the server cannot begin TLS now",
        ("server-no-usable-key",),
    ),
    Phrase(
        r"disconnected \(.*TLS handshaking|TLS handshaking: (SSL_accept|Disconnected)",
        "peer",
        "certificate",
        "Dovecot: the client left in the middle of the handshake",
        (
            "cert-untrusted-root",
            "client-timeout",
        ),
    ),
    Phrase(
        "ldap_start_tls|TLS: hostname does not match|TLS: peer cert untrusted",
        "local",
        "certificate",
        "LDAP: the certificate did not verify, or TLS could not begin",
        (
            "cert-untrusted-root",
            "cert-name-mismatch",
            "starttls-expected",
        ),
    ),
    Phrase(
        "SQUID_(TLS_)?ERR|ERR_SECURE_CONNECT_FAIL",
        "local",
        "client_hello",
        "Squid: its own handshake with the server failed",
        (
            "ssl-inspection-unsupported-parameter",
            "ssl-inspection-cert-validation",
        ),
    ),
    Phrase(
        "CERT: Pre-verification error|Rejected by CERT",
        "local",
        "certificate",
        "stunnel: the certificate did not verify",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
        ),
    ),
    Phrase(
        "s_connect: connect .*Connection refused",
        "peer",
        "tcp",
        "stunnel: the service behind is down",
        ("lb-tcp-accept-no-member",),
    ),
    Phrase(
        "Client TLS handshake failed",
        "peer",
        "certificate",
        "mitmproxy: the client does not trust its authority",
        (
            "ssl-inspection-untrusted-ca",
            "pinning-vs-inspection",
        ),
    ),
    Phrase(
        "Server TLS handshake failed",
        "peer",
        "client_hello",
        "mitmproxy: its own handshake with the server failed",
        (
            "ssl-inspection-cert-validation",
            "ssl-inspection-unsupported-parameter",
        ),
    ),
    Phrase(
        r"SSH-2\.0-|220[ -].*(E?SMTP|FTP)|\+OK .*POP3|\* OK .*IMAP",
        "peer",
        "preamble",
        "a greeting of another service: the port does not speak TLS at once",
        (
            "server-speaks-first",
            "starttls-expected",
        ),
    ),
)
