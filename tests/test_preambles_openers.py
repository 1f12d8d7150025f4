"""Names of cleartext, against bytes from RFCs, vendors' documents and real captures."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_preambles import conversations, shared

from tlswire.preambles import name_bytes
from tlswire.preambles.openers import OPENERS

Who = Literal["client", "server"]

CLIENT = [
    (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP request"),
    (b"GET /", "HTTP request"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2 preface"),
    (b"CONNECT h:443 HTTP/1.1\r\n\r\n", "HTTP CONNECT request"),
    (b"OPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\n\r\n", "RTSP request"),
    (b"REGISTER sips:ss2.example.com SIP/2.0\r\n", "SIP request"),
    (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH banner"),
    (b"EHLO c\r\n", "SMTP command"),
    (b"STARTTLS\r\n", "STARTTLS command"),
    (b"a1 CAPABILITY\r\n", "IMAP command"),
    (b"USER bob\r\n", "FTP or POP3 command"),
    (b"USER guest 0 * :Ronnie\r\n", "IRC command"),
    (b"*1\r\n$4\r\nPING\r\n", "Redis command"),
    (bytes.fromhex("300c020101600702010304008000"), "LDAP message"),
    (bytes.fromhex("0000000804d2162f"), "PostgreSQL SSLRequest"),
    (b"\0\0\0\x29\0\3\0\0user\0postgres\0\0", "PostgreSQL startup message"),
    (bytes.fromhex("030000130ee000000000000100080003000000"), "RDP connection request"),
    (bytes.fromhex("1201002f0000010000001a0006010020"), "TDS prelogin"),
    (b"\x05\x02\x00\x02", "SOCKS5 greeting"),
    (b"\x04\x01\x01\xbb\0\0\0\1u\0h\0", "SOCKS4 request"),
    (b"PROXY UNKNOWN\r\n", "PROXY protocol v1 header"),
    (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", "PROXY protocol v2 header"),
    (b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04test", "MQTT CONNECT"),
    (b"AMQP\x00\x00\x09\x01", "AMQP header"),
    (b"JRMI\x00\x02\x4b", "Java RMI"),
    (b"t3 12.2.1\nAS:255\n", "T3 (WebLogic)"),
    (b"\xff\xfb\x1f\xff\xfb\x20", "telnet negotiation"),
    (b"hello there", "plain text"),
    (bytes.fromhex("1603010005010000"), None),
    (bytes(range(1, 60)), None),
    (b"", None),
]
SERVER = [
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP response 400"),
    (b"HTTP/2 200\r\n", "HTTP response 200"),
    (b"<html>\r\n<head><title>400 The plain", "HTML without a status line"),
    (b"<!DOCTYPE HTML>\n<html lang", "HTML without a status line"),
    (bytes.fromhex("00001804000000000000030000006400"), "HTTP/2 frames"),
    (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH banner"),
    (b"220 mx.example.com ESMTP Postfix\r\n", "SMTP banner"),
    (b"220 ProFTPD Server\r\n", "FTP banner"),
    (b"220 ready\r\n", "SMTP or FTP banner"),
    (b"500 5.5.1 Unknown command\r\n", "SMTP or FTP reply 500"),
    (b"200 news.example.com InterNetNews\r\n", "NNTP banner"),
    (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", "IMAP greeting"),
    (b"* BYE too many\r\n", "IMAP error"),
    (b"+OK Dovecot ready.\r\n", "POP3 banner"),
    (b"-ERR unknown command 'x'\r\n", "Redis error"),
    (b"-ERR go away\r\n", "POP3 error"),
    (b"<?xml version='1.0'?><stream:stream id='1'>", "XMPP stream"),
    (b"<stream:error xmlns='u'>", "XMPP stream"),
    (b"<?xml version='1.0'?><a/>", "XML"),
    (b"J\0\0\0\n5.7.16\0Mh \0\t7R+/%F)\0\xff", "MySQL greeting"),
    (b"\x45\0\0\0\xffj\x04Host '10.0.0.1' is not", "MySQL error packet"),
    (b"E\0\0\0\x29SFATAL\0VFATAL\0C28000\0", "PostgreSQL error"),
    (bytes.fromhex("030000130ed000001234000208000000000000"), "RDP connection confirm"),
    (bytes.fromhex("300c02010178070a010004000400"), "LDAP message"),
    (
        bytes.fromhex("302402010078 1f 0a0102 0400 0400 8a16".replace(" ", ""))
        + b"1.3.6.1.4.1.1466.20036",
        "LDAP notice of disconnection",
    ),
    (b"\x05\x00", "SOCKS5 reply"),
    (b"RFB 003.008\n", "VNC banner"),
    (b"-----BEGIN CERTIFICATE-----\nMII", "X.509 PEM"),
    (b":irc.example.net NOTICE * :*** Looking up", "IRC server message"),
    (b"RTSP/1.0 400 Bad Request\r\n", "RTSP response 400"),
    (b"SIP/2.0 400 Bad Request\r\n", "SIP response 400"),
    (b"ERROR\r\n", "Memcached error"),
    (b"\x20\x02\x00\x05", "MQTT CONNACK"),
    (b'"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n', "ManageSieve greeting"),
    (b"\xff\xfd\x18\xff\xfd\x20", "telnet negotiation"),
    (b"Protocol mismatch.\n", "plain text"),
    ("Zugriff für Sie gesperrt".encode(), "plain text"),
    (bytes.fromhex("15030300020228"), None),
    (b"\0\1\2\3" * 20, None),
]


@pytest.mark.parametrize(("data", "name"), CLIENT)
def test_client_bytes(data: bytes, name: str | None) -> None:
    assert name_bytes(data, "client") == name


@pytest.mark.parametrize(("data", "name"), SERVER)
def test_server_bytes(data: bytes, name: str | None) -> None:
    assert name_bytes(data, "server") == name


@pytest.mark.parametrize(
    ("capture", "who", "name"),
    [
        ("http-on-https-apache", "client", "HTTP request"),
        ("http-on-https-apache", "server", "HTTP response 400"),
        ("server-http400", "server", "HTTP response 400"),
        ("server-garbage", "server", None),
        ("starttls-ftp-tls-at-once", "server", "FTP banner"),
        ("starttls-mysql-tls-at-once", "server", "MySQL greeting"),
        ("proxy-unexpected-nginx", "client", "PROXY protocol v1 header"),
        ("proxy-unexpected-nginx", "server", "HTTP response 400"),
    ],
)
def test_captured_bytes(capture: str, who: Who, name: str | None) -> None:
    client, server = conversations(shared(f"lab/scenarios/{capture}/client.pcap"))[0]
    assert name_bytes(client if who == "client" else server, who) == name


@given(st.binary(max_size=300), st.sampled_from(["client", "server"]))
def test_never_raises(data: bytes, who: Who) -> None:
    assert name_bytes(data, who) is None or name_bytes(data, who)


@pytest.mark.parametrize("opener", OPENERS, ids=lambda opener: opener.name)
def test_every_opener_has_a_name_and_only_known_fields(opener: object) -> None:
    assert opener in OPENERS
    name, _, pattern = opener  # type: ignore[misc]
    assert ("{code}" in name) == (b"(?P<code>" in pattern)
    assert not pattern.startswith((b".*", b"[^"))  # an opener is told by its first bytes
