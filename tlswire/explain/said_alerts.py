"""How programs report an alert, by name or number: the sender, and what the alert leaves possible.

One row a wording, in `WORDINGS`. Whether the alert came from the peer is what a line is read for:
the program that prints an alert it received objects to nothing.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from tlswire.codes import ALERTS, Alert
from tlswire.explain.spellings import plain

Sender = Literal["peer", "local"]


class SaidAlert(NamedTuple):
    """An alert that a line tells of, and who sent it, as seen by the program that printed it."""

    code: int
    sender: Sender


class Wording(NamedTuple):
    """A way to report an alert; the first group holds its name or its number."""

    pattern: str
    sender: Sender
    program: str


WORDINGS: Final[tuple[Wording, ...]] = (
    Wording(r"received (?:a )?fatal alert:? ?(\w+)", "peer", "Java, rustls"),
    Wording(
        r"sent fatal alert:? ?(\w+)|send(?:ing)? fatal alert:? ?(\w+)", "local", "Java, rustls"
    ),
    Wording(r"recv(?:\w+)? TLSv?[\d.]+ ALERT: ?fatal, ?([\w ]+)", "peer", "Java debug"),
    Wording(
        r"(?:SEND|WRITE)(?::)? TLSv?[\d.]+ ALERT: ?fatal, ?(?:description = )?([\w ]+)",
        "local",
        "Java debug",
    ),
    Wording(r"READ: TLSv?[\d.]+ ALERT: ?fatal, ?(?:description = )?([\w ]+)", "peer", "Java debug"),
    Wording(r"remote error: tls: ([\w ]+)", "peer", "Go"),
    Wording(r"local error: tls: ([\w ]+)", "local", "Go"),
    Wording(r"SSL alert number (\d{1,3})", "peer", "OpenSSL"),
    Wording(r"alert read:fatal:([\w ]+)", "peer", "OpenSSL"),
    Wording(r"alert write:fatal:([\w ]+)", "local", "OpenSSL"),
    Wording(r"(?:sslv3|tlsv1|tlsv13)[ _](?:alert[ _])?([\w ]+)", "peer", "OpenSSL"),
    Wording(r"received alert \[(\d{1,3})\]", "peer", "GnuTLS"),
    Wording(r"TLS (?:fatal|warning) alert has been received\.?:? *([\w ]*)", "peer", "GnuTLS"),
    Wording(r"fatal alert was generated.*?\bcode is (\d{1,3})\b", "local", "Schannel 36888"),
    Wording(r"following fatal alert was generated: (\d{1,3})", "local", "Schannel 36888"),
    Wording(r"following fatal alert was received: (\d{1,3})", "peer", "Schannel 36887"),
    Wording(r"(?:alert )?code is (\d{1,3})\b", "peer", "Schannel 36887"),
    Wording(r"received (?:server|client) alert:? ?(?:fatal)? ?-? ?([\w ]+)", "peer", "Erlang"),
    Wording(r"generated (?:server|client) alert:? ?(?:fatal)? ?-? ?([\w ]+)", "local", "Erlang"),
    Wording(r"\b(?:SSL_ERROR_)?([A-Z]+(?:_[A-Z]+){0,4})_ALERT\b", "peer", "NSS"),
    Wording(
        r"alert\(?:? ?\(?(?:level )?fatal\)?,? ?description:? ?\(?([\w ]+)", "peer", "Wireshark"
    ),
    Wording(r"level: ?fatal,? description: ?([\w ]+)", "peer", "Wireshark"),
    Wording(r"TLS alert, (?:(?:Client|Server) hello, )?([\w ]+) \(\d+\)", "peer", "curl"),
    Wording(
        r"alert[_ ]?\((\d{1,3})\)|alert (?:number|code|description)[ =:]+(\d{1,3})\b", "peer", "any"
    ),
    Wording(r"(?:tls|ssl) alert[ :]+([a-z_ ]+)", "peer", "any"),
)
#: Names that programs have of their own.
OWN_NAMES: Final[dict[str, int]] = {
    plain(name): code
    for name, code in {
        "handshake failed": Alert.handshake_failure,
        "bad record MAC": Alert.bad_record_mac,
        "unknown certificate": Alert.certificate_unknown,
        "expired certificate": Alert.certificate_expired,
        "revoked certificate": Alert.certificate_revoked,
        "unknown certificate authority": Alert.unknown_ca,
        "protocol version not supported": Alert.protocol_version,
        "insufficient security level": Alert.insufficient_security,
        "error decrypting message": Alert.decrypt_error,
        "error decoding message": Alert.decode_error,
        "encrypted client hello required": Alert.ech_required,
        "unrecognized name": Alert.unrecognized_name,
        "CA is unknown": Alert.unknown_ca,
        "certificate is bad": Alert.bad_certificate,
        "unknown CA": Alert.unknown_ca,
        "unknown Issuer": Alert.unknown_ca,
        "no application protocol": Alert.no_application_protocol,
        "no supported application protocol could be negotiated": Alert.no_application_protocol,
        "certificate was revoked": Alert.certificate_revoked,
        "certificate expired": Alert.certificate_expired,
        "error in protocol version": Alert.protocol_version,
        "insufficient security": Alert.insufficient_security,
        "access was denied": Alert.access_denied,
        "the server name sent was not recognized": Alert.unrecognized_name,
        "certificate is required": Alert.certificate_required,
        "unexpected message": Alert.unexpected_message,
        "inappropriate fallback": Alert.inappropriate_fallback,
        "decryption failed": Alert.decryption_failed,
        "illegal parameter": Alert.illegal_parameter,
        "bad cert domain": Alert.bad_certificate,
        "revoked cert": Alert.certificate_revoked,
        "expired cert": Alert.certificate_expired,
        "bad cert": Alert.bad_certificate,
        "unsupported cert": Alert.unsupported_certificate,
        "user canceled": Alert.user_canceled,
        "bad cert status response": Alert.bad_certificate_status_response,
        "missing cert": Alert.certificate_required,
    }.items()
}
_NAMES: Final = {plain(name): code for code, name in ALERTS.items()} | OWN_NAMES
_PATTERNS: Final = tuple((re.compile(w.pattern, re.IGNORECASE), w) for w in WORDINGS)
#: Words that the longest name of an alert has.
MOST_WORDS = 9


def find(line: str) -> SaidAlert | None:
    """Return the alert that a line tells of; None when it tells of none."""
    if (own := OWN_NAMES.get(plain(line))) is not None:
        return SaidAlert(own, "peer")
    for pattern, wording in _PATTERNS:
        for match in pattern.finditer(line):
            code = named(next(filter(None, match.groups()), ""))
            if code is not None:
                return SaidAlert(code, wording.sender)
    return None


def named(said: str) -> int | None:
    """Return the alert that words begin with, the longest name first."""
    if said.isdecimal():
        return int(said) if int(said) in ALERTS else None
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", said)
    words = re.split(r"[ _]+", spaced.strip())[:MOST_WORDS]
    ends = range(len(words), 0, -1)
    return next((code for end in ends if (code := _NAMES.get(plain("".join(words[:end]))))), None)
