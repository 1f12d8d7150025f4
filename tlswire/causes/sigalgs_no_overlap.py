"""The server's key cannot make a signature that the client accepts.

What it is: signature_algorithms of the client does not fit the key of the server's certificate:
ECDSA alone before an RSA key, no RSA-PSS before a key restricted to it, SHA-1 alone before a
library that has dropped it, or no such extension at all.

At the client, at the server and in the middle: a ClientHello, and at once the server's
handshake_failure(40); internal_error(80) where RSA-PSS is at fault, missing_extension(109) where
the extension is missing in TLS 1.3.

Mistaken for: cipher-no-overlap and groups-no-overlap: to the byte the same alert;
ecdsa-cert-rsa-client, where the suites and not the schemes exclude the key.

Proof: replay with the common schemes added passes, and the exact hello fails again.

Sources: RFC 5246 section 7.4.1.4.1, RFC 8446 section 4.2.3; openssl/openssl#12862,
openssl/openssl#17383, openssl/openssl#9545, aws/s2n-tls#2197.
"""

from __future__ import annotations

from tlswire.causes import refusals, suspects, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, SignatureScheme
from tlswire.language import mark, say
from tlswire.offer import Offer

ID = "sigalgs-no-overlap"
STAGE: Stage = "client_hello"
SUMMARY = mark(
    "the server's key can make none of the signatures that the client accepts ({schemes})"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Offer rsa_pss_rsae_sha256, rsa_pkcs1_sha256 and ecdsa_secp256r1_sha256.",
    ),
    Cited(
        "server",
        "Add a certificate with a key of the kind that the client accepts: RSA and ECDSA side "
        "by side.",
    ),
    Cited(
        "load_balancer",
        "Bind an RSA and an ECDSA certificate to the virtual server.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("signature_algorithms", "suites")

NONE = mark(
    "the client names no signature algorithms, so SHA-1 is meant, and servers have dropped it"
)

REQUIRED = mark(
    "the client offers TLS 1.3 and names no signature algorithms, which TLS 1.3 requires"
)

#: Where a server of TLS 1.3 chooses its certificate, and how it then refuses.
CHOOSING = ("ENCRYPTED_EXTENSIONS", "CERTIFICATE")
SIGNING = ("SERVER_KEY_EXCHANGE",)
REFUSED = ("alert", "encrypted_alert")
#: So few schemes are somebody's choice, and no default.
FEW = 2
#: One of each kind of key that servers have.
USUAL = frozenset(
    {
        SignatureScheme.rsa_pss_rsae_sha256,
        SignatureScheme.rsa_pkcs1_sha256,
        SignatureScheme.ecdsa_secp256r1_sha256,
    }
)


def look(case: Case) -> Finding | Refuted | None:
    """A refusal without a reason leaves the schemes suspect, the more the fewer were offered."""
    choosing = CHOOSING if case.transcript.tls13 else SIGNING
    if case.stopped(*choosing) and case.ended("server", *REFUSED):
        return _late(case)
    if not refusals.wordless(case) or case.offer is None or refusals.old(case):
        return None
    offered = case.offer.signature_algorithms
    if offered is None:
        return _unnamed(case, case.offer)
    weight = _suspicion(case, offered)
    told = wording.schemes(offered, 12)
    evidence = (
        case.closing,
        cite(case.hello, say("signature algorithms offered: {told}", told=told)),
    )
    why = say(SUMMARY, schemes=wording.schemes(offered, 4))
    return Finding("likely" if weight >= 70 else "possible", evidence, why, weight)


def _unnamed(case: Case, offer: Offer) -> Finding:
    """Without the extension TLS 1.2 means SHA-1 (RFC 5246), and TLS 1.3 does not go (RFC 8446)."""
    if suspects.offers_tls13(offer) and case.alerted("server", Alert.missing_extension):
        shown = cite(case.hello, say("the ClientHello has no signature_algorithms"))
        return Finding("likely", (shown, case.closing), say(REQUIRED), 85)
    if suspects.offers_tls13(offer) and len(offer.versions) == 1:
        shown = cite(case.hello, say("the ClientHello has no signature_algorithms"))
        return Finding("likely", (shown, case.closing), say(REQUIRED), 75)
    return Finding("possible", (case.closing, cite(case.hello, say(NONE))), say(NONE), 30)


def _late(case: Case) -> Finding:
    """A server that gives up after its ServerHello has found no key that signs as it must.

    In TLS 1.3 it looks for one then; up to TLS 1.2 Go and Java sign only after their Certificate.
    """
    offered = case.offer.signature_algorithms if case.offer is not None else None
    told = wording.schemes(offered or (), 12)
    evidence = (
        case.closing,
        cite(case.hello, say("signature algorithms offered: {told}", told=told)),
    )
    few = offered is not None and _suspicion(case, offered) >= 60
    why = say(SUMMARY, schemes=wording.schemes(offered or (), 4))
    return Finding("likely" if few else "possible", evidence, why, 70)


def _suspicion(case: Case, offered: tuple[int, ...]) -> int:
    few = case.offer is None or not suspects.schemes_of_all(case.offer)
    base = 28 if few else 6
    if refusals.mute(case):
        base = 22 if len(offered) <= FEW else 5
    if not USUAL & set(offered):
        base += 50
    elif len(suspects.kinds_of_key(offered)) == 1:
        base += 30
    return base + {1: 60, 2: 40, 3: 20}.get(len(offered), 0)
