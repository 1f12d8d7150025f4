"""IRC: the STARTTLS command with numerics 670 and 691 (IRCv3 tls extension)."""

from __future__ import annotations

from tlswire.preambles.step import ALWAYS, Dialect, Step, text

#: What comes before is not answered line by line: notices, CAP, registration.
_EARLIER = rb"(?>(?:(?!STARTTLS)(?:CAP|NICK|USER|PASS|PING|PONG)\b[^\n]*+\n)*)"
_PREFIX = rb"(?>(?::[^ \r\n]++[ ])?)"


def _numeric(codes: bytes) -> bytes:
    lines_before = rb"(?>(?:(?!" + _PREFIX + rb"(?:" + codes + rb")[ ])[^\n]*+\n)*)"
    return lines_before + rb"(?P<words>" + _PREFIX + rb"(?:" + codes + rb")[ ][^\r\n]*+)\r?\n"


DIALECT = Dialect(
    "irc",
    (
        Step(
            "client",
            "STARTTLS",
            text(_EARLIER + rb"(?P<words>STARTTLS)[ \t]*\r?\n"),
            says=b"STARTTLS\r\n",
        ),
        Step(
            "server",
            "670 to STARTTLS",
            text(_numeric(b"670")),
            refuses=text(_numeric(b"691|421|451|400|ERROR")),
            telling=ALWAYS,
        ),
    ),
)
