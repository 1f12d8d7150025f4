"""The table of dialects. At equal progress the first row wins; a new protocol is a new row."""

from __future__ import annotations

from typing import Final

from tlswire.preambles import (
    ftp,
    http,
    imap,
    irc,
    ldap,
    managesieve,
    mysql,
    nntp,
    pop3,
    postgres,
    proxy_v1,
    proxy_v2,
    rdp,
    smtp,
    socks4,
    socks5,
    tds,
    xmpp,
)
from tlswire.preambles.step import Dialect

DIALECTS: Final[tuple[Dialect, ...]] = (
    proxy_v1.DIALECT,
    proxy_v2.DIALECT,
    http.CONNECT,
    http.UPGRADE,
    socks5.DIALECT,
    socks4.DIALECT,
    smtp.DIALECT,
    imap.DIALECT,
    pop3.DIALECT,
    ftp.DIALECT,
    xmpp.DIALECT,
    nntp.DIALECT,
    managesieve.DIALECT,
    irc.DIALECT,
    ldap.DIALECT,
    postgres.DIALECT,
    mysql.DIALECT,
    tds.DIALECT,
    rdp.DIALECT,
)

#: What can be spoken: some differ by a word from what they are recognised as.
SPOKEN: Final[tuple[Dialect, ...]] = (*DIALECTS, smtp.LMTP, xmpp.SERVER)
BY_PROTOCOL: Final[dict[str, Dialect]] = {dialect.protocol: dialect for dialect in SPOKEN}

#: What else they are called, by other tools.
ALIASES: Final[dict[str, str]] = {
    "sieve": "managesieve",
    "postgresql": "postgres",
    "mariadb": "mysql",
    "mssql": "tds",
    "sqlserver": "tds",
}
