"""Cleartext of any protocol, before TLS or in its place: names, addresses, secrets replaced.

Lengths stay, and so does what tells the protocol: commands, status codes, kinds of headers.
"""

from __future__ import annotations

import re
from typing import Final

from tlswire.anonymous.names import IPV4, Pseudonyms

#: A host name, an e-mail address; the name of a file looks alike and is replaced as well.
#: The number of an SMTP or FTP reply before it is none of it.
NAMES: Final = re.compile(rb"[\w.+-]+@[\w.-]+|\b(?!\d{3}-)(?:[\w-]+\.)+[A-Za-z]{2,}\b")
#: What stands after these is somebody's: hosts, users, passwords.
OWN: Final = re.compile(
    rb"(?im)(?:^(?:EHLO|HELO|LHLO|USER|PASS|NICK|AUTH \w+|LOGIN) |mstshash=)(.*?)\r?$"
)
REQUEST: Final = re.compile(rb"(?m)^(?:GET|POST|PUT|HEAD|DELETE|OPTIONS|PATCH|TRACE) (\S+) HTTP/")
HEADER: Final = re.compile(rb"(?im)^([A-Za-z][\w-]*):[ \t]*(.*?)\r?$")
#: Headers whose values say what is spoken, and nothing of whom.
TELLING: Final = frozenset(
    b"server connection content-type content-length upgrade transfer-encoding date "
    b"proxy-connection accept accept-encoding".split()
)
SOCKS4, SOCKS5 = 4, 5
_USER_PASSWORD: Final = 1


def mask(text: bytes, names: Pseudonyms) -> bytes:
    """Return cleartext of the same length without whose it is."""
    made = bytearray(text)
    if b"HTTP/" in text[:4096]:
        _mask_http(made, text)
    for found in OWN.finditer(text):
        made[found.start(1) : found.end(1)] = b"x" * len(found[1])
    for pattern in (NAMES, IPV4):
        for found in pattern.finditer(bytes(made)):
            made[found.start() : found.end()] = names.text(found[0])
    _mask_socks(made, text)
    return bytes(made)


def _mask_http(made: bytearray, text: bytes) -> None:
    """Take the place of paths, of values of headers that tell nothing of TLS, and of bodies."""
    for found in REQUEST.finditer(text):
        made[found.start(1) : found.end(1)] = re.sub(rb"[A-Za-z0-9%]", b"x", found[1])
    head, blank, _ = text.partition(b"\r\n\r\n")
    for found in HEADER.finditer(head):
        if found[1].lower() not in TELLING and found[1].lower() != b"host":
            made[found.start(2) : found.end(2)] = b"x" * len(found[2])
    body = len(head) + len(blank)
    if text.startswith((b"POST", b"PUT", b"PATCH")):
        made[body:] = b"x" * (len(made) - body)


def _mask_socks(made: bytearray, text: bytes) -> None:
    """Take the place of a user's name and password (RFC 1929), and of a SOCKS 4 user."""
    if text[:1] == bytes((SOCKS4,)) and len(text) > 8:
        end = text.find(b"\0", 8)
        stop = len(text) if end < 0 else end
        made[8:stop] = b"x" * (stop - 8)
    if text[:1] == bytes((SOCKS5,)) and len(text) > 2:
        at = 2 + text[1]
        if text[at : at + 1] == bytes((_USER_PASSWORD,)) and len(text) > at + 2:
            user = at + 2
            password = user + text[at + 1]
            made[user:password] = b"x" * len(made[user:password])
            if len(text) > password:
                end = password + 1 + text[password]
                made[password + 1 : end] = b"x" * len(made[password + 1 : end])
