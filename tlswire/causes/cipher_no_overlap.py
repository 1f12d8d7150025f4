"""No cipher suite is common to client and server.

What it is: the client's list and the server's have nothing in common: a hardened server before an
old partner, a list written by hand, a policy that took away CBC or RSA key exchange. Suites of
TLS 1.3 do not count for 1.2, nor the other way round.

At the client, at the server and in the middle: a ClientHello, and at once the server's
handshake_failure(40) or insufficient_security(71). Schannel and Mbed TLS close without an alert.

Mistaken for: groups-no-overlap, sigalgs-no-overlap, ecdsa-cert-rsa-client: to the byte the same
alert. The bytes alone never prove which; what is offered only makes one likelier.

Proof: replay with one suite more passes, and the exact hello fails again. Then ask the server
for its whole list and intersect.

Sources: RFC 5246 section 7.4.1.3, RFC 8446 section 4.1.1; psf/requests#2573, dotnet/corefx#4822.
"""

from __future__ import annotations

from collections.abc import Iterator

from tlswire.causes import refusals, suspects, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, Suite
from tlswire.language import counted, mark, say
from tlswire.offer import Offer
from tlswire.result import Confidence, Evidence

ID = "cipher-no-overlap"
STAGE: Stage = "client_hello"
SUMMARY = mark("the server accepts none of the cipher suites offered ({suites})")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Enable suites with ECDHE and AES-GCM or ChaCha20; upgrade the library where it has none.",
    ),
    Cited(
        "server",
        "Add a suite that the client offers to the cipher list; of those offered prefer "
        "one with forward secrecy.",
    ),
    Cited(
        "load_balancer", "Add such a suite to the cipher string of this virtual server's profile."
    ),
)
SPLIT_BY: tuple[str, ...] = ("suites",)

_SIGNALS = frozenset({Suite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV, Suite.TLS_FALLBACK_SCSV})
#: How servers refuse suites; the second is Erlang's word for a group or a certificate too.
SAID = (Alert.handshake_failure, Alert.insufficient_security)
#: So few suites offered make the list the first suspect.
FEW, SOME = 3, 8
#: And a list that suits all but for the length of its keys, so much more.
ONE_STRENGTH = 20


def look(case: Case) -> Finding | Refuted | None:
    """A refusal without a reason leaves the suites suspect, the more the fewer were offered."""
    if case.transcript.suite is not None and case.alerted("client", Alert.handshake_failure):
        return Refuted(say("the server chose {suite}", suite=wording.suite(case.transcript.suite)))
    if not refusals.wordless(case) or case.offer is None:
        return None
    offered = real_suites(case.offer)
    text = counted(
        "{number} suite offered: {suites}",
        "{number} suites offered: {suites}",
        len(offered),
        suites=wording.suites(offered, 12),
    )
    served = tuple(_served_otherwise(case, offered))
    weight = _suspicion(case, offered) + (25 if served else 0)
    confidence: Confidence = "likely" if weight >= 70 else "possible"
    why = say(SUMMARY, suites=wording.suites(offered))
    return Finding(confidence, (case.closing, cite(case.hello, text), *served), why, weight)


def _served_otherwise(case: Case, offered: tuple[int, ...]) -> Iterator[Evidence]:
    """Say so, where this server served others with suites of which none is offered here."""
    chosen = {n.suite for n in case.served if n.suite is not None}
    if chosen and chosen.isdisjoint(offered):
        told = wording.suites(sorted(chosen), 4)
        yield Evidence(
            text=say(
                "the same server served others with {told}, which is not offered here", told=told
            )
        )


def real_suites(offer: Offer) -> tuple[int, ...]:
    """Return the suites offered without those that are only signals (RFC 5746, RFC 7507)."""
    return tuple(s for s in offer.suites if s not in _SIGNALS)


def _suspicion(case: Case, offered: tuple[int, ...]) -> int:
    """Weigh the list: an unusual or a short one is suspect, but not under an old version."""
    said = case.alerted("server", *SAID)
    base = 40 if said else 20
    if refusals.old(case) or case.offer is None:
        return base
    usual = [suite for suite in offered if suspects.is_usual(suite)]
    if suspects.suits_all(offered):
        base = 24 if case.alerted("server", Alert.handshake_failure) else base - 4
        base += ONE_STRENGTH if suspects.one_strength(offered) else 0
    if suspects.offers_tls13(case.offer) and len(usual) > 1:
        return base
    return base + _shortness(case.offer, offered) + (0 if usual else 45)


def _shortness(offer: Offer, offered: tuple[int, ...]) -> int:
    """Weigh a short list, less where it is the kind of certificate that may not fit."""
    if len(offered) <= FEW:
        return 10 if suspects.kind_is_telling(offer) else 40
    return 10 if len(offered) <= SOME else 0
