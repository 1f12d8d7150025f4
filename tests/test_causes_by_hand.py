"""Causes that no capture at hand shows: a conversation written by hand for each, and its like.

The bytes are built here from the RFCs' presentation language, never by the package.
"""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from test_causes import CLIENT, SERVER, Event, alert, diagnose, named

RSA_GCM, ECDSA_GCM, DHE_CBC, RSA_CBC = 0xC02F, 0xC02B, 0x0033, 0x002F
TLS13_SUITE, FALLBACK = 0x1301, 0x5600
X25519, P256, HYBRID = 29, 23, 0x11EC
KEY = ec.generate_private_key(ec.SECP256R1())


def vector(width: int, *items: bytes) -> bytes:
    body = b"".join(items)
    return len(body).to_bytes(width, "big") + body


def u16(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in numbers)


def extension(number: int, body: bytes = b"") -> bytes:
    return u16(number) + vector(2, body)


def message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + vector(3, body)


def record(*messages: bytes, version: int = 0x0303) -> bytes:
    return b"\x16" + u16(version) + vector(2, *messages)


def sni(name: str) -> bytes:
    return extension(0, vector(2, b"\0" + vector(2, name.encode())))


def groups(*numbers: int) -> bytes:
    return extension(10, vector(2, u16(*numbers)))


def shares(*numbers: int) -> bytes:
    return extension(51, vector(2, *(u16(n) + vector(2, bytes(32)) for n in numbers)))


def versions(*numbers: int) -> bytes:
    return extension(43, vector(1, u16(*numbers)))


RENEGOTIATION = extension(0xFF01, b"\0")
MASTER_SECRET = extension(23)


def client_hello(
    *extensions: bytes, suites: tuple[int, ...] = (RSA_GCM,), version: int = 0x0303
) -> bytes:
    body = u16(version) + bytes(32) + vector(1) + vector(2, u16(*suites)) + vector(1, b"\0")
    return message(1, body + vector(2, *extensions))


def server_hello(*extensions: bytes, suite: int = RSA_GCM, random: bytes = bytes(32)) -> bytes:
    body = u16(0x0303) + random + vector(1) + u16(suite) + b"\0"
    return message(2, body + vector(2, *extensions))


def certificate(
    subject: str,
    issuer: str,
    usage: x509.ObjectIdentifier | None = None,
    padding: int = 0,
    organization: str = "",
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = KEY,
    names: bool = True,
    key_usage: x509.KeyUsage | None = None,
) -> bytes:
    def name(text: str, house: str = "") -> x509.Name:
        own = [x509.NameAttribute(NameOID.COMMON_NAME, text)]
        return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, house)] * bool(house) + own)

    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer, organization))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    )
    if names:
        alternative = x509.SubjectAlternativeName([x509.DNSName(subject)])
        builder = builder.add_extension(alternative, critical=False)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if key_usage is not None:
        builder = builder.add_extension(key_usage, critical=True)
    if padding:
        blob = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(padding))
        builder = builder.add_extension(blob, critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def chain(*ders: bytes) -> bytes:
    return message(11, vector(3, *(vector(3, der) for der in ders)))


def flight(*ders: bytes) -> bytes:
    """Return the server's flight with RSA key exchange."""
    return record(server_hello(RENEGOTIATION, suite=RSA_CBC), chain(*ders), message(14, b""))


def dhe_flight(bits: int) -> bytes:
    prime = (1 << (bits - 1) | 1).to_bytes(bits // 8, "big")
    signed = u16(0x0401) + vector(2, bytes(256))
    params = vector(2, prime) + vector(2, b"\2") + vector(2, prime) + signed
    done = message(14, b"")
    leaf = chain(certificate("a.test", "CA"))
    return record(server_hello(RENEGOTIATION, suite=DHE_CBC), leaf, message(12, params), done)


def hidden(length: int) -> bytes:
    """Return a record of TLS 1.3 that nobody can read."""
    return b"\x17\x03\x03" + vector(2, bytes(length))


def split(hello: bytes, at: int) -> bytes:
    return record(hello[:at]) + record(hello[at:])


CLIENT_FLIGHT = (
    record(chain(certificate("me", "CA")), message(16, vector(2, bytes(128))))
    + record(message(15, u16(0x0403) + vector(2, bytes(70))))
    + b"\x14\x03\x03\x00\x01\x01"
    + b"\x16\x03\x03\x00\x28"
    + bytes(40)
)
REQUEST = message(13, vector(1, b"\x40") + vector(2, u16(0x0403)) + vector(2))
#: A request whose list of authorities has nearly 16 KiB.
NAMES = b"".join(vector(2, b"\x30" + bytes(97)) for _ in range(160))
MANY = message(13, vector(1, b"\x40") + vector(2, u16(0x0403)) + vector(2, NAMES))
#: The outer form of encrypted_client_hello (RFC 9849 section 5): suite, id, enc, payload.
OUTER = b"\0" + u16(1, 1) + b"\7" + vector(2, bytes(32)) + vector(2, bytes(99))
#: The ServerHello's part of TLS 1.3 with x25519.
AGREED = (extension(43, u16(0x0304)), extension(51, u16(X25519) + vector(2, bytes(32))))
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
EARLY = client_hello(
    versions(0x0304), groups(X25519), shares(X25519), extension(42), suites=(TLS13_SUITE,)
)
SILENCE: list[Event] = [*[(CLIENT, b"")] * 20, (CLIENT, "fin")]
NEW = (versions(0x0304), groups(X25519, P256), shares(X25519))
PLAIN = record(client_hello(sni("a.test"), groups(X25519), RENEGOTIATION, MASTER_SECRET))
LEAF = certificate("a.test", "CA")
LARGE = chain(certificate("a.test", "CA", padding=16000), LEAF)
#: More than Java takes (jdk.tls.maxHandshakeMessageSize is 32768), in records.
HUGE = chain(certificate("a.test", "CA", padding=40000), LEAF)
IN_RECORDS = b"".join(record(HUGE[n : n + 16384]) for n in range(0, len(HUGE), 16384))

#: A request that names the root of the house "Example", whose intermediate issued the client's.
ROOT = x509.Name(
    [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"),
        x509.NameAttribute(NameOID.COMMON_NAME, "Root"),
    ]
)
HOUSE = message(
    13, vector(1, b"\x40") + vector(2, u16(0x0403)) + vector(2, vector(2, ROOT.public_bytes()))
)
BEFORE_CLIENT_FLIGHT: list[Event] = [
    (CLIENT, PLAIN),
    (
        SERVER,
        record(server_hello(RENEGOTIATION, suite=RSA_CBC), chain(LEAF), HOUSE, message(14, b"")),
    ),
    (
        CLIENT,
        record(
            chain(certificate("me", "Intermediate", organization="Example")),
            message(16, vector(2, bytes(128))),
            message(15, u16(0x0403) + vector(2, bytes(70))),
        ),
    ),
]

X448 = 30
#: A certificate with an RSA key of 1024 bits.
WEAK = certificate("a.test", "CA", key=rsa.generate_private_key(65537, 1024))
SCHEMES = extension(13, vector(2, u16(0x0403, 0x0804, 0x0401)))
#: A hello as clients of today write it, in which nothing is unusual.
USUAL = record(
    client_hello(
        sni("a.test"),
        versions(0x0304, 0x0303),
        groups(X25519, P256),
        shares(X25519),
        RENEGOTIATION,
        MASTER_SECRET,
        SCHEMES,
        suites=(TLS13_SUITE, RSA_GCM, ECDSA_GCM, 0xC030, 0xC02C, 0xCCA8, 0xCCA9, 0xC013, 0x009C),
    )
)
OF_300 = record(
    client_hello(
        sni("a.test"),
        versions(0x0304, 0x0303),
        groups(X25519, P256),
        shares(X25519),
        RENEGOTIATION,
        MASTER_SECRET,
        extension(21, bytes(120)),
        SCHEMES,
        suites=(TLS13_SUITE, RSA_GCM, ECDSA_GCM, 0xC030, 0xC02C, 0xCCA8, 0xCCA9, 0xC013, 0x009C),
    )
)
#: A hello of SSL 2.0 with seven suites and a challenge of 16 bytes (draft-hickman-netscape-ssl).
SSL2 = bytes.fromhex(
    "802e010301001500000010000004000005000a0100800700c0030080060040020080" + "00" * 14
)

#: For each cause the conversation that shows it, and how sure the verdict must be of it.
SHOWN: dict[str, tuple[str, list[Event]]] = {
    "fallback-scsv": (
        "proved",
        [(CLIENT, record(client_hello(suites=(RSA_GCM, FALLBACK)))), (SERVER, alert(86))],
    ),
    "suite-version-mismatch": (
        "likely",
        [(CLIENT, record(client_hello(*NEW, suites=(RSA_GCM,)))), (SERVER, alert(40))],
    ),
    "key-share-inconsistent": (
        "likely",
        [
            (
                CLIENT,
                record(
                    client_hello(
                        versions(0x0304), groups(P256), shares(X25519), suites=(TLS13_SUITE,)
                    )
                ),
            ),
            (SERVER, alert(47)),
        ],
    ),
    "hrr-broken": (
        "likely",
        [
            (CLIENT, record(client_hello(*NEW, suites=(TLS13_SUITE,)))),
            (
                SERVER,
                record(
                    server_hello(
                        extension(43, u16(0x0304)),
                        extension(51, u16(P256)),
                        suite=TLS13_SUITE,
                        random=RETRY,
                    )
                ),
            ),
            (CLIENT, "fin"),
        ],
    ),
    "sni-bad-form": (
        "likely",
        [(CLIENT, record(client_hello(sni("192.0.2.7")))), (SERVER, alert(80))],
    ),
    "malformed-client-hello": (
        "likely",
        [(CLIENT, record(client_hello(extension(10, b"\x00\x09\x00")))), (SERVER, alert(50))],
    ),
    "ch-record-fragmentation-unsupported": (
        "likely",
        [(CLIENT, split(client_hello(sni("a.test")), 40)), (SERVER, alert(50))],
    ),
    "legacy-renegotiation-refused": (
        "likely",
        [
            (CLIENT, PLAIN),
            (SERVER, record(server_hello(MASTER_SECRET), chain(LEAF))),
            (CLIENT, alert(40)),
        ],
    ),
    "ems-required": (
        "possible",
        [
            (CLIENT, PLAIN),
            (SERVER, record(server_hello(RENEGOTIATION), chain(LEAF))),
            (CLIENT, alert(40)),
        ],
    ),
    "tls13-downgrade-sentinel": (
        "likely",
        [
            (CLIENT, record(client_hello(versions(0x0304, 0x0303), suites=(TLS13_SUITE, RSA_GCM)))),
            (SERVER, record(server_hello(random=bytes(24) + b"DOWNGRD\x01"))),
            (CLIENT, alert(47)),
        ],
    ),
    "dh-too-small": (
        "likely",
        [
            (CLIENT, record(client_hello(RENEGOTIATION, suites=(DHE_CBC,)))),
            (SERVER, dhe_flight(1024)),
            (CLIENT, alert(40)),
        ],
    ),
    "dh-too-big-java7": (
        "likely",
        [
            (CLIENT, record(client_hello(suites=(DHE_CBC,), version=0x0301), version=0x0301)),
            (SERVER, dhe_flight(2048)),
            (CLIENT, "fin"),
        ],
    ),
    "cert-wrong-intermediate-or-order": (
        "likely",
        [
            (CLIENT, PLAIN),
            (SERVER, flight(LEAF, certificate("Other CA", "Root"))),
            (CLIENT, alert(48)),
        ],
    ),
    "cert-key-usage": (
        "likely",
        [
            (CLIENT, PLAIN),
            (SERVER, flight(certificate("a.test", "CA", ExtendedKeyUsageOID.CLIENT_AUTH))),
            (CLIENT, alert(43)),
        ],
    ),
    "cert-type-unsupported": (
        "possible",
        [(CLIENT, PLAIN), (SERVER, flight(LEAF)), (CLIENT, alert(43))],
    ),
    "cert-too-large": (
        "likely",
        [
            (CLIENT, PLAIN),
            (SERVER, record(server_hello(RENEGOTIATION, suite=RSA_CBC))),
            (SERVER, record(LARGE[:16384])),
            (SERVER, record(LARGE[16384:])),
            (CLIENT, alert(50)),
        ],
    ),
    "mtls-client-key-mismatch": (
        "likely",
        [
            (CLIENT, PLAIN),
            (
                SERVER,
                record(
                    server_hello(RENEGOTIATION, suite=RSA_CBC),
                    chain(LEAF),
                    REQUEST,
                    message(14, b""),
                ),
            ),
            (CLIENT, CLIENT_FLIGHT),
            (SERVER, alert(51)),
        ],
    ),
    "ticket-not-shared": (
        "possible",
        [(CLIENT, record(client_hello(extension(35, bytes(64))))), (SERVER, alert(80))],
    ),
    "pq-group-refused": (
        "possible",
        [
            (
                CLIENT,
                record(
                    client_hello(
                        versions(0x0304),
                        groups(HYBRID, X25519),
                        shares(X25519),
                        suites=(TLS13_SUITE,),
                    )
                ),
            ),
            (SERVER, alert(47)),
        ],
    ),
    "psk-or-national-profile": (
        "likely",
        [(CLIENT, record(client_hello(suites=(0x00A8, 0x00A9)))), (SERVER, alert(40))],
    ),
    "ecdsa-cert-rsa-client": (
        "possible",
        [(CLIENT, record(client_hello(suites=(RSA_GCM, RSA_CBC)))), (SERVER, alert(40))],
    ),
    "explicit-proxy-mismatch": (
        "likely",
        [(CLIENT, PLAIN), (SERVER, b"HTTP/1.1 400 Bad Request\r\nServer: squid/6\r\n\r\n")],
    ),
    "sni-unknown": (
        "likely",
        [(CLIENT, record(client_hello(sni("under_score.test")))), (SERVER, alert(112))],
    ),
    "sni-missing": (
        "likely",
        [(CLIENT, record(client_hello(groups(X25519)))), (SERVER, alert(112))],
    ),
    "alpn-no-overlap": (
        "likely",
        [(CLIENT, PLAIN), (SERVER, alert(120))],
    ),
    "ocsp-must-staple": (
        "likely",
        [(CLIENT, PLAIN), (SERVER, flight(LEAF)), (CLIENT, alert(113))],
    ),
    "cert-revoked-or-revocation-unreachable": (
        "proved",
        [(CLIENT, PLAIN), (SERVER, flight(LEAF)), (CLIENT, alert(44))],
    ),
    "grease-intolerance": (
        "possible",
        [(CLIENT, record(client_hello(*NEW, suites=(0x0A0A, TLS13_SUITE)))), (SERVER, alert(47))],
    ),
    "ech-blocked": (
        "possible",
        [
            (
                CLIENT,
                record(client_hello(*NEW, extension(0xFE0D, OUTER), suites=(TLS13_SUITE,))),
            ),
            *SILENCE,
        ],
    ),
    "tls13-middlebox-intolerance": (
        "likely",
        [(CLIENT, record(client_hello(*NEW, suites=(TLS13_SUITE,)))), (SERVER, alert(49))],
    ),
    "tls13-compat-ccs-missing": (
        "possible",
        [
            (CLIENT, record(client_hello(*NEW, suites=(TLS13_SUITE,)))),
            (SERVER, record(server_hello(*AGREED, suite=TLS13_SUITE)) + hidden(36)),
            (SERVER, "rst"),
        ],
    ),
    "early-data-replay-refused": (
        "possible",
        [(CLIENT, record(EARLY) + hidden(64)), (SERVER, alert(10))],
    ),
    "sigalgs-client-cert": (
        "likely",
        [
            (CLIENT, PLAIN),
            (
                SERVER,
                record(
                    server_hello(RENEGOTIATION, suite=RSA_CBC),
                    chain(LEAF),
                    REQUEST,
                    message(14, b""),
                ),
            ),
            (CLIENT, alert(80)),
        ],
    ),
    "mtls-ca-list-truncated": (
        "likely",
        [
            (CLIENT, PLAIN),
            (SERVER, record(server_hello(RENEGOTIATION, suite=RSA_CBC), chain(LEAF))),
            (SERVER, record(MANY[:16000])),
            (SERVER, record(MANY[16000:], message(14, b""))),
            (CLIENT, record(chain(), message(16, vector(2, bytes(128))))),
            (SERVER, alert(80)),
        ],
    ),
    "ct-required": (
        "possible",
        [
            (CLIENT, record(client_hello(sni("a.test"), RENEGOTIATION, extension(18)))),
            (SERVER, flight(LEAF)),
            (CLIENT, alert(46)),
        ],
    ),
    "ssl-inspection-resign-as-untrusted": (
        "likely",
        [
            (CLIENT, PLAIN),
            (SERVER, flight(certificate("a.test", "Fortinet_CA_Untrusted"))),
            (CLIENT, alert(48)),
        ],
    ),
    "pinning-vs-inspection": (
        "possible",
        [
            (CLIENT, PLAIN),
            (SERVER, flight(certificate("a.test", "Zscaler Root"))),
            (CLIENT, alert(46)),
        ],
    ),
    "ssl-inspection-unsupported-parameter": (
        "possible",
        [
            (
                CLIENT,
                record(
                    client_hello(
                        versions(0x0304, 0x0303), groups(X25519), suites=(TLS13_SUITE, RSA_GCM)
                    )
                ),
            ),
            (SERVER, alert(70)),
        ],
    ),
    "ch-last-extension-empty": (
        "possible",
        [
            (CLIENT, record(client_hello(sni("a.test"), groups(X25519), MASTER_SECRET))),
            (SERVER, "fin"),
        ],
    ),
    "tls-proxy-relay-closes": (
        "possible",
        [
            (CLIENT, PLAIN),
            (SERVER, record(server_hello(RENEGOTIATION), chain(LEAF))),
            (SERVER, "rst"),
        ],
    ),
    "mtls-incomplete-client-chain": ("likely", [*BEFORE_CLIENT_FLIGHT, (SERVER, alert(48))]),
    "proxy-protocol-unexpected": (
        "likely",
        [
            (CLIENT, b"PROXY TCP4 192.0.2.9 192.0.2.2 5 443\r\n"),
            (CLIENT, PLAIN),
            (SERVER, b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ],
    ),
    "proxy-protocol-missing": ("possible", [(CLIENT, USUAL), (SERVER, "fin")]),
    "lb-tcp-accept-no-member": ("possible", [(CLIENT, USUAL), (SERVER, "fin")]),
    "starttls-expected": (
        "likely",
        [(SERVER, b"220 mx ESMTP\r\n"), (CLIENT, PLAIN), (SERVER, "fin")],
    ),
    "version-intolerance": ("possible", [(CLIENT, USUAL), (SERVER, alert(70))]),
    "sslv2-compat-hello": ("likely", [(CLIENT, SSL2), (SERVER, "fin")]),
    "ec-extensions-missing": (
        "possible",
        [(CLIENT, record(client_hello(sni("a.test"), SCHEMES))), (SERVER, alert(40))],
    ),
    "sigalgs-no-overlap": (
        "likely",
        [
            (
                CLIENT,
                record(
                    client_hello(
                        sni("a.test"),
                        groups(X25519, P256),
                        extension(13, vector(2, u16(0x0403))),
                        suites=(RSA_GCM, ECDSA_GCM, 0xC030),
                    )
                ),
            ),
            (SERVER, alert(40)),
        ],
    ),
    "ch-length-256-511": ("possible", [(CLIENT, OF_300), (SERVER, "fin")]),
    "groups-no-overlap": (
        "likely",
        [
            (
                CLIENT,
                record(
                    client_hello(
                        versions(0x0304),
                        groups(X448),
                        extension(51, vector(2, u16(X448) + vector(2, bytes(56)))),
                        SCHEMES,
                        suites=(TLS13_SUITE, 0x1302, 0x1303),
                    )
                ),
            ),
            (SERVER, alert(40)),
        ],
    ),
    "cert-weak": ("likely", [(CLIENT, PLAIN), (SERVER, flight(WEAK)), (CLIENT, alert(42))]),
    "server-no-usable-key": ("possible", [(CLIENT, PLAIN), (SERVER, alert(80))]),
    "server-abrupt-eof": ("possible", [(CLIENT, USUAL), (SERVER, "rst")]),
    "server-stall": ("likely", [(CLIENT, PLAIN), *SILENCE]),
    "client-timeout": ("possible", [(CLIENT, PLAIN), *SILENCE]),
    "server-handshake-timeout": ("likely", [*[(CLIENT, b"")] * 20, (SERVER, "fin")]),
    "ssl-inspection-untrusted-ca": (
        "likely",
        [
            (CLIENT, PLAIN),
            (SERVER, flight(certificate("a.test", "Zscaler Root"))),
            (CLIENT, alert(48)),
        ],
    ),
    "cert-default-vhost": (
        "possible",
        [
            (CLIENT, PLAIN),
            (SERVER, flight(certificate("default.test", "CA"))),
            (CLIENT, alert(46)),
        ],
    ),
    "clock-skew": ("likely", [(CLIENT, PLAIN), (SERVER, flight(LEAF)), (CLIENT, alert(45))]),
    "wrong-host-or-dnat": ("possible", [(CLIENT, PLAIN), (SERVER, bytes(range(1, 60)))]),
    "bad-record-mac": (
        "likely",
        [
            (CLIENT, PLAIN),
            (SERVER, flight(LEAF)),
            (
                CLIENT,
                record(message(16, vector(2, bytes(128))))
                + b"\x14\x03\x03\0\x01\1"
                + b"\x16\x03\x03\0\x28"
                + bytes(40),
            ),
            (SERVER, alert(20)),
        ],
    ),
    "tcp-corruption-or-offload": (
        "possible",
        [
            (CLIENT, PLAIN),
            (SERVER, flight(LEAF)),
            (
                CLIENT,
                record(message(16, vector(2, bytes(128))))
                + b"\x14\x03\x03\0\x01\1"
                + b"\x16\x03\x03\0\x28"
                + bytes(40),
            ),
            (SERVER, alert(20)),
        ],
    ),
    "ssl-inspection-breaks-mtls": (
        "possible",
        [
            (CLIENT, PLAIN),
            (
                SERVER,
                record(
                    server_hello(RENEGOTIATION, suite=RSA_CBC),
                    chain(LEAF),
                    REQUEST,
                    message(14, b""),
                ),
            ),
            (CLIENT, record(chain(), message(16, vector(2, bytes(128))))),
            (SERVER, alert(50)),
        ],
    ),
    "mtls-lb-terminates": (
        "possible",
        [
            (CLIENT, PLAIN),
            (
                SERVER,
                record(
                    server_hello(RENEGOTIATION, suite=RSA_CBC),
                    chain(LEAF),
                    REQUEST,
                    message(14, b""),
                ),
            ),
            (CLIENT, record(chain(), message(16, vector(2, bytes(128))))),
            (SERVER, alert(50)),
        ],
    ),
    "url-filter-block-page": (
        "likely",
        [
            (CLIENT, PLAIN),
            (SERVER, flight(certificate("block.example", "FortiGate CA"))),
            (CLIENT, alert(48)),
        ],
    ),
}

#: For some causes the conversation that is nearly the same, and is not theirs.
NOT_SHOWN: dict[str, list[Event]] = {
    "grease-intolerance": [(CLIENT, PLAIN), (SERVER, "rst")],
    "ech-blocked": [(CLIENT, PLAIN), *SILENCE],
    "tls13-middlebox-intolerance": [(CLIENT, PLAIN), (SERVER, alert(49))],
    "tls13-compat-ccs-missing": [
        (CLIENT, record(client_hello(*NEW, suites=(TLS13_SUITE,)))),
        (
            SERVER,
            record(server_hello(*AGREED, suite=TLS13_SUITE))
            + b"\x14\x03\x03\x00\x01\x01"
            + hidden(36),
        ),
        (SERVER, "rst"),
    ],
    "early-data-replay-refused": [
        (CLIENT, record(client_hello(*NEW, suites=(TLS13_SUITE,)))),
        (SERVER, alert(10)),
    ],
    "sigalgs-client-cert": [(CLIENT, PLAIN), (SERVER, flight(LEAF)), (CLIENT, alert(80))],
    "ct-required": [(CLIENT, PLAIN), (SERVER, flight(LEAF)), (CLIENT, alert(46))],
    "url-filter-block-page": [
        (CLIENT, PLAIN),
        (SERVER, flight(certificate("b.test", "CA"))),
        (CLIENT, alert(48)),
    ],
    "fallback-scsv": [(CLIENT, record(client_hello())), (SERVER, alert(86))],
    "suite-version-mismatch": [(CLIENT, PLAIN), (SERVER, alert(40))],
    "key-share-inconsistent": [
        (CLIENT, record(client_hello(*NEW, suites=(TLS13_SUITE,)))),
        (SERVER, alert(47)),
    ],
    "sni-bad-form": [(CLIENT, PLAIN), (SERVER, alert(80))],
    "explicit-proxy-mismatch": [
        (CLIENT, PLAIN),
        (SERVER, b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n"),
    ],
    "http-to-tls-port": [
        (CLIENT, b"GET / HTTP/1.1\r\n\r\n"),
        (SERVER, b"HTTP/1.1 200 OK\r\n\r\n"),
    ],
    "ch-record-fragmentation-unsupported": [(CLIENT, PLAIN), (SERVER, alert(50))],
    "legacy-renegotiation-refused": [
        (CLIENT, PLAIN),
        (SERVER, record(server_hello(RENEGOTIATION), chain(LEAF))),
        (CLIENT, alert(40)),
    ],
    "tls13-downgrade-sentinel": [
        (CLIENT, PLAIN),
        (SERVER, record(server_hello(random=bytes(24) + b"DOWNGRD\x01"))),
        (CLIENT, alert(47)),
    ],
    "dh-too-small": [
        (CLIENT, record(client_hello(suites=(DHE_CBC,)))),
        (SERVER, dhe_flight(2048)),
        (CLIENT, alert(40)),
    ],
    "cert-wrong-intermediate-or-order": [
        (CLIENT, PLAIN),
        (SERVER, flight(LEAF, certificate("CA", "Root"))),
        (CLIENT, alert(48)),
    ],
    "cert-key-usage": [
        (CLIENT, PLAIN),
        (SERVER, flight(certificate("a.test", "CA", ExtendedKeyUsageOID.SERVER_AUTH))),
        (CLIENT, alert(43)),
    ],
    "cert-too-large": [(CLIENT, PLAIN), (SERVER, flight(LEAF)), (CLIENT, alert(50))],
    "ticket-not-shared": [(CLIENT, record(client_hello(extension(35)))), (SERVER, alert(80))],
    "ecdsa-cert-rsa-client": [
        (CLIENT, record(client_hello(suites=(RSA_GCM, ECDSA_GCM)))),
        (SERVER, alert(40)),
    ],
    "groups-no-overlap": [
        (CLIENT, record(client_hello(groups(X25519), suites=(DHE_CBC, RSA_CBC)))),
        (SERVER, alert(40)),
    ],
    "cert-expired": [(CLIENT, PLAIN), (SERVER, flight(LEAF)), (CLIENT, alert(48))],
    "sni-missing": [(CLIENT, PLAIN), (SERVER, alert(112))],
}


@pytest.mark.parametrize("cause", SHOWN)
def test_a_cause_is_found_where_it_shows(cause: str) -> None:
    confidence, said = SHOWN[cause]
    verdict = diagnose(*said)
    assert named(verdict).get(cause) == confidence, verdict.summary


@pytest.mark.parametrize("cause", NOT_SHOWN)
def test_a_cause_is_not_found_in_its_like(cause: str) -> None:
    verdict = diagnose(*NOT_SHOWN[cause])
    assert cause not in named(verdict), verdict.summary
    assert verdict.summary.endswith(".")


def first_of(*said: Event) -> str:
    return diagnose(*said).causes[0].id


def test_erlangs_word_for_a_group_is_not_taken_for_a_suite_where_the_suites_are_usual() -> None:
    """It says insufficient_security where no group fits, and where no certificate does."""
    offer = client_hello(
        sni("a.test"), versions(0x0304), groups(X25519), suites=(0x1301, 0x1302, 0x1303)
    )
    assert first_of((CLIENT, record(offer)), (SERVER, alert(71))) == "groups-no-overlap"
    odd = client_hello(sni("a.test"), groups(X25519, P256, 24, 25), suites=(0xC0AD, 0xC0AF))
    assert first_of((CLIENT, record(odd)), (SERVER, alert(71))) == "cipher-no-overlap"


@pytest.mark.parametrize("end", ["fin", "rst"])
def test_a_hello_without_a_name_that_gets_no_word_misses_its_name_first(end: str) -> None:
    offer = client_hello(groups(X25519, P256, 24), suites=(0xC02B, 0xC02F, 0xC02C, 0xC030))
    assert first_of((CLIENT, record(offer)), (SERVER, end)) == "sni-missing"
    named_one = client_hello(
        sni("a.test"), groups(X25519, P256, 24), suites=(0xC02B, 0xC02F, 0xC02C, 0xC030)
    )
    assert first_of((CLIENT, record(named_one)), (SERVER, end)) == "server-abrupt-eof"


def test_a_server_of_tls13_that_gives_up_after_its_hello_may_have_no_key() -> None:
    offer = record(client_hello(sni("a.test"), versions(0x0304), groups(X25519), shares(X25519)))
    said = (CLIENT, offer), (SERVER, record(server_hello(*AGREED, suite=TLS13_SUITE)))
    found = named(diagnose(*said, (SERVER, hidden(19))))
    assert found.get("server-no-usable-key") == "possible"


def test_a_hello_of_tlcp_is_read_and_its_closed_family_named() -> None:
    """GB/T 38636-2020: version 1.1 in record and hello, suites of SM2 alone."""
    body = u16(0x0101) + bytes(32) + b"\0" + vector(2, u16(0xE013, 0xE011)) + b"\1\0"
    offer = record(message(1, body), version=0x0101)
    assert first_of((CLIENT, offer), (SERVER, "fin")) == "psk-or-national-profile"


@pytest.mark.parametrize(
    ("issuer", "first"),
    [
        ("Example Issuing CA 7", "cert-missing-intermediate"),
        ("Example Intermediate", "cert-missing-intermediate"),
        ("Example Root CA", "cert-untrusted-root"),
        ("CA", "cert-untrusted-root"),
    ],
)
def test_a_lone_leaf_whose_issuer_is_no_root_lacks_its_intermediate(
    issuer: str, first: str
) -> None:
    offer = record(client_hello(sni("a.test"), suites=(RSA_CBC,)))
    said = (CLIENT, offer), (SERVER, flight(certificate("a.test", issuer)))
    assert first_of(*said, (CLIENT, alert(48))) == first


@pytest.mark.parametrize(
    ("issuer", "confidence"),
    [
        ("Example CA 1", "possible"),
        ("Example Policy CA", "likely"),
        ("Example Root CA", None),
        ("Branch CA 9", None),
    ],
)
def test_a_chain_that_breaks_off_above_an_intermediate(issuer: str, confidence: str | None) -> None:
    """RFC 5246 section 7.4.2: the root may be left out, and nothing below it."""
    offer = record(client_hello(sni("a.test"), suites=(RSA_CBC,)))
    top = certificate("Branch CA 9", issuer)
    said = (CLIENT, offer), (SERVER, flight(certificate("a.test", "Branch CA 9"), top))
    found = named(diagnose(*said, (CLIENT, alert(48))))
    assert found.get("cert-missing-intermediate") == confidence
    unsaid = diagnose(*said, (CLIENT, "fin")).causes
    assert unsaid[0].id == "cert-untrusted-root"


def test_a_leaf_without_names_is_minded_by_who_passes_its_common_name_over() -> None:
    """RFC 9525 section 6.3; measured: Go says bad_certificate, and rustls."""
    offer = record(client_hello(sni("a.test"), suites=(RSA_CBC,)))
    bare = certificate("a.test", "CA", names=False)
    said = (CLIENT, offer), (SERVER, flight(bare)), (CLIENT, alert(42))
    assert first_of(*said) == "cert-name-mismatch"
    covered = (CLIENT, offer), (SERVER, flight(LEAF)), (CLIENT, alert(42))
    assert "cert-name-mismatch" not in named(diagnose(*covered))


def test_a_proxy_that_says_internal_error_of_a_wrong_name_is_understood() -> None:
    """Measured: stunnel, whose own check of the name failed. Without a flaw nothing is told."""
    offer = record(client_hello(sni("a.test"), suites=(RSA_CBC,)))
    wrong = (CLIENT, offer), (SERVER, flight(certificate("b.test", "CA"))), (CLIENT, alert(80))
    assert named(diagnose(*wrong)).get("cert-name-mismatch") == "likely"
    right = (CLIENT, offer), (SERVER, flight(LEAF)), (CLIENT, alert(80))
    assert "cert-name-mismatch" not in named(diagnose(*right))


@pytest.mark.parametrize(("code", "first"), [(46, "sni-missing"), (48, "cert-untrusted-root")])
def test_a_default_certificate_that_a_client_without_a_name_refused(code: int, first: str) -> None:
    """certificate_unknown is of anything about it; unknown_ca is of its issuer alone."""
    nameless = record(client_hello(groups(X25519), RENEGOTIATION, MASTER_SECRET))
    leaf, issuer = certificate("shop.test", "CA"), certificate("CA", "Root of Shop")
    said = (CLIENT, nameless), (SERVER, flight(leaf, issuer)), (CLIENT, alert(code))
    assert first_of(*said) == first


def test_a_client_leaves_without_a_word_on_more_than_java_takes() -> None:
    server = record(server_hello(RENEGOTIATION, suite=RSA_CBC)) + IN_RECORDS
    said = (CLIENT, PLAIN), (SERVER, server + record(message(14, b""))), (CLIENT, "fin")
    assert named(diagnose(*said))["cert-too-large"] == "likely"


def judged_by(code: int, *ders: bytes) -> dict[str, str]:
    from peers import NAME

    asked = record(client_hello(sni(NAME), groups(X25519), RENEGOTIATION, MASTER_SECRET))
    return named(diagnose((CLIENT, asked), (SERVER, flight(*ders)), (CLIENT, alert(code))))


def test_a_chain_that_does_not_hold_together() -> None:
    """A renewed intermediate of the same name; one that is no authority; one of other names."""
    from test_trust_chains import of_another_key, of_limits, of_no_authority

    for chain_sent in (of_another_key(), of_no_authority(), of_limits("elsewhere.test")):
        found = judged_by(48, *(made.der for made in chain_sent))
        assert next(iter(found)) == "cert-wrong-intermediate-or-order"
        assert "cert-missing-intermediate" not in found
        assert "proved" not in found.values()
    of_signature = judged_by(51, *(made.der for made in of_another_key()))
    assert next(iter(of_signature)) == "cert-wrong-intermediate-or-order"


@pytest.mark.parametrize("code", [42, 43, 46, 48, 50])
def test_a_key_with_its_curve_spelt_out_is_refused(code: int) -> None:
    from test_trust_chains import leaf, root, spelt_out

    assert judged_by(code, spelt_out())["cert-type-unsupported"] == "likely"
    assert judged_by(code, leaf(root()).der).get("cert-type-unsupported") != "likely"


def test_a_request_of_old_tls_names_no_algorithms_to_be_at_fault() -> None:
    """RFC 4346 section 7.4.4; it is the version that the client's library refuses to sign for."""
    old = b"\x02\x00\x00\x26\x03\x01" + bytes(33) + u16(RSA_CBC) + b"\0"
    asked = message(13, vector(1, b"\x40") + vector(2))
    said = record(old, chain(LEAF), asked, message(14, b""), version=0x0301)
    found = named(diagnose((CLIENT, PLAIN), (SERVER, said), (CLIENT, alert(80))))
    assert next(iter(found)) == "version-server-too-old"
    assert "sigalgs-client-cert" not in found


@pytest.mark.parametrize(("signature", "sure"), [(128, "likely"), (256, "possible")])
def test_a_weak_key_shows_in_the_size_of_its_hidden_signature(signature: int, sure: str) -> None:
    """Sizes as OpenSSL's server sends them, which writes each message in a record of its own."""
    hello = client_hello(sni("a.test"), *NEW, suites=(TLS13_SUITE,))
    sizes = 23, 900, 17 + 8 + signature, 53
    said = record(server_hello(*AGREED, suite=TLS13_SUITE)) + b"".join(map(hidden, sizes))
    found = named(diagnose((CLIENT, record(hello)), (SERVER, said), (CLIENT, alert(42))))
    assert found["cert-weak"] == sure
    assert (next(iter(found)) == "cert-weak") == (sure == "likely")


@pytest.mark.parametrize("end", ["fin", "rst"])
def test_a_downgraded_client_may_leave_without_a_word(end: str) -> None:
    """So does Java's HttpClient; without the mark there is nothing to see."""
    modern = record(client_hello(versions(0x0304, 0x0303), suites=(TLS13_SUITE, RSA_CBC)))
    for random, marked in ((bytes(24) + b"DOWNGRD\x01", True), (bytes(32), False)):
        answer = server_hello(RENEGOTIATION, suite=RSA_CBC, random=random)
        said = record(answer, chain(LEAF), message(14, b""))
        found = named(diagnose((CLIENT, modern), (SERVER, said), (CLIENT, end)))
        assert (found.get("tls13-downgrade-sentinel") == "likely") == marked


@pytest.mark.parametrize(("listed", "sure"), [((0x0304, 0x0303), "likely"), ((), "possible")])
def test_who_leaves_on_a_version_that_was_not_listed_had_to(
    listed: tuple[int, ...], sure: str
) -> None:
    """RFC 8446 section 4.2.1: a server must choose from supported_versions."""
    own = (versions(*listed),) if listed else ()
    old = b"\x02\x00\x00\x26\x03\x02" + bytes(33) + u16(RSA_CBC) + b"\0"
    said = record(old, chain(LEAF), message(14, b""), version=0x0302)
    hello = record(client_hello(*own, suites=(TLS13_SUITE, RSA_CBC)))
    found = named(diagnose((CLIENT, hello), (SERVER, said), (CLIENT, "fin")))
    assert found["version-server-too-old"] == sure


def test_a_default_certificate_that_the_store_does_not_trust_is_untrusted_first() -> None:
    """A resolver by address names nobody (DNS over TLS): that is not what its client minds."""
    from test_causes import BEGIN, flow
    from test_trust_chains import Made, leaf, root

    from tlswire import causes, trust
    from tlswire.causes.case import Case
    from tlswire.certificates import read_chain
    from tlswire.ending import judge
    from tlswire.offer import read_offer
    from tlswire.session import Session

    stranger = Made("Stranger")
    ders = (leaf(stranger, "a.test").der, stranger.der)
    session = Session()
    hello = record(client_hello(groups(X25519), RENEGOTIATION, MASTER_SECRET))
    for number, (who, data) in enumerate(
        ((CLIENT, hello), (SERVER, flight(*ders)), (CLIENT, alert(46)))
    ):
        session.receive(who, data, BEGIN + number, number + 4)
    transcript, talk = session.end(BEGIN + 9), flow()
    ending = judge(transcript, talk, BEGIN + 9)
    assert transcript.client_hello is not None
    offer = read_offer(transcript.client_hello)
    trusted = trust.Roots("the test", [root().der])
    judged = trust.judge(read_chain(ders), trusted, None, BEGIN, BEGIN)
    case = Case(transcript, talk, ending, offer, BEGIN + 9, trust=judged)
    assert causes.diagnose(case).causes[0].id == "cert-untrusted-root"
