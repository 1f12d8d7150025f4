"""Preambles by hand-written dialogues in the manner of the RFCs, and by real captures."""

from __future__ import annotations

import ipaddress
import os
import time
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlswire.flow import Who
from tlswire.preambles import find_client_hello, name_bytes, recognise
from tlswire.preambles.step import escape

dpkt = pytest.importorskip("dpkt")

SHARED = Path(
    os.environ.get("TLSWIRE_SHARED", Path(__file__).resolve().parents[1].parent / "shared")
)

RDP_REQUEST = bytes.fromhex("030000130ee000000000000100080003000000")
#: The example of [MS-TDS] 4.1 and 4.2: a PRELOGIN with ENCRYPT_ON and its response.
TDS_PRELOGIN = bytes.fromhex(
    "1201002f0000010000001a00060100200001020021000103002200040400260001ff"
    "090000000000 01 00 b80d0000 01"
)
TDS_RESPONSE = bytes.fromhex(
    "0401002b0000010000001a00060100200001020021000103002200000400220001ff080001550000 01 0000"
)
#: The greeting and the request of MySQL 5.7.16, as any capture of it shows them.
MYSQL_GREETING = (
    bytes.fromhex(
        "4a0000000a352e372e313600 4d682000 09375 22b2f25462900 ffff 08 0200 ffc1 15".replace(
            " ", ""
        )
        + "00" * 10
        + "696478447e7e236654082b1b 00".replace(" ", "")
    )
    + b"mysql_native_password\0"
)
MYSQL_SSL_REQUEST = bytes.fromhex("20000001 8faa3a00 ffffff00 21") + bytes(23)

#: protocol, client's bytes, server's bytes: complete, TLS comes next.
COMPLETE = [
    (
        "smtp",
        b"EHLO client.example.com\r\nSTARTTLS\r\n",
        b"220 mail.imc.org SMTP service ready\r\n250-mail.imc.org offers a warm hug\r\n"
        b"250-8BITMIME\r\n250 STARTTLS\r\n220 Go ahead\r\n",
    ),
    ("smtp", b"STARTTLS\r\n", b"220 mx\r\n220 go\r\n"),
    ("ftp", b"AUTH TLS\r\n", b"220 ready\r\n234 AUTH TLS successful\r\n"),
    (
        "ftp",
        b"FEAT\r\nAUTH TLS\r\nAUTH SSL\r\n",
        b"220-hello\r\n  all welcome\r\n220 ready\r\n211-Features:\r\n AUTH TLS\r\n211 End\r\n"
        b"504 no such\r\n234 go\r\n",
    ),
    (
        "imap",
        b"a001 CAPABILITY\r\na002 STARTTLS\r\n",
        b"* OK IMAP4rev2 ready\r\n* CAPABILITY IMAP4rev2 STARTTLS LOGINDISABLED\r\n"
        b"a001 OK done\r\na002 OK Begin TLS negotiation now\r\n",
    ),
    ("pop3", b"STLS\r\n", b"+OK POP3 ready\r\n+OK Begin TLS negotiation\r\n"),
    (
        "pop3",
        b"CAPA\r\nSTLS\r\n",
        b"+OK <1.2@h>\r\n+OK list follows\r\nSTLS\r\nUSER\r\n.\r\n+OK begin\r\n",
    ),
    (
        "ldap",
        bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037",
        bytes.fromhex("300c02010178070a010004000400"),
    ),
    ("postgres", bytes.fromhex("0000000804d2162f"), b"S"),
    ("postgres", bytes.fromhex("0000000804d216300000000804d2162f"), b"NS"),
    ("http-connect", b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
    (
        "http-connect",
        b"CONNECT h:443 HTTP/1.1\r\n\r\nCONNECT h:443 HTTP/1.1\r\nProxy-Authorization: x\r\n\r\n",
        b"HTTP/1.1 407 Authenticate\r\nContent-Length: 3\r\n\r\nnoyHTTP/1.1 200 OK\r\n\r\n",
    ),
    (
        "http-upgrade",
        b"OPTIONS * HTTP/1.1\r\nHost: e\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n\r\n",
    ),
    (
        "socks5",
        bytes.fromhex("050100 05010003") + b"\x0bexample.com\x01\xbb",
        bytes.fromhex("0500 05000001000000000000"),
    ),
    (
        "socks5",
        bytes.fromhex("05020002 0101750170 0501000420010db8000000000000000000000001 01bb"),
        bytes.fromhex("0502 0100 05000001000000000000"),
    ),
    ("socks4", bytes.fromhex("0401 01bb c0000201") + b"user\0", bytes.fromhex("005a000000000000")),
    ("socks4", bytes.fromhex("0401 01bb 00000001 00") + b"example.com\0", b"\0\x5a" + bytes(6)),
    (
        "xmpp",
        b"<?xml version='1.0'?><stream:stream from='juliet@im.example.com' to='im.example.com' "
        b"version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
        b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        b"<stream:stream from='im.example.com' id='t7' version='1.0' xmlns='jabber:client' "
        b"xmlns:stream='http://etherx.jabber.org/streams'><stream:features>"
        b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
        b"</stream:features><proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    ),
    (
        "nntp",
        b"CAPABILITIES\r\nSTARTTLS\r\n",
        b"200 news.example.com\r\n101 Capability list:\r\nVERSION 2\r\nREADER\r\nSTARTTLS\r\n.\r\n"
        b"382 Continue with TLS negotiation\r\n",
    ),
    ("nntp", b"STARTTLS\r\n", b"201 hi\r\n382 go\r\n"),
    (
        "managesieve",
        b"STARTTLS\r\n",
        b'"IMPLEMENTATION" "Example1 ManageSieved v001"\r\n"SASL" "PLAIN"\r\n'
        b'"SIEVE" "fileinto vacation"\r\n"STARTTLS"\r\n"VERSION" "1.0"\r\nOK\r\n'
        b'OK "Begin TLS negotiation now."\r\n',
    ),
    (
        "irc",
        b"CAP LS 302\r\nSTARTTLS\r\n",
        b":irc.example.net NOTICE * :*** Looking up\r\n:irc.example.net CAP * LS :tls\r\n"
        b":irc.example.net 670 * :STARTTLS successful, go ahead with TLS handshake\r\n",
    ),
    ("rdp", RDP_REQUEST, bytes.fromhex("030000130ed000001234000209080002000000")),
    (
        "rdp",
        bytes.fromhex("0300002c27e00000000000")
        + b"Cookie: mstshash=eltons\r\n"
        + bytes.fromhex("0100080001000000"),
        bytes.fromhex("030000130ed000001234000200080001000000"),
    ),
    ("tds", TDS_PRELOGIN, TDS_RESPONSE),
    ("mysql", MYSQL_SSL_REQUEST, MYSQL_GREETING),
    ("proxy-v1", b"PROXY TCP4 192.0.2.1 198.51.100.2 5000 443\r\n", b""),
    ("proxy-v2", bytes.fromhex("0d0a0d0a000d0a515549540a20000000"), b""),
    ("proxy-v1+postgres", b"PROXY UNKNOWN\r\n" + bytes.fromhex("0000000804d2162f"), b"S"),
    (
        "http-connect+smtp",
        b"CONNECT h:25 HTTP/1.1\r\n\r\nEHLO a\r\nSTARTTLS\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n220 h\r\n250 h\r\n220 go\r\n",
    ),
]

#: protocol, client's bytes, server's bytes, the refusal.
REFUSED = [
    (
        "smtp",
        b"EHLO c\r\nSTARTTLS\r\n",
        b"220 h ESMTP\r\n250 h\r\n454 TLS not available due to temporary reason\r\n",
        "454 TLS not available due to temporary reason",
    ),
    (
        "smtp",
        b"EHLO c\r\nSTARTTLS\r\n",
        b"220 h\r\n250 h\r\n502 \x1b[31m\xff\r\n",
        r"502 \x1b[31m\xff",
    ),
    ("ftp", b"AUTH TLS\r\n", b"220 h\r\n534 Policy\r\n", "534 Policy"),
    ("imap", b"1 STARTTLS\r\n", b"* OK hi\r\n1 BAD no TLS\r\n", "1 BAD no TLS"),
    ("pop3", b"STLS\r\n", b"+OK hi\r\n-ERR no\r\n", "-ERR no"),
    ("postgres", bytes.fromhex("0000000804d2162f"), b"N", "N (no TLS here)"),
    (
        "postgres",
        bytes.fromhex("0000000804d2162f"),
        b"E\0\0\0\x29SFATAL\0C28000\0Mno pg_hba.conf entry\0\0",
        "E 28000 no pg_hba.conf entry",
    ),
    (
        "http-connect",
        b"CONNECT h:443 HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 407 Proxy Authentication Required\r\nA: b\r\n\r\n",
        "407 Proxy Authentication Required",
    ),
    (
        "socks5",
        b"\x05\x01\x00\x05\x01\x00\x01\x0a\0\0\1\x01\xbb",
        b"\x05\x00\x05\x05\x00\x01\0\0\0\0\0\0",
        "connection refused (5)",
    ),
    (
        "ldap",
        bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037",
        bytes.fromhex("301302010178 0e 0a0134 0400 04076e6f20636572 74".replace(" ", "")),
        "unavailable (52) no cert",
    ),
    (
        "mysql",
        b"",
        b"\x17\0\0\0\xff\x6a\x04Host is not allowed",  # 20 bytes announced too many
        None,
    ),
    ("mysql", b"", b"\x16\0\0\0\xff\x6a\x04Host is not allowed", "ERR 1130 Host is not allowed"),
]


@pytest.mark.parametrize(("protocol", "client", "server"), COMPLETE)
def test_complete_dialogue(protocol: str, client: bytes, server: bytes) -> None:
    preamble = recognise(client, server)
    assert preamble is not None
    assert (preamble.protocol, preamble.refused, preamble.awaits) == (protocol, None, None)
    assert (preamble.client_end, preamble.server_end) == (len(client), len(server))


@pytest.mark.parametrize(("protocol", "client", "server", "refusal"), REFUSED)
def test_refusal_is_quoted(protocol: str, client: bytes, server: bytes, refusal: str) -> None:
    preamble = recognise(client, server)
    if refusal is None:
        assert preamble is None
    else:
        assert preamble is not None
        assert (preamble.protocol, preamble.refused) == (protocol, refusal)


@pytest.mark.parametrize(("protocol", "client", "server"), COMPLETE)
def test_bytes_after_the_preamble_are_not_its_own(
    protocol: str, client: bytes, server: bytes
) -> None:
    preamble = recognise(client + b"\x16\x03\x01\x00\x05\x01", server + b"\x16\x03\x03\0\5\2")
    assert preamble is not None
    assert (preamble.protocol, preamble.awaits) == (protocol, None)
    assert preamble.client_end == len(client)
    assert preamble.server_end == len(server)


@pytest.mark.parametrize(("protocol", "client", "server"), COMPLETE)
def test_a_dialogue_cut_short_awaits_something(protocol: str, client: bytes, server: bytes) -> None:
    for cut in range(1, len(server)):  # an empty side counts as not captured
        preamble = recognise(client, server[:cut])
        assert preamble is None or preamble.awaits or preamble.refused or "+" in protocol


# --- captures ---------------------------------------------------------------------------------

Streams = tuple[bytes, bytes]


def packets(path: Path) -> list[tuple[int, bytes]]:
    with path.open("rb") as file:
        reader = dpkt.pcap.UniversalReader(file)
        return [(reader.datalink(), data) for _, data in reader]


def tcp_of(link: int, data: bytes) -> tuple[bytes, bytes, dpkt.tcp.TCP] | None:
    layer = {0: dpkt.loopback.Loopback, 113: dpkt.sll.SLL, 101: dpkt.ip.IP}.get(
        link, dpkt.ethernet.Ethernet
    )
    try:
        found = layer(data)
        while not isinstance(found, (dpkt.ip.IP, dpkt.ip6.IP6)):
            found = found.data
        return (found.src, found.dst, found.data) if isinstance(found.data, dpkt.tcp.TCP) else None
    except (dpkt.Error, AttributeError):
        return None


def conversations(path: Path) -> list[Streams]:
    """The client's and the server's bytes of every TCP conversation, by plain reassembly."""
    streams: dict[tuple[object, ...], dict[int, bytes]] = defaultdict(dict)
    order: dict[tuple[object, ...], None] = {}
    for link, data in packets(path):
        found = tcp_of(link, data)
        if found is None:
            continue
        source, destination, tcp = found
        end, other = (source, tcp.sport), (destination, tcp.dport)
        if (end, other) not in order and (other, end) not in order:
            order[(other, end) if tcp.flags & 0x12 == 0x12 else (end, other)] = None
        if tcp.data:
            streams[(end, other)].setdefault(tcp.seq, bytes(tcp.data))
    return [(joined(streams[a, b]), joined(streams[b, a])) for a, b in order]  # type: ignore[misc]


def joined(segments: dict[int, bytes]) -> bytes:
    whole, following = b"", min(segments, default=0)
    for seq in sorted(segments):
        if seq > following:
            break
        whole += segments[seq][following - seq :]
        following = max(following, seq + len(segments[seq]))
    return whole


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return path


#: capture, protocol of its first preamble, refusal, details that must be told.
CAPTURED = [
    ("lab/scenarios/starttls-ftp-ok/client.pcap", "ftp", None, {}),
    ("lab/scenarios/starttls-ldap-ok/client.pcap", "ldap", None, {}),
    ("lab/scenarios/starttls-postgres-ok/client.pcap", "postgres", None, {}),
    ("lab/scenarios/starttls-postgres-ssl-off/client.pcap", "postgres", "N (no TLS here)", {}),
    (
        "lab/scenarios/routed-lb-proxy-protocol-unexpected/hop8-server.pcap",
        "proxy-v2",
        None,
        {"source": "10.77.1.2", "destination": "10.77.3.2", "destination_port": "443"},
    ),
    (
        "lab/scenarios/proxy-unexpected-nginx/client.pcap",
        "proxy-v1",
        None,
        {"source": "127.0.0.1", "source_port": "49510"},
    ),
    (
        "corpus/FoxIO-LLC+ja4/pcap__https-connect.pcap",
        "http-connect",
        None,
        {"target": "ts01-b.cloudsink.net:443"},
    ),
    ("corpus/OISF+suricata-verify/tests__bug-2430__backwards.pcap", "http-connect", None, {}),
    ("corpus/OISF+suricata-verify/tests__bug-2769__issue_no_icmp.pcap", "http-connect", None, {}),
    ("corpus/OISF+suricata-verify/tests__smtp-startssl__input.pcap", "smtp", None, {}),
    (
        "corpus/arkime+arkime/tests__pcap__mysql-tls.pcap",
        "mysql",
        None,
        {"server": "5.7.16"},
    ),
    ("corpus/arkime+arkime/tests__pcap__smtp-starttls.pcap", "smtp", None, {}),
    ("corpus/ntop+nDPI/tests__cfgs__default__pcap__ftp-start-tls.pcap", "ftp", None, {}),
    ("corpus/ntop+nDPI/tests__cfgs__default__pcap__haproxy.pcap", "proxy-v1", None, {}),
    ("corpus/ntop+nDPI/tests__cfgs__default__pcap__smtp-starttls.pcap", "smtp", None, {}),
    (
        "corpus/seladb+PcapPlusPlus/Tests__Pcap++Test__PcapExamples__pcapng-example.pcapng",
        "mysql",
        None,
        {},
    ),
    (
        "corpus/zeek+zeek/testing__btest__Traces__http__connect-with-header.pcap",
        "http-connect",
        None,
        {},
    ),
    ("corpus/zeek+zeek/testing__btest__Traces__mysql__tls-12-amazon-rds.pcap", "mysql", None, {}),
    (
        "corpus/zeek+zeek/testing__btest__Traces__socks-with-ssl.pcap",
        "socks5",
        None,
        {"target": "www.google.com:443"},
    ),
    ("corpus/zeek+zeek/testing__btest__Traces__tls__smtp-starttls.pcap", "smtp", None, {}),
    (
        "corpus/zeek+zeek/testing__btest__Traces__tls__xmpp-dialback-starttls.pcap",
        "xmpp",
        None,
        {},
    ),
    (
        "corpus/zeek+zeek/testing__btest__Traces__rdp__rdp-no-cookie-mstshash.pcap",
        "rdp",
        None,
        {"selected_protocol": "CredSSP with early authorization"},
    ),
    (
        "corpus/FoxIO-LLC+ja4/pcap__socks4-https.pcap",
        "socks4",
        None,
        {"target": "login.live.com:443"},
    ),
]


@pytest.mark.parametrize(("name", "protocol", "refusal", "details"), CAPTURED)
def test_captured_preamble(
    name: str, protocol: str, refusal: str | None, details: dict[str, str]
) -> None:
    client, server = conversations(shared(name))[0]
    preamble = recognise(client, server)
    assert preamble is not None, (client[:200], server[:200])
    assert (preamble.protocol, preamble.refused) == (protocol, refusal)
    assert preamble.details.items() >= details.items()
    if refusal is None and preamble.client_end < len(client):
        assert find_client_hello(client, preamble.client_end) == preamble.client_end
        assert find_client_hello(client) == preamble.client_end


def test_addresses_of_a_v6_header() -> None:
    ends = ipaddress.ip_address("2001:db8::1").packed + ipaddress.ip_address("::2").packed
    tlvs = b"\x01\x00\x02h2\x02\x00\x01e\x20\x00\x0f\x05\0\0\0\0\x21\x00\x07TLSv1.3"
    header = b"\r\n\r\n\0\r\nQUIT\n\x21\x21" + (36 + len(tlvs)).to_bytes(2) + ends
    preamble = recognise(header + b"\x01\xbb\x00\x50" + tlvs, b"")
    assert preamble is not None
    assert preamble.details == {
        "source": "2001:db8::1",
        "destination": "::2",
        "source_port": "443",
        "destination_port": "80",
        "transport": "STREAM",
        "alpn": "h2",
        "authority": "e",
        "ssl_version": "TLSv1.3",
    }


def test_every_protocol_file_has_a_row() -> None:
    from tlswire.preambles import dialects

    machinery = {
        "__init__",
        "client_hello",
        "dialects",
        "nameless",
        "openers",
        "preamble",
        "signs",
        "recognition",
        "speaker",
        "step",
    }
    folder = Path(dialects.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - machinery
    rows = {dialect.protocol.replace("-", "_") for dialect in dialects.DIALECTS}
    assert rows - {"http_connect", "http_upgrade"} == files - {"http"}
    assert len(dialects.DIALECTS) == len(rows)
    assert rows == {protocol.split("+")[0].replace("-", "_") for protocol, _, _ in COMPLETE}


def test_only_one_side_was_captured() -> None:
    from_client = recognise(b"EHLO c\r\nSTARTTLS\r\n", b"")
    assert from_client is not None
    assert (from_client.protocol, from_client.awaits) == ("smtp", "server: 220 to STARTTLS")
    from_server = recognise(b"", b"220 h ESMTP\r\n")
    assert from_server is not None
    assert (from_server.protocol, from_server.awaits) == ("smtp", "client: STARTTLS")


@pytest.mark.parametrize(
    ("client", "server"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
        (b"\x16\x03\x01\x00\x05\x01", b"\x15\x03\x03\x00\x02\x02\x28"),
        (b"USER foo\r\nNICK foo\r\n", b""),
        (b"hello\r\n", b"hello yourself\r\n"),
    ],
)
def test_what_is_no_preamble(client: bytes, server: bytes) -> None:
    assert recognise(client, server) is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_never_raises(client: bytes, server: bytes) -> None:
    recognise(client, server)


@given(st.data())
def test_never_raises_on_spoilt_dialogues(data: st.DataObject) -> None:
    _, client, server = data.draw(st.sampled_from(COMPLETE))
    spoilt = []
    for side in (client, server):
        at = data.draw(st.integers(0, len(side)))
        spoilt.append(side[:at] + data.draw(st.binary(max_size=6)) + side[at + 1 :])
    preamble = recognise(*spoilt)
    if preamble:
        told = [*preamble.steps, preamble.refused or "", *preamble.details.values()]
        assert all(text.isprintable() for text in told)
        assert len(preamble.refused or "") <= 120


@pytest.mark.parametrize(
    "unit",
    [
        b"EHLO a\r\n", b"250-a\r\n", b"220-a\r\n", b"* OK a\r\n", b"a b\r\n", b"<a>", b"\n",
        b" ", b"A",
        b"+OK\r\n", b"CAPA\r\n", b"101 a\r\n", b'"a"\r\n', b"0\x0c\2\1\1x\7\n\1\0\4\0\4\0",
        b"<stream:stream >", b"<stream:features>", b"CONNECT a:1 HTTP/1.1\r\n\r\n", b"\x05\x01\x00",
        b"HTTP/1.1 407 a\r\n\r\n", b"HTTP/1.1 407 a\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"PROXY UNKNOWN\r\n", b":a b c\r\n", b"CAP LS\r\n", b"\x16\x03\x01\0\x30\1\0\0\x2c\3\3",
    ],
)  # fmt: skip
def test_time_is_bounded(unit: bytes) -> None:
    """The same unit over and over costs what its bytes cost, whatever it begins with."""
    heads = (b"", b"220 a\r\n", b"<stream:stream >", b"CONNECT a:1 HTTP/1.1\r\n")
    both: tuple[Who, Who] = ("client", "server")
    started = time.process_time()
    for head in heads:
        flood = head + unit * (200_000 // len(unit))
        recognise(flood, flood)
        find_client_hello(flood)
        for who in both:
            name_bytes(flood, who)
    assert time.process_time() - started < 4.0


def test_tds_says_that_tls_is_framed() -> None:
    preamble = recognise(TDS_PRELOGIN, TDS_RESPONSE)
    assert preamble is not None
    assert preamble.details == {
        "requested_encryption": "ENCRYPT_ON",
        "encryption": "ENCRYPT_ON",
        "framing": "TLS handshake records inside TDS packets",
    }


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"plain", "plain"),
        (b"a\r\n\x00\x7f", r"a\r\n\x00\x7f"),
        (b"\xff\xfe", r"\xff\xfe"),
        (b"\\x41", r"\\x41"),
        ("für".encode(), "für"),
        ("\u202eevil\u2066".encode(), r"\u202eevil\u2066"),
        (b"\x1b[31mred", r"\x1b[31mred"),
        (b"x" * 500, "x" * 117 + "..."),
    ],
)
def test_escape(data: bytes, shown: str) -> None:
    assert escape(data) == shown


@pytest.mark.parametrize(
    ("client", "server"),
    [
        (b"USER u\r\nPASS hunter2\r\n", b"220 FTP\r\n331 go on\r\n230 in\r\n"),
        (b"USER u\r\nPASS hunter2\r\n", b"+OK\r\n+OK\r\n+OK\r\n"),
        (b"a LOGIN u hunter2\r\n", b"* OK hi\r\na OK in\r\n"),
        (b"a AUTHENTICATE PLAIN hunter2\r\n", b"* OK hi\r\na OK in\r\n"),
        (b"EHLO c\r\nAUTH PLAIN hunter2\r\n", b"220 h\r\n250 h\r\n235 in\r\n"),
        (
            b"CONNECT h:1 HTTP/1.1\r\nProxy-Authorization: hunter2\r\n\r\n",
            b"HTTP/1.1 200 k\r\n\r\n",
        ),
        (bytes.fromhex("050102 010175") + b"\x07hunter2", bytes.fromhex("0502 0100")),
    ],
)
def test_passwords_are_not_told(client: bytes, server: bytes) -> None:
    preamble = recognise(client, server)
    assert preamble is not None
    assert "hunter2" not in repr(preamble)


def test_a_long_talk_in_the_clear_is_not_followed_to_its_end() -> None:
    client = b"EHLO c\r\n" + b"NOOP\r\n" * 5000
    server = b"220 h\r\n250 h\r\n" + b"250 ok\r\n" * 5000
    preamble = recognise(client, server)
    assert preamble is not None
    assert (preamble.protocol, preamble.awaits) == ("smtp", "client: STARTTLS")
    assert len(preamble.steps) == 64
    assert preamble.client_end < 1000
