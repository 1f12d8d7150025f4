"""Servers that speak in clear before TLS, by their RFC: each a list of what it awaits and says.

They wait for what the client must say before they go on, and then serve real TLS. Written from
the protocols' own documents, not from tlswire's tables.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import peers

from tlswire.flow import Endpoint

#: What a server says (bytes), or awaits (a compiled pattern that must match all that came).
Turn = bytes | re.Pattern[bytes]


def heard(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.S | re.I)


#: By protocol: RFC 3207, 9051, 2595, 4217, 6120, 4511, 4642, IRCv3 tls, 5804; PostgreSQL 55.2.10;
#: MySQL Protocol::SSLRequest; MS-RDPBCGR 2.2.1; RFC 2817.
SCRIPTS: dict[str, list[Turn]] = {
    "smtp": [
        b"220-mail.example ESMTP\r\n220 ready\r\n",
        heard(rb"EHLO \S+\r\n"),
        b"250-mail.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n",
        heard(rb"STARTTLS\r\n"),
        b"220 2.0.0 go ahead\r\n",
    ],
    "imap": [
        b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n",
        heard(rb"\S+ STARTTLS\r\n"),
        b"a1 OK begin TLS\r\n",
    ],
    "pop3": [b"+OK <1.2@mail.example>\r\n", heard(rb"STLS\r\n"), b"+OK begin\r\n"],
    "ftp": [b"220-Welcome\r\n220 FTP ready\r\n", heard(rb"AUTH TLS\r\n"), b"234 AUTH TLS ok\r\n"],
    "xmpp": [
        heard(rb"(<\?xml[^>]*>\s*)?<stream:stream[^>]*to='[^']+'[^>]*>"),
        b"<?xml version='1.0'?><stream:stream from='h' id='1' version='1.0' xmlns='jabber:client'"
        b" xmlns:stream='http://etherx.jabber.org/streams'><stream:features><starttls"
        b" xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>",
        heard(rb"<starttls[^>]*/>"),
        b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    ],
    "ldap": [
        heard(rb"\x30\x1d\x02\x01.\x77\x18\x80\x161\.3\.6\.1\.4\.1\.1466\.20037"),
        bytes.fromhex("300c02010178070a010004000400"),
    ],
    "nntp": [b"200 news.example ready\r\n", heard(rb"STARTTLS\r\n"), b"382 continue\r\n"],
    "irc": [heard(rb"STARTTLS\r\n"), b":irc.example 670 * :STARTTLS successful\r\n"],
    "managesieve": [
        b'"IMPLEMENTATION" "x"\r\n"SIEVE" "fileinto"\r\n"STARTTLS"\r\nOK\r\n',
        heard(rb"STARTTLS\r\n"),
        b'OK "begin TLS"\r\n',
    ],
    "postgres": [heard(re.escape(bytes.fromhex("0000000804d2162f"))), b"S"],
    "mysql": [
        # protocol 10, version, thread, 8 bytes, 0, capabilities with CLIENT_SSL, and the rest
        bytes.fromhex("4a0000000a") + b"8.0.36\0" + bytes(4) + b"saltsalt\0" + b"\xff\xff"
        b"\xff\x02\x00\xff\xdf\x15" + bytes(10) + b"saltsaltsalt\0" + b"caching_sha2_password\0",
        heard(rb"\x20\0\0\x01..{3}.{4}.\0{23}"),
    ],
    "rdp": [
        heard(rb"\x03\0\0\x13\x0e\xe0.{5}\x01\0\x08\0.\0\0\0"),
        bytes.fromhex("030000130ed000001234000209080001000000"),
    ],
    "http-connect": [
        heard(rb"CONNECT (\S+) HTTP/1\.1\r\nHost: \1\r\n([^\r\n]+\r\n)*\r\n"),
        b"HTTP/1.1 200 Connection established\r\n\r\n",
    ],
    "http-upgrade": [
        heard(rb"OPTIONS \* HTTP/1\.1\r\n.*Upgrade: TLS/1\.0\r\n.*\r\n\r\n"),
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n\r\n",
    ],
    "socks5": [
        heard(rb"\x05\x01\0"),
        b"\x05\0",
        heard(rb"\x05\x01\0\x03\x0eserver\.example.."),
        b"\x05\0\0\x01\0\0\0\0\0\0",
    ],
    "socks4": [heard(rb"\x04\x01.{6}\0[\w.-]+\0"), b"\0\x5a" + bytes(6)],
    "proxy-v1": [heard(rb"PROXY TCP4 \S+ \S+ \d+ \d+\r\n")],
    "proxy-v2": [heard(rb"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c.{12}")],
}
SCRIPTS["lmtp"] = [  # RFC 2033
    SCRIPTS["smtp"][0],
    heard(rb"LHLO \S+\r\n"),
    *SCRIPTS["smtp"][2:],
]
SCRIPTS["xmpp-server"] = [
    heard(rb"(<\?xml[^>]*>\s*)?<stream:stream[^>]*xmlns='jabber:server'[^>]*>"),
    *SCRIPTS["xmpp"][1:],
]


def converse(accepted: socket.socket, turns: list[Turn], said: bytearray) -> None:
    """Go through the turns; raise OSError when the client says something else."""
    for turn in turns:
        if isinstance(turn, bytes):
            accepted.sendall(turn)
            continue
        words = b""
        while not turn.fullmatch(words):
            more = accepted.recv(1)
            if not more or len(words) > 4096:
                raise OSError(f"the client said {words!r}")
            words += more
        said += words


@contextlib.contextmanager
def speaking(turns: list[Turn]) -> Iterator[tuple[Endpoint, bytearray]]:
    """A server that goes through the turns and then serves TLS; gives what the client said."""
    said = bytearray()
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), peers.identity()
    context.load_cert_chain(own.certificate, own.key)

    def serve(accepted: socket.socket) -> None:
        converse(accepted, turns, said)
        with context.wrap_socket(accepted, server_side=True) as secured:
            secured.recv(4096)

    with peers.scripted(serve) as where:
        yield where, said


@contextlib.contextmanager
def sql_server() -> Iterator[Endpoint]:
    """TDS 7.4: PRELOGIN, then the handshake inside packets ([MS-TDS] 2.2.6.5 and 3.2.5.2)."""
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), peers.identity()
    context.load_cert_chain(own.certificate, own.key)

    def packet(accepted: socket.socket) -> bytes:
        head = accepted.recv(8, socket.MSG_WAITALL)
        if len(head) < 8 or head[0] != 0x12:
            raise OSError(f"no PRELOGIN packet: {head!r}")
        return accepted.recv(int.from_bytes(head[2:4], "big") - 8, socket.MSG_WAITALL)

    def serve(accepted: socket.socket) -> None:
        assert packet(accepted)[:1] == b"\0"  # VERSION comes first
        options = bytes.fromhex("00000b0006 0100110001 ff 0f0007d00000 01")
        accepted.sendall(bytes((4, 1)) + (8 + len(options)).to_bytes(2, "big") + bytes(4) + options)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            incoming.write(packet(accepted))
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.do_handshake()
            data = outgoing.read()
            accepted.sendall(bytes((18, 1)) + (8 + len(data)).to_bytes(2, "big") + bytes(4) + data)

    with peers.scripted(serve) as where:
        yield where


# -- proxies -----------------------------------------------------------------------------


def _relay(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(1 << 16):
            other.sendall(data)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)


def _join(accepted: socket.socket, where: tuple[str, int]) -> None:
    with socket.create_connection(where, peers.PATIENCE) as onward:
        back = threading.Thread(target=_relay, args=(onward, accepted), daemon=True)
        back.start()
        _relay(accepted, onward)
        back.join(peers.PATIENCE)


def _until(accepted: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        more = accepted.recv(1)
        if not more:
            raise OSError("closed")
        data += more
    return data


def http_proxy(credentials: bytes = b"") -> Callable[[socket.socket], None]:
    """RFC 9110 section 9.3.6; with credentials, those of the Basic scheme are wanted."""

    def serve(accepted: socket.socket) -> None:
        head = _until(accepted, b"\r\n\r\n")
        found = re.match(rb"CONNECT ([^: ]+):(\d+) HTTP/1\.1\r\n", head)
        if credentials and b"Proxy-Authorization: Basic " + credentials not in head:
            accepted.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return
        assert found
        accepted.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        _join(accepted, (found[1].decode(), int(found[2])))

    return serve


def socks_proxy(user: bytes = b"", password: bytes = b"") -> Callable[[socket.socket], None]:
    """RFC 1928, and RFC 1929 where there is a user."""

    def serve(accepted: socket.socket) -> None:
        _, count = accepted.recv(2, socket.MSG_WAITALL)
        methods = accepted.recv(count, socket.MSG_WAITALL)
        wanted = 2 if user else 0
        if wanted not in methods:
            accepted.sendall(b"\x05\xff")
            return
        accepted.sendall(bytes((5, wanted)))
        if user:
            told = accepted.recv(3 + len(user) + len(password), socket.MSG_WAITALL)
            right = told == b"\x01%c%b%c%b" % (len(user), user, len(password), password)
            accepted.sendall(b"\x01\x00" if right else b"\x01\x01")
            if not right:
                return
        kind = accepted.recv(4, socket.MSG_WAITALL)[3]
        size = {1: 4, 4: 16}.get(kind) or accepted.recv(1)[0]
        host = accepted.recv(size, socket.MSG_WAITALL)
        port = int.from_bytes(accepted.recv(2, socket.MSG_WAITALL), "big")
        name = socket.inet_ntoa(host) if kind == 1 else host.decode()
        accepted.sendall(b"\x05\0\0\x01" + bytes(6))
        _join(accepted, (name, port))

    return serve
