"""What a server's answer alone tells, where the capture holds no packet of the client.

Its alert, and how many bytes of a ClientHello it acknowledged, are all there is: a table says what
each leaves possible. Must never call anything proved: what the client offered is not known.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tlswire.causes import refusals, traits
from tlswire.causes.case import Case, Finding
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Confidence, Evidence

#: From so many points on it is what the alert itself says.
LIKELY: Final = 80


class Left(NamedTuple):
    """A cause that an answer leaves: why, and how well each alert fits."""

    why: str
    fits: dict[int, int]

    def found(self, code: int, evidence: tuple[Evidence, ...]) -> Finding | None:
        """Return the finding for an alert."""
        points = self.fits.get(code, 0)
        sure: Confidence = "likely" if points >= LIKELY else "possible"
        return Finding(sure, evidence, say(self.why), points) if points else None


ALERTS: Final[dict[str, Left]] = {
    "version-client-too-old": Left(
        mark("the server accepts none of the versions that the client offers: too old, it seems"),
        {Alert.protocol_version: 84, Alert.handshake_failure: 40, Alert.insufficient_security: 40},
    ),
    "version-server-too-old": Left(
        mark("the server has none of the versions that the client offers: it is too old, it seems"),
        {Alert.protocol_version: 70, Alert.handshake_failure: 20},
    ),
    "cipher-no-overlap": Left(
        mark("the server accepts none of the cipher suites that the client offers"),
        {Alert.handshake_failure: 50, Alert.insufficient_security: 60},
    ),
    "groups-no-overlap": Left(
        mark("the server accepts none of the groups that the client offers"),
        {Alert.handshake_failure: 34, Alert.unexpected_message: 30},
    ),
    "sigalgs-no-overlap": Left(
        mark("the server has no key for any signature algorithm that the client offers"),
        {Alert.handshake_failure: 30},
    ),
    "sni-unknown": Left(
        mark("the server does not know the name that the client asks for"),
        {Alert.unrecognized_name: 90, Alert.internal_error: 60, Alert.handshake_failure: 28},
    ),
    "alpn-no-overlap": Left(
        mark("the server has none of the protocols that the client offers (ALPN)"),
        {Alert.no_application_protocol: 90},
    ),
    "fallback-scsv": Left(
        mark("the client tried again with a lower version, which the server takes for an attack"),
        {Alert.inappropriate_fallback: 90},
    ),
}
#: What the size of the hello leaves possible where the server said nothing, and how well it fits.
SIZES: Final[dict[str, tuple[str, range, int]]] = {
    "pq-client-hello-too-big": (
        mark("the ClientHello is large, as with a hybrid key share, and the server reads once"),
        range(traits.LARGE, 1 << 14),
        46,
    ),
    "ch-length-256-511": (
        mark("the ClientHello has a length at which old balancers hang"),
        traits.DANGEROUS,
        34,
    ),
}
RECORD: Final = 5  # bytes before the first message
HEARD = mark("the capture holds no packet of the client; {size} bytes of it were acknowledged")


def findings(case: Case) -> dict[str, Finding]:
    """Return what the server's answer leaves possible, by cause; nothing where a hello is here."""
    if case.unseen != "client" or not case.stopped("SERVER_HELLO"):
        return {}
    size = next((length for offset, length in case.flow.client.holes if offset == 0), 0)
    heard = Evidence(text=say(HEARD, size=size), sender="client")
    evidence = (heard, case.closing)
    alert = case.alert
    if alert is not None:
        told = ((cause, left.found(alert.code, evidence)) for cause, left in ALERTS.items())
        return {cause: found for cause, found in told if found is not None}
    if not refusals.mute(case) and not case.ended("server", "silence"):
        return {}
    return {
        cause: Finding("possible", evidence, say(why), points)
        for cause, (why, sizes, points) in SIZES.items()
        if size - RECORD in sizes
    }
