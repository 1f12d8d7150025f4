"""UDP port 443 is blocked, and the client falls back from QUIC to TCP after a wait.

What it is: a firewall drops QUIC; the browser tries it first and then goes on with TCP. Nothing
fails, the delay is the complaint.

At the client: QUIC Initial packets without an answer, then TCP to the same address, and a good
handshake. At the server: only the TCP connection. In the middle: UDP 443 enters and does not leave.

Mistaken for: server-stall: the server was never asked.

Proof: no TCP replay shows it; `tlswire decode` counts the QUIC conversations in its summary.

Sources: Check Point CheckMates m-p/274986.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark

ID = "quic-fallback-only"
STAGE: Stage = "tcp"
SUMMARY = mark("QUIC is not answered, and the client falls back to TCP")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Permit UDP 443, or reject it with ICMP port unreachable so that clients fall back at "
        "once.",
    ),
    Cited(
        "client",
        "Turn QUIC off where the network will not carry it (browser policy QuicAllowed=false).",
    ),
)
SPLIT_BY: tuple[str, ...] = ()


def look(case: Case) -> Finding | Refuted | None:
    """Nothing: the handshake over TCP succeeded; the delay lies before it."""
    return None
