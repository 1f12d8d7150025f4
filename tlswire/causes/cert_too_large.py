"""The certificates, or the list of authorities in the request, are larger than the peer takes.

What it is: a chain of many or large certificates, or a CertificateRequest that names hundreds of
authorities.

At the client, at the server and in the middle: a message of many kilobytes, then
illegal_parameter(47), decode_error(50), record_overflow(22) or internal_error(80) of the side
that received it.

Mistaken for: mtu-blackhole-server-flight; tcp-corruption-or-offload.

Proof: replay up to the server's flight, and measure it.

Sources: RFC 8446 section 4.4.2; openssl/openssl#4819, haproxy/haproxy#1011,
randombit/botan#4400.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Confidence, Evidence

ID = "cert-too-large"
STAGE: Stage = "certificate"
SUMMARY = mark("the {message} message has {size} bytes, more than the client takes")
UNFINISHED = mark(
    "the server had sent {size} bytes and its certificates were not over: more than the client "
    "takes"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Send the leaf and its intermediates alone; name fewer authorities.",
    ),
    Cited(
        "client",
        "Raise the limit of the library.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

#: Beyond so many bytes some stacks stop reading.
LARGE = 1 << 14
#: And beyond so many Java does, which leaves without a word; OpenSSL does beyond 100 kB.
TOO_LARGE = 1 << 15
SAID = (
    Alert.illegal_parameter,
    Alert.decode_error,
    Alert.record_overflow,
    Alert.internal_error,
    Alert.unexpected_message,
)


#: Where the client left while the Certificate message was still arriving, and how.
INSIDE = ("CERTIFICATE", "ENCRYPTED_EXTENSIONS")
WORDLESS = ("fin", "rst", "encrypted_alert")


def look(case: Case) -> Finding | Refuted | None:
    """A large message of the server, refused when it was whole or before."""
    if not (case.alerted("client", *SAID) or case.ended("client", *WORDLESS)):
        return None
    if case.stopped(*INSIDE) and case.flow.server.sent > LARGE:
        return _unfinished(case)
    for message in ("certificate", "certificate_request"):
        sent = case.said(message, "server")
        if sent is not None and sent.length >= LARGE:
            why = say(SUMMARY, message=message, size=sent.length)
            told = case.alert is not None or sent.length >= TOO_LARGE
            sure: Confidence = "likely" if told else "possible"
            return Finding(sure, (cite(sent, why), case.closing), why, 80)
    return None


def _unfinished(case: Case) -> Finding:
    why = say(UNFINISHED, size=case.flow.server.sent)
    shown = cite(case.transcript.server_hello, why)
    whole = _revealed(case)
    said = case.alert is not None or case.ending.how == "encrypted_alert" or whole is not None
    evidence = (shown, *((whole,) if whole is not None else ()), case.closing)
    return Finding("likely" if said else "possible", evidence, why, 80)


def _revealed(case: Case) -> Evidence | None:
    """Return the large message that a replay took whole, where the client left inside it."""
    entries = case.revealed.entries if case.revealed is not None else ()
    sent = (e for e in entries if e.who == "server" and e.what == "certificate")
    size = next((entry.length for entry in sent), 0)
    told = say("the certificate message has {size} bytes", size=size)
    return Evidence(text=told) if size >= LARGE else None
