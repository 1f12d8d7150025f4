"""POP3: STLS (RFC 2595 section 4)."""

from __future__ import annotations

from tlswire.preambles.step import ALWAYS, Dialect, Exchanges, Step, line, text

_OK = rb"\+OK[^\n]*+\n"
_ERR = rb"-ERR[^\n]*+\n"
_LISTING = rb"(?:" + _OK + rb"(?>(?:(?!\.\r?\n)[^\n]*+\n)*)\.\r?\n|" + _ERR + rb")"

DIALECT = Dialect(
    "pop3",
    (
        Step("server", "greeting", text(_OK), refuses=text(_ERR), telling=ALWAYS),
        Exchanges(
            (
                (
                    Step("client", "CAPA", line(rb"CAPA[ \t]*\r?(?=\n)")),
                    Step("server", "capabilities", text(_LISTING)),
                ),
                (
                    Step("client", "command", line(rb"(?!STLS|CAPA)[A-Z]{3,4}[ \r\n]")),
                    Step("server", "reply", text(rb"(?:" + _OK + rb"|" + _ERR + rb")")),
                ),
            )
        ),
        Step("client", "STLS", line(rb"STLS[ \t]*\r?(?=\n)"), says=b"STLS\r\n", telling=ALWAYS),
        Step("server", "+OK to STLS", text(_OK), refuses=text(_ERR)),
    ),
)
