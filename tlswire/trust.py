"""A server's chain judged as a client would: a way to a trusted root, and what is wrong with it.

Asks no clock and opens no file: the caller brings the times and the roots. It says what is wrong,
never which of it a certain client minded.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tlswire import certificates, issuers
from tlswire.certificates import Certificate
from tlswire.language import mark, say

#: Certificates on the way to a root at most; a longer way is hostile.
LONGEST: Final = 10
#: RSA and DSA keys below this are refused by today's stacks (NIST SP 800-131A).
SMALLEST_KEY: Final = 2048
SMALLEST_CURVE: Final = 224
#: The year from which clients have refused signatures with each hash.
WEAK_SINCE: Final = {"md2": 2009, "md4": 2009, "md5": 2012, "sha1": 2017}
#: The end of the year 9999, in seconds since the epoch: later times are not believed.
LATEST: Final = 253402300799.0


#: What many clients let pass.
MINDED_BY_SOME: Final = frozenset({"cert-weak", "cert-wrong-intermediate-or-order"})


class Roots:
    """Trusted certificates, read only where a name fits."""

    def __init__(self, name: str, ders: Sequence[bytes]) -> None:
        self.name = name
        self._ders = tuple(ders)

    def __len__(self) -> int:
        return len(self._ders)

    def issuers(self, cert: Certificate) -> list[Certificate]:
        """Return the trusted certificates whose name is this one's issuer."""
        name = certificates.issuer_name(cert.der)
        near = (der for der in self._ders if name and name in der)
        return [root for root in map(certificates.read, near) if issuers.issued(cert, root)]

    def house_of(self, cert: Certificate) -> bool:
        """Tell whether the organisation of this one's issuer has another authority here."""
        return issuers.issuer_is_kin(cert, self._ders)

    def has(self, cert: Certificate) -> bool:
        """Tell whether a certificate is itself trusted."""
        return cert.der in self._ders


class Way(NamedTuple):
    """The way from the server's certificate towards a root, as far as it goes."""

    path: tuple[Certificate, ...] = ()
    trusted: bool = False


class Fault(NamedTuple):
    """What is wrong with a chain; `cause` is the id of the catalogue that it may come to."""

    cause: str
    text: str
    when: str = "always"  # "always" "then" "now": at the time of the capture, or of the replay


class Judged(NamedTuple):
    """A chain as a client sees it that trusts these roots."""

    chain: tuple[Certificate, ...]
    way: Way
    faults: tuple[Fault, ...]
    roots: str  # whose roots were asked
    kin: bool = False  # they trust another authority of the last issuer's organisation

    @property
    def wrong(self) -> str | None:
        """Return for what a client would refuse the chain; what not all mind does not count.

        Where there is no way to a root, what bars it is the first of the faults.
        """
        barred = bool(self.faults) and not self.way.trusted
        return next((f.text for f in self.faults if barred or f.cause not in MINDED_BY_SOME), None)


def judge(
    chain: Sequence[Certificate], roots: Roots, host: str | None, then: float, now: float
) -> Judged:
    """Judge a chain at the time of the capture and now, for the host that was asked for."""
    way = build(chain, roots)
    faults = tuple(_faults(tuple(chain), way, host, then, now)) if chain else ()
    kin = bool(way.path) and not way.trusted and roots.house_of(way.path[-1])
    return Judged(tuple(chain), way, faults, roots.name, kin)


# -- the way to a root ---------------------------------------------------------------------------


def build(chain: Sequence[Certificate], roots: Roots) -> Way:
    """Find the shortest way from the first certificate to a root; else the longest there is.

    Each certificate is climbed from once: a hostile chain in which all sign all costs no more than
    one signature for each two of them.
    """
    if not chain:
        return Way()
    waiting = deque([Way((chain[0],), roots.has(chain[0]))])
    met, longest = {chain[0].der}, waiting[0]
    while waiting:
        way = waiting.popleft()
        longest = max(longest, way, key=lambda each: len(each.path))
        found = way if way.trusted else _arrive(way, roots)
        if found is not None:
            return found
        for parent in _parents(way.path[-1], chain) if len(way.path) < LONGEST else ():
            if parent.der not in met:
                met.add(parent.der)
                waiting.append(Way((*way.path, parent), roots.has(parent)))
    return longest


def _arrive(way: Way, roots: Roots) -> Way | None:
    """Take the last step, where a root signed the top of the way."""
    top = way.path[-1]
    for root in roots.issuers(top):
        if issuers.signs(root, top) is not False:  # None: a hash too old to be verified
            return Way(way.path if root.der == top.der else (*way.path, root), True)
    return None


def _parents(top: Certificate, chain: Sequence[Certificate]) -> Iterator[Certificate]:
    for parent in chain:
        if issuers.issued(top, parent) and not _no_issuer(parent, top, chain[0]):
            yield parent


def misissued(chain: Sequence[Certificate]) -> tuple[Certificate, str] | None:
    """Return a certificate that has the name of an issuer and did not issue, and why not.

    Where another of the chain has the same name and did, nothing is wrong.
    """
    for child in (cert for cert in chain if not cert.self_signed):
        named = [p for p in chain if p is not child and issuers.issued(child, p)]
        told = [(parent, _no_issuer(parent, child, chain[0])) for parent in named]
        if told and all(why for _, why in told):
            parent, why = told[0]
            return parent, why or ""
    return None


def _no_issuer(parent: Certificate, child: Certificate, leaf: Certificate) -> str | None:
    """Return why a certificate that has the issuer's name cannot have issued another."""
    name = _short(parent)
    if parent.authority is False:
        return say("{name} is not the certificate of an authority", name=name)
    if issuers.signs(parent, child) is False:
        return say("the key of this {name} did not sign {child}", name=name, child=_short(child))
    beyond = issuers.out_of_bounds(parent, leaf)
    if beyond is not None:
        return say("{name} may not issue for {host}", name=name, host=beyond)
    return None


# -- what is wrong -------------------------------------------------------------------------------


def _faults(
    chain: tuple[Certificate, ...], way: Way, host: str | None, then: float, now: float
) -> Iterator[Fault]:
    yield from _of_path(chain, way)
    for cert in chain if not way.trusted else way.path:
        yield from _of_times(cert, then, now)
    leaf = chain[0]
    if host and not leaf.trouble and not leaf.covers(host):
        names = ", ".join(leaf.names[:4]) or say("no name")
        yield Fault(
            "cert-name-mismatch",
            say("it is good for {names}, not for {host}", names=names, host=host),
        )
    if not leaf.server_auth:
        yield Fault("cert-key-usage", say("its extended key usage does not allow a TLS server"))
    for cert in way.path if way.trusted else chain:
        yield from _weaknesses(cert, now)


def _of_path(chain: tuple[Certificate, ...], way: Way) -> Iterator[Fault]:
    top = way.path[-1]
    broken = misissued(chain)
    if broken is not None:
        yield Fault("cert-wrong-intermediate-or-order", broken[1])
    if not way.trusted and broken is not None:
        return
    if not way.trusted and top is chain[0] and top.self_signed:
        yield Fault("cert-untrusted-root", say("the certificate is self-signed"))
    elif not way.trusted and top is chain[0]:
        told = say("its issuer {issuer} is neither sent nor among the roots", issuer=top.issuer)
        yield Fault("cert-missing-intermediate", told + _fetched(top))
    elif not way.trusted:
        root = top.subject if top.self_signed else top.issuer
        yield Fault(
            "cert-untrusted-root",
            say("it leads to {root}, which is not among the roots", root=root),
        )
    sent = [cert for cert in way.path if cert in chain]
    if sent != list(chain[: len(sent)]):
        told = say("the certificates are not in order: each should be followed by its issuer")
        yield Fault("cert-wrong-intermediate-or-order", told)
    spare = [c for c in chain if c not in way.path]
    if spare and way.trusted:
        told = say("{subject} is sent and leads nowhere", subject=_short(spare[0]))
        yield Fault("cert-wrong-intermediate-or-order", told)


def _fetched(top: Certificate) -> str:
    return say("; it is offered at {url}", url=top.issuer_urls[0]) if top.issuer_urls else ""


def _of_times(cert: Certificate, then: float, now: float) -> Iterator[Fault]:
    for late, cause, told, moment in (
        (cert.expired_at, "cert-expired", EXPIRED, cert.not_after),
        (cert.early_at, "clock-skew", EARLY, cert.not_before),
    ):
        at = {"always": (True, True), "then": (True, False), "now": (False, True)}
        for when, pair in at.items():
            if (late(then), late(now)) == pair:
                yield Fault(cause, say(told, subject=_short(cert), day=day(moment)), when)


EXPIRED: Final = mark("{subject} expired on {day}")
EARLY: Final = mark("{subject} is not valid before {day}")


def _weaknesses(cert: Certificate, moment: float) -> Iterator[Fault]:
    weakness = weak(cert, moment)
    if weakness is not None:
        yield Fault(
            "cert-weak", say("{subject} has {weakness}", subject=_short(cert), weakness=weakness)
        )


def weak(cert: Certificate, moment: float) -> str | None:
    """Return what of a certificate is too weak for clients of a time; of a root not its hash."""
    if cert.key in ("RSA", "DSA") and (cert.bits or SMALLEST_KEY) < SMALLEST_KEY:
        return say("a {key} key of {bits} bits", key=cert.key, bits=cert.bits)
    if cert.key == "EC" and (cert.bits or SMALLEST_CURVE) < SMALLEST_CURVE:
        return say("an EC key of {bits} bits", bits=cert.bits)
    since = WEAK_SINCE.get(cert.signature_hash or "")
    year = time.gmtime(min(max(moment, 0.0), LATEST)).tm_year
    if since is not None and year >= since and not (cert.self_signed and cert.authority):
        return say("a signature with {hash}", hash=(cert.signature_hash or "").upper())
    return None


def day(moment: float | None) -> str:
    """Return a moment as a date and time in UTC."""
    if moment is None:
        return say("an unreadable date")
    try:
        return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))
    except (OverflowError, ValueError, OSError):
        return say("an impossible date")


def _short(cert: Certificate) -> str:
    return cert.common_name or cert.subject or say("a certificate without a name")
