"""SMTP and LMTP: STARTTLS (RFC 3207)."""

from __future__ import annotations

from tlswire.preambles.step import ALWAYS, Dialect, Exchanges, Step, line, reply

_COMMAND = rb"(?!STARTTLS)[A-Z]{4,8}[ \r\n]"


def _dialect(protocol: str, hello: str) -> Dialect:
    return Dialect(
        protocol,
        (
            Step(
                "server", "greeting", reply(b"220"), refuses=reply(rb"[45]\d\d"), telling=rb"SMTP"
            ),
            Exchanges(
                (
                    (
                        Step(
                            "client",
                            "EHLO",
                            line(rb"(?:EHLO|HELO|LHLO)[ \r\n]"),
                            says=lambda target: f"{hello} {target.name}\r\n".encode(
                                "ascii", "replace"
                            ),
                            telling=ALWAYS,
                        ),
                        Step("server", "reply to EHLO", reply(rb"[2-5]\d\d")),
                    ),
                    (
                        Step("client", "command", line(_COMMAND)),
                        Step("server", "reply", reply(rb"[2-5]\d\d")),
                    ),
                )
            ),
            Step("client", "STARTTLS", line(rb"STARTTLS[ \t]*\r?(?=\n)"), says=b"STARTTLS\r\n"),
            Step(
                "server",
                "220 to STARTTLS",
                reply(b"220"),
                refuses=reply(rb"[2-5]\d\d"),
                telling=ALWAYS,
            ),
        ),
    )


DIALECT = _dialect("smtp", "EHLO")
#: Spoken only: in a capture it reads as SMTP (RFC 2033 section 4.1).
LMTP = _dialect("lmtp", "LHLO")
