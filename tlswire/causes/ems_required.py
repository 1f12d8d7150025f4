"""One side demands the extended master secret and the other does not have it.

What it is: a FIPS profile or a strict policy refuses TLS 1.2 without extended_master_secret. TLS
1.3 does not know the question.

At the client, at the server and in the middle: the ClientHello lacks the extension and the
server says handshake_failure(40); or the ServerHello lacks it and the client says
handshake_failure(40), insufficient_security(71) or illegal_parameter(47).

Mistaken for: cipher-no-overlap; legacy-renegotiation-refused, at the same place.

Proof: replay with the extension added, or taken away.

Sources: RFC 7627 section 5; openssl/openssl#19989, nmap/nmap#2724, erlang/otp#9235.
"""

from __future__ import annotations

from tlswire.causes import chain, odds, refusals, suspects
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, ExtensionType
from tlswire.language import mark, say
from tlswire.offer import Offer
from tlswire.result import Confidence
from tlswire.transcript import Entry

ID = "ems-required"
STAGE: Stage = "server_hello"
SUMMARY = mark("the client does not have extended_master_secret and the other side demands it")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Upgrade the stack so that it sends extended_master_secret.",
    ),
    Cited(
        "server",
        "Upgrade the stack so that it answers it, or enable TLS 1.3.",
    ),
    Cited(
        "load_balancer",
        "Upgrade the firmware, or enable TLS 1.3.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("extension",)

SERVER_LACKS = mark("the server does not have extended_master_secret and the other side demands it")


#: Clients that demand it say that it failed, that it is wrong, or that it is not safe enough.
SAID = (Alert.handshake_failure, Alert.illegal_parameter, Alert.insufficient_security)


def look(case: Case) -> Finding | Refuted | None:
    """A hello without the extension, refused by the other side."""
    if case.offer is None or (suspects.offers_tls13(case.offer) and case.transcript.tls13):
        return None
    offered = case.offer.has(ExtensionType.extended_master_secret)
    answer = case.transcript.server_hello
    if answer is not None:
        return _answered(case, answer, offered)
    if not refusals.wordless(case) or refusals.tops_out_at(case) is None:
        return None
    if offered:
        told = say("the ClientHello has extended_master_secret")
        return Refuted(told) if refusals.bare(case) else None
    shown = cite(case.hello, say("the ClientHello has no extended_master_secret"))
    if refusals.mute(case) and case.offer.signature_algorithms is not None:
        return odds.judge(case, ID, (shown,), say(SUMMARY))
    return Finding("possible", (shown, case.closing), say(SUMMARY), _weight(case, case.offer))


def _weight(case: Case, offer: Offer) -> int:
    """Weigh the lack: TLS 1.2 of this day has it (RFC 9325 section 4.4), old stacks never had."""
    if offer.signature_algorithms is None:
        return 14 if refusals.bare(case) else 0
    if case.alerted("server", Alert.insufficient_security):
        return 46
    return 24


def _answered(case: Case, answer: Entry, offered: bool) -> Finding | None:
    if case.transcript.tls13 or not offered:
        return None
    if not case.alerted("client", *SAID):
        return None
    if answer.has_extension(ExtensionType.extended_master_secret):
        return None
    shown = cite(answer, say("the ServerHello has no extended_master_secret"))
    meant = case.alerted("client", Alert.insufficient_security)
    clean = case.revealed is not None and not chain.flawed(case)  # a replay met nothing else
    sure: Confidence = "likely" if meant and clean else "possible"
    return Finding(sure, (shown, case.closing), say(SERVER_LACKS), 60)
