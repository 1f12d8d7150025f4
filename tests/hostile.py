"""A capture whose every name is an attack: SNI, ALPN, certificate, banners, HTTP answers.

Made of real packets by scapy, so that the whole way from the file to a report is walked.
"""

from __future__ import annotations

import datetime
import struct
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: What may be tried on a terminal, a browser, a spreadsheet, a Markdown reader, a log.
ATTACKS = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror=alert(1)>',
    "</script></style><svg onload=alert(1)>",
    "{{7*7}}{%raw%}${7*7}",
    '=HYPERLINK("http://x","y")',
    "+cmd|' /C calc'!A0",
    "\x1b]0;owned\x07\x1b[2J\x1b[31m",
    "\u202emoc.elgoog\u2066\u200b",
    "a\r\nSet-Cookie: x\n\n# h1\n| t |",
    "[click](javascript:alert(1)) @everyone `x` **b**",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "x" * 200,
)


def capture(path: Path) -> Path:
    """Write the capture, three connections an attack, and return its path."""
    from scapy.utils import wrpcap

    packets: list[object] = []
    for number, attack in enumerate(ATTACKS):
        raw = attack.encode("utf-8", "surrogatepass")
        hello = client_hello(raw)
        flight = handshake(2, server_hello()) + handshake(11, certificate(attack))
        packets += talk(number * 3, [("c", hello), ("s", flight), ("c", alert(48))])
        packets += talk(number * 3 + 1, [("c", hello), ("s", b"220 " + raw + b" ESMTP\r\n")])
        page = b"HTTP/1.1 400 " + raw + b"\r\nServer: " + raw + b"\r\n\r\n<html>" + raw
        packets += talk(number * 3 + 2, [("c", hello), ("s", page)])
    wrpcap(str(path), packets)
    return path


def talk(number: int, said: list[tuple[str, bytes]]) -> list[object]:
    """Return the packets of a connection: opened, said, closed by the server."""
    from scapy.layers.inet import IP, TCP
    from scapy.layers.l2 import Ether

    client, server = ("192.0.2.1", 40000 + number), ("198.51.100.1", 443)
    at, sent, made = 1_700_000_000 + number, {"c": 1, "s": 1}, []

    def add(who: str, flags: str, data: bytes = b"") -> None:
        nonlocal at
        (source, sport), (target, dport) = (client, server) if who == "c" else (server, client)
        other = "s" if who == "c" else "c"
        at += 0.001
        packet = Ether(src="00:00:5e:00:53:01", dst="00:00:5e:00:53:02") / IP(
            src=source, dst=target
        )
        packet /= TCP(
            sport=sport, dport=dport, flags=flags, seq=sent[who], ack=sent[other], window=64000
        )
        packet = packet / data
        packet.time = at
        made.append(packet)
        sent[who] += len(data) + ("S" in flags) + ("F" in flags)

    add("c", "S"), add("s", "SA"), add("c", "A")
    for who, data in said:
        add(who, "PA", data)
    add("s", "FA")
    return made


def record(kind: int, body: bytes) -> bytes:
    return struct.pack(">BHH", kind, 0x0303, len(body)) + body


def handshake(kind: int, body: bytes) -> bytes:
    return record(22, bytes((kind,)) + len(body).to_bytes(3) + body)


def alert(code: int) -> bytes:
    return record(21, bytes((2, code)))


def vector(data: bytes, size: int = 2) -> bytes:
    return len(data).to_bytes(size) + data


def client_hello(name: bytes) -> bytes:
    sni = vector(b"\0" + vector(name))
    alpn = vector(vector(name[:200], 1))
    extensions = b"".join(
        struct.pack(">H", kind) + vector(body)
        for kind, body in ((0, sni), (16, alpn), (10, vector(b"\0\x17")), (13, vector(b"\4\3")))
    )
    body = b"\3\3" + bytes(32) + b"\0" + vector(b"\xc0\x2b") + b"\1\0" + vector(extensions)
    return handshake(1, body)


def server_hello() -> bytes:
    return b"\3\3" + bytes(range(32)) + b"\0" + b"\xc0\x2b" + b"\0"


def certificate(name: str) -> bytes:
    """Return a Certificate with the attack in every name that X.509 has."""
    key = ec.generate_private_key(ec.SECP256R1())
    text = name[:60]
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, text),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, text),
        ]
    )
    ascii_only = text.encode("ascii", "ignore").decode() or "x"
    begin = datetime.datetime(2023, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(ascii_only)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    from cryptography.hazmat.primitives.serialization import Encoding

    return vector(vector(made.public_bytes(Encoding.DER), 3), 3)
