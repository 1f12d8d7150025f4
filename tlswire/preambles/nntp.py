"""NNTP: STARTTLS (RFC 4642)."""

from __future__ import annotations

from tlswire.preambles.step import ALWAYS, Dialect, Exchanges, Step, line, text

_LINE = rb"[^\n]*+\n"
_BLOCK = rb"101[ \r]" + _LINE + rb"(?>(?:(?!\.\r?\n)[^\n]*+\n)*)\.\r?\n"

DIALECT = Dialect(
    "nntp",
    (
        Step("server", "greeting", line(rb"20[01][ \r\n]"), refuses=line(rb"(?:400|502)[ \r\n]")),
        Exchanges(
            (
                (
                    Step("client", "CAPABILITIES", line(rb"CAPABILITIES"), telling=ALWAYS),
                    Step(
                        "server",
                        "capabilities",
                        text(rb"(?:" + _BLOCK + rb"|[45]\d\d" + _LINE + rb")"),
                    ),
                ),
                (
                    Step(
                        "client",
                        "command",
                        line(rb"(?!STARTTLS)[A-Z]{3,12}[ \r\n]"),
                        telling=rb"(?i)^MODE READER",
                    ),
                    Step("server", "reply", line(rb"[1-5]\d\d[ \r\n]")),
                ),
            )
        ),
        Step("client", "STARTTLS", line(rb"STARTTLS[ \t]*\r?(?=\n)"), says=b"STARTTLS\r\n"),
        Step(
            "server",
            "382 to STARTTLS",
            line(rb"382[ \r\n]"),
            refuses=line(rb"(?:4\d\d|50[0-3]|580)[ \r\n]"),
            telling=rb"^(?:382|580|483)",
        ),
    ),
)
