"""What a handshake that was played on revealed, for a person: what was agreed, the certificates.

An objection is what a client would make that trusts the roots named; whether one did is not said
here. Reads the contract and judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tlswire.few import few, together
from tlswire.language import counted, mark, say
from tlswire.reports.page import Page, lead
from tlswire.result import Agreed, Attempt, CertificateSeen, Chain, ChainFault

#: When a fault held, for whoever reads it; one that always did needs no word.
WHEN = {
    "always": "{fault}",
    "then": mark("{fault} (after the capture: not yet valid then, or renewed since)"),
    "now": mark("{fault} (now, not then)"),
}
#: A certificate in a line.
GOOD_FOR = mark("{subject}: {key}, {begins} to {ends}, good for {names}")
UNNAMED = mark("{subject}: {key}, {begins} to {ends}")
LEADS = mark("leads to {root}, trusted by {roots}")
NOWHERE = mark("leads to no root trusted by {roots}")
MOST_NAMES = 3
#: What follows a handshake without being part of it.
OURS = "own-hello"  # sent where the captured client sent no hello
FIRST = ("exact", OURS)
VARIANTS = (*FIRST, "twin", "client-certificate")


def farthest(attempts: Sequence[Attempt]) -> Attempt | None:
    """Return the attempt that was played farthest: the twin where there is one."""
    own = [attempt for attempt in attempts if attempt.variant in VARIANTS]
    by_variant = {attempt.variant: attempt for attempt in reversed(own)}
    return by_variant.get("twin") or next((a for a in own if a.variant in FIRST), None)


class Shown(NamedTuple):
    """A labelled line; lines without a label go on with the one before."""

    label: str
    text: str
    style: str = ""


def write(page: Page, attempts: Sequence[Attempt]) -> None:
    """Write what the farthest attempt agreed upon and was shown."""
    for row in rows(attempts):
        page.wrap(row.text, lead(row.label), style=row.style)


def rows(attempts: Sequence[Attempt]) -> Iterator[Shown]:
    """Yield what the farthest attempt agreed upon and was shown."""
    shown = farthest(attempts)
    if shown is None or shown.agreed is None:
        return
    yield Shown(say("Agreed"), together(agreed(shown.agreed, shown.answer)))
    if shown.agreed.client_certificate_asked:
        yield Shown(say("Asked for"), _asked(shown.agreed))
    if shown.chain is not None:
        yield from _chain(shown.chain)


def agreed(found: Agreed, answer: str | None = None) -> Iterator[str]:
    """Yield what was agreed upon, what is good or usual in few words, what is not in plain ones."""
    yield ", ".join(filter(None, (found.version, found.cipher_suite, found.group, found.signature)))
    yield f"ALPN {found.alpn}" if found.alpn else say("no ALPN")
    if found.resumed is not None:
        yield say("a session resumed") if found.resumed else say("a full handshake")
    if found.session_tickets:
        yield tickets(found.session_tickets)
    if found.extended_master_secret is False:
        yield say("no extended master secret")
    if found.secure_renegotiation is False:
        yield say("no secure renegotiation")
    if found.encrypt_then_mac:
        yield "encrypt-then-MAC"
    if answer is not None and answer.startswith("HTTP/"):
        yield say("the server answers {answer}", answer=answer)
    elif found.application_data:
        yield say("the server answers in application data")


def tickets(number: int) -> str:
    """Return `1 ticket`, `2 tickets`."""
    return counted("{number} ticket", "{number} tickets", number)


def _asked(found: Agreed) -> str:
    names = ", ".join(found.client_authorities)
    if not names:
        return say("a client certificate, of no named authority")
    return say("a client certificate, of {authorities}", authorities=names)


def _chain(chain: Chain) -> Iterator[Shown]:
    for number, cert in enumerate(chain.certificates):
        yield Shown(say("Chain") if number == 0 else "", certificate(cert))
    yield Shown("", verdict(chain), "good" if chain.trusted else "warn")
    for fault in chain.faults:
        yield Shown(say("Objection"), told(fault), "warn")
    if chain.staple is not None:
        yield Shown(say("Stapled"), say("OCSP: {staple}", staple=chain.staple))


def certificate(cert: CertificateSeen) -> str:
    """Return a certificate in a line."""
    key = f"{cert.key} {cert.bits}" if cert.bits else cert.key or say("an unknown key")
    names = few(cert.names, MOST_NAMES)
    return say(
        GOOD_FOR if cert.names and names != cert.subject else UNNAMED,
        subject=cert.subject or say("no subject"),
        key=key,
        begins=_day(cert.not_before),
        ends=_day(cert.not_after),
        names=names,
    )


def verdict(chain: Chain) -> str:
    """Say whether the chain leads to a root, and whether the capture shows the same."""
    same = {True: say("; as captured"), False: say("; not the one captured"), None: ""}
    told = say(
        LEADS if chain.trusted else NOWHERE,
        root=chain.path[-1] if chain.path else say("nothing"),
        roots=chain.roots,
    )
    return told + same[chain.as_captured]


def told(fault: ChainFault) -> str:
    """Return a fault with when it held."""
    return say(WHEN[fault.when], fault=fault.text)


def _day(moment: float | None) -> str:
    if moment is None:
        return say("an unreadable date")
    try:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
    except (OverflowError, ValueError, OSError):
        return say("an impossible date")
