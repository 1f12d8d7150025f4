"""The client's newest version is older than the server's oldest.

What it is: the ClientHello tops out at SSL 3.0, TLS 1.0 or 1.1 (or at 1.2 before a server that
takes 1.3 only), and the server has switched those off.

At the client, at the server and in the middle: a ClientHello without supported_versions, or with
nothing new in it, and at once the server's protocol_version(70). GnuTLS, and most stacks for
SSL 3.0, say handshake_failure(40) instead; Schannel resets.

Mistaken for: cipher-no-overlap, when the alert is 40; version-intolerance, where the server
breaks on a version that is too new for it.

Proof: replay with the version raised passes, and the exact hello fails again.

Sources: RFC 8446 section 4.2.1 and appendix D.2, RFC 8996; Azure/app-service-announcements#104.
"""

from __future__ import annotations

from collections.abc import Iterator

from tlswire.causes import refusals, suspects, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, Version
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "version-client-too-old"
STAGE: Stage = "client_hello"
SUMMARY = mark("the server wants a newer version than {highest}, the client's newest")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Upgrade the client's TLS library, or enable TLS 1.2 and 1.3 in its "
        "configuration (Java 7, .NET before 4.6, Android 4 have them switched off).",
    ),
    Cited(
        "load_balancer",
        "Until the client is upgraded, give it a virtual server of its own that "
        "still takes the old version.",
    ),
    Cited("server", "Lower the minimum version only as a stop-gap, and only for this client."),
)
SPLIT_BY: tuple[str, ...] = ("version",)


def look(case: Case) -> Finding | Refuted | None:
    """A server that refuses a hello whose newest version is below TLS 1.3."""
    refused = case.stopped("SERVER_HELLO") and case.alerted("server", Alert.protocol_version)
    if not refused and not refusals.wordless(case):
        return None
    highest = refusals.tops_out_at(case)
    if highest is None:
        return Refuted(say("the client offers TLS 1.3")) if case.offer is not None else None
    told = wording.version(highest)
    hello = cite(case.hello, say("the newest version offered is {told}", told=told))
    confidence, weight = ("proved", 100) if refused else _fit(case, highest)
    served = tuple(_served_newer(case, highest))
    evidence = (hello, *served, case.closing)
    weight += 20 if served else 0
    return Finding(confidence, evidence, say(SUMMARY, highest=told), weight)  # type: ignore[arg-type]


def _served_newer(case: Case, highest: int) -> Iterator[Evidence]:
    """Say so, where this server served others with newer versions only."""
    versions = {n.version for n in case.served if n.version is not None}
    if versions and min(versions) > highest:
        oldest = wording.version(min(versions))
        yield Evidence(
            text=say(
                "the same server served others, with {oldest} and nothing older", oldest=oldest
            )
        )


def _fit(case: Case, highest: int) -> tuple[str, int]:
    """A refusal without a reason: an old hello makes the version the first suspect."""
    if highest < Version.tls_1_2:
        return "likely", 90
    if refusals.bare(case):
        return "possible", 42
    fits_all = case.offer is not None and suspects.suits_all(case.offer.suites)
    return "possible", CLOSED if fits_all and case.ended("server", "fin") else 37


#: Who read a hello of TLS 1.2 with suites for everyone, and closed without a word, wants 1.3.
CLOSED = 61
