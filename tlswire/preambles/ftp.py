"""FTP: AUTH TLS, or the older AUTH SSL (RFC 4217 section 4)."""

from __future__ import annotations

from tlswire.preambles.step import ALWAYS, Dialect, Exchanges, Step, line, reply

_COMMAND = rb"(?!AUTH[ ])[A-Z]{3,4}[ \r\n]"

DIALECT = Dialect(
    "ftp",
    (
        Step("server", "greeting", reply(b"220"), refuses=reply(rb"[45]\d\d"), telling=rb"(?i)FTP"),
        Exchanges(
            (
                (
                    Step("client", "command", line(_COMMAND), telling=rb"(?i)^FEAT"),
                    Step("server", "reply", reply(rb"[1-5]\d\d")),
                ),
            )
        ),
        Step(
            "client",
            "AUTH TLS",
            line(rb"AUTH[ ]+(?:TLS|TLS-C|TLS-P|SSL)[ \t]*\r?(?=\n)"),
            says=b"AUTH TLS\r\n",
            telling=ALWAYS,
            otherwise=b"AUTH SSL\r\n",  # before RFC 4217; some know nothing else
        ),
        Step("server", "234 to AUTH", reply(rb"[23]34"), refuses=reply(rb"[1-5]\d\d")),
    ),
)
