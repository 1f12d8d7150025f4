"""ManageSieve: STARTTLS (RFC 5804 section 2.2). The server greets with its capabilities."""

from __future__ import annotations

from tlswire.preambles.step import ALWAYS, Dialect, Exchanges, Step, line, text

_CAPABILITIES = rb"(?>(?:\"[^\n]*+\n)*)"


def _response(status: bytes) -> bytes:
    return _CAPABILITIES + rb"(?P<words>(?i:" + status + rb")\b[^\r\n]*+)\r?\n"


DIALECT = Dialect(
    "managesieve",
    (
        Step(
            "server",
            "greeting",
            text(_response(b"OK")),
            refuses=text(_response(b"NO|BYE")),
            telling=rb"(?i)^\"(?:IMPLEMENTATION|SIEVE|STARTTLS|SASL)\"",
        ),
        Exchanges(
            (
                (
                    Step("client", "command", line(rb"(?:CAPABILITY|NOOP|AUTHENTICATE)[ \r\n]")),
                    Step("server", "response", text(_response(b"OK|NO"))),
                ),
            )
        ),
        Step("client", "STARTTLS", line(rb"STARTTLS[ \t]*\r?(?=\n)"), says=b"STARTTLS\r\n"),
        Step(
            "server",
            "OK to STARTTLS",
            text(_response(b"OK")),
            refuses=text(_response(b"NO|BYE")),
            telling=ALWAYS,
        ),
    ),
)
