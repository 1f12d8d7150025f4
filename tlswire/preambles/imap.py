"""IMAP: STARTTLS (RFC 9051 section 6.2.1)."""

from __future__ import annotations

from tlswire.preambles.step import ALWAYS, Dialect, Exchanges, Step, text

_TAG = rb"[^\s*+(){%\"\\]{1,64}+"
_UNTAGGED = rb"(?>(?:[*+][ ][^\n]*+\n)*)"


def _tagged(status: bytes) -> bytes:
    return _UNTAGGED + rb"(?P<words>" + _TAG + rb"[ ](?i:" + status + rb")[^\r\n]*+)\r?\n"


DIALECT = Dialect(
    "imap",
    (
        Step(
            "server",
            "greeting",
            text(rb"[*][ ](?i:OK|PREAUTH)[ ][^\n]*+\n"),
            refuses=text(rb"[*][ ](?i:BYE|NO|BAD)[ ][^\n]*+\n"),
            telling=ALWAYS,
        ),
        Exchanges(
            (
                (
                    Step(
                        "client",
                        "command",
                        text(_TAG + rb"[ ](?!(?i:STARTTLS))[A-Za-z]++[^\n]*+\n"),
                        telling=rb"(?i)^\S+ (?:CAPABILITY|LOGIN|ID|NOOP)\b",
                    ),
                    Step("server", "tagged reply", text(_tagged(rb"OK|NO|BAD"))),
                ),
            )
        ),
        Step(
            "client",
            "STARTTLS",
            text(_TAG + rb"[ ](?i:STARTTLS)[ \t]*+\r?\n"),
            says=b"a1 STARTTLS\r\n",
            telling=ALWAYS,
        ),
        Step("server", "OK to STARTTLS", text(_tagged(b"OK")), refuses=text(_tagged(b"NO|BAD"))),
    ),
)
