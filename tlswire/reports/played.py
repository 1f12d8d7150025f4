"""What a handshake that was played on revealed, for a person: what was agreed, the certificates.

An objection is what a client would make that trusts the roots named; whether one did is not said
here. Reads the contract and judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tlswire.reports import verdicts
from tlswire.reports.page import Page, Span
from tlswire.result import Agreed, Attempt, CertificateSeen, Chain, ChainFault

#: When a fault held, for whoever reads it; one that always did needs no word.
WHEN = {
    "always": "",
    "then": " (after the capture: not yet valid then, or renewed since)",
    "now": " (now, not then)",
}
#: What follows a handshake without being part of it.
VARIANTS = ("exact", "twin", "client-certificate")


def farthest(attempts: Sequence[Attempt]) -> Attempt | None:
    """Return the attempt that was played farthest: the twin where there is one."""
    own = [attempt for attempt in attempts if attempt.variant in VARIANTS]
    by_variant = {attempt.variant: attempt for attempt in reversed(own)}
    return by_variant.get("twin") or by_variant.get("exact")


class Shown(NamedTuple):
    """A labelled line; lines without a label go on with the one before."""

    label: str
    text: str
    style: str = ""


def write(page: Page, attempts: Sequence[Attempt]) -> None:
    """Write what the farthest attempt agreed upon and was shown."""
    for row in rows(attempts):
        page.wrap(row.text, _lead(row.label), style=row.style)


def rows(attempts: Sequence[Attempt]) -> Iterator[Shown]:
    """Yield what the farthest attempt agreed upon and was shown."""
    shown = farthest(attempts)
    if shown is None or shown.agreed is None:
        return
    yield Shown("Agreed", "; ".join(agreed(shown.agreed)))
    if shown.agreed.client_certificate_asked:
        yield Shown("Asked for", _asked(shown.agreed))
    if shown.chain is not None:
        yield from _chain(shown.chain)


def agreed(found: Agreed) -> Iterator[str]:
    """Yield what was agreed upon, what is good or usual in few words, what is not in plain ones."""
    yield ", ".join(filter(None, (found.version, found.cipher_suite, found.group, found.signature)))
    yield f"ALPN {found.alpn}" if found.alpn else "no ALPN"
    if found.resumed is not None:
        yield "a session resumed" if found.resumed else "a full handshake"
    if found.session_tickets:
        yield "1 ticket" if found.session_tickets == 1 else f"{found.session_tickets} tickets"
    if found.extended_master_secret is False:
        yield "no extended master secret"
    if found.secure_renegotiation is False:
        yield "no secure renegotiation"
    if found.encrypt_then_mac:
        yield "encrypt-then-MAC"
    if found.application_data:
        yield "the server answers in application data"


def _asked(found: Agreed) -> str:
    names = ", ".join(found.client_authorities)
    told = f", of {names}" if names else ", of no named authority"
    return f"a client certificate{told}"


def _chain(chain: Chain) -> Iterator[Shown]:
    for number, cert in enumerate(chain.certificates):
        yield Shown("Chain" if number == 0 else "", certificate(cert))
    yield Shown("", verdict(chain), "good" if chain.trusted else "warn")
    for fault in chain.faults:
        yield Shown("Objection", told(fault), "warn")
    if chain.staple is not None:
        yield Shown("Stapled", f"OCSP: {chain.staple}")


def certificate(cert: CertificateSeen) -> str:
    """Return a certificate in a line."""
    key = f"{cert.key} {cert.bits}" if cert.bits else cert.key or "an unknown key"
    names = ", ".join(cert.names[:3]) + (f" and {len(cert.names) - 3} more" * (len(cert.names) > 3))
    good = f", good for {names}" if cert.names and names != cert.subject else ""
    return f"{cert.subject or 'no subject'}: {key}, {_day(cert.not_before)} to " + (
        f"{_day(cert.not_after)}{good}"
    )


def verdict(chain: Chain) -> str:
    """Say whether the chain leads to a root, and whether the capture shows the same."""
    end = chain.path[-1] if chain.path else "nothing"
    same = {True: "; as captured", False: "; not the one captured", None: ""}[chain.as_captured]
    if chain.trusted:
        return f"leads to {end}, trusted by {chain.roots}{same}"
    return f"leads to no root trusted by {chain.roots}{same}"


def told(fault: ChainFault) -> str:
    """Return a fault with when it held."""
    return f"{fault.text}{WHEN[fault.when]}"


def _day(moment: float | None) -> str:
    if moment is None:
        return "an unreadable date"
    try:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
    except (OverflowError, ValueError, OSError):
        return "an impossible date"


def _lead(word: str) -> Span:
    return Span(f"  {word:<{verdicts.MARGIN - 2}}", "strong")
