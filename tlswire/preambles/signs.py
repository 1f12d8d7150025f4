"""By what signs a dialect is expected: how a server greets, or the port where it listens.

Expected is not known: whoever asks speaks it, and hears whether it is. Opens nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

#: How the name of a greeting begins (`name_bytes`) -> what to speak.
GREETINGS: Final[dict[str, str]] = {
    "SMTP": "smtp",
    "FTP": "ftp",
    "IMAP": "imap",
    "POP3": "pop3",
    "NNTP": "nntp",
    "ManageSieve": "managesieve",
    "MySQL": "mysql",
    "IRC": "irc",
    "XMPP": "xmpp",
    "LDAP": "ldap",
    "PostgreSQL": "postgres",
    "TDS": "tds",
    "RDP": "rdp",
}
#: A greeting that both have.
EITHER: Final = "SMTP or FTP"
#: Where a dialect begins in clear (IANA): of several ports of one the first is the usual one.
PORTS: Final[dict[int, str]] = {
    21: "ftp",
    25: "smtp",
    110: "pop3",
    119: "nntp",
    143: "imap",
    389: "ldap",
    433: "nntp",
    587: "smtp",
    1433: "tds",
    2525: "smtp",
    3268: "ldap",
    3306: "mysql",
    3389: "rdp",
    4190: "managesieve",
    5222: "xmpp",
    5269: "xmpp",
    5432: "postgres",
    6667: "irc",
}


def greeted(name: str, ports: Collection[int] = ()) -> tuple[str, ...]:
    """Return what a greeting of this name may be of, the likely first; ports tell like ones."""
    if name.startswith(EITHER):
        return ("ftp", "smtp") if "ftp" in map(PORTS.get, ports) else ("smtp", "ftp")
    return tuple(dialect for begin, dialect in GREETINGS.items() if name.startswith(begin))


def port_of(dialect: str) -> int | None:
    """Return the port where servers of a dialect listen, None where there is no usual one."""
    return next((port for port, each in PORTS.items() if each == dialect), None)
