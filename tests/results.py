"""Results built by hand, for tests of what is printed of them: no byte was parsed for these."""

from __future__ import annotations

from typing import Any

from tlswire.result import (
    AlertCode,
    AlertSeen,
    Cause,
    Connection,
    Document,
    EndedBy,
    Evidence,
    Group,
    Message,
    Remedy,
    RuledOut,
    Summary,
    Verdict,
)
from tlswire.surveyed import Rehearsal, Rehearsed


def code(number: int, name: str | None) -> dict[str, Any]:
    return {"code": number, "name": name}


CLIENT_HELLO = {
    "legacy_version": code(0x0303, "TLS 1.2"),
    "random": "00" * 32,
    "session_id": "",
    "cipher_suites": [
        code(0x0A0A, None),
        code(0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"),
        code(0x00FF, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"),
    ],
    "compression_methods": [code(0, "null")],
    "extensions": [
        {
            "type": code(0, "server_name"),
            "length": 24,
            "body": {
                "server_name_list": [
                    {"name_type": code(0, "host_name"), "host_name": b"partner.example.com".hex()}
                ]
            },
            "raw": "",
        },
        {
            "type": code(16, "application_layer_protocol_negotiation"),
            "length": 5,
            "body": {"protocol_name_list": [b"h2".hex()]},
        },
        {"type": code(0x1234, None), "length": 2, "body": None, "raw": "beef"},
    ],
}
ALERT = {"level": code(2, "fatal"), "description": code(40, "handshake_failure")}
HANDSHAKE_FAILURE = EndedBy(
    side="server",
    how="alert",
    alert=AlertCode(level="fatal", code=40, name="handshake_failure"),
)
VERDICT = Verdict(
    summary="The server takes none of the cipher suites that the client offers.",
    causes=(
        Cause(
            id="cipher-no-overlap",
            confidence="likely",
            evidence=(
                Evidence(
                    text="the only suite offered is DHE-RSA-AES128-SHA",
                    frame=4,
                    sender="client",
                    offset=0,
                    length=120,
                ),
            ),
            remedies=(
                Remedy(who="client", text="Offer an ECDHE suite with AES-GCM."),
                Remedy(who="load_balancer", text="Accept a suite that the client has."),
            ),
        ),
        Cause(id="group-no-overlap", confidence="possible"),
    ),
    ruled_out=(RuledOut(id="version-client-too-old", why="TLS 1.2 is offered"),),
    next_step="Replay it with more suites.",
)


def message(kind: str, sender: str, frame: int, at: float, **more: Any) -> Message:
    fields = more.pop("fields", None)
    return Message(
        frame=frame,
        time=at,
        sender=sender,  # type: ignore[arg-type]
        type=kind,
        length=more.pop("length", 100),
        fields=fields,
        **more,
    )


def failed(number: int = 0, **changes: Any) -> Connection:
    told: dict[str, Any] = {
        "id": number,
        "client": "192.0.2.10:40000",
        "server": "198.51.100.20:443",
        "started": 1000.0,
        "server_name": "partner.example.com",
        "client_version": "TLS 1.2",
        "history": "Cl",
        "outcome": "failed",
        "stopped_at": "SERVER_HELLO",
        "ended_by": HANDSHAKE_FAILURE,
        "verdict": VERDICT,
        "messages": (
            message("client_hello", "client", 4, 1000.001, fields=CLIENT_HELLO),
            message("alert", "server", 6, 1000.0025, length=2, fields=ALERT),
        ),
        "alerts": (
            AlertSeen(
                frame=6,
                sender="server",
                level="fatal",
                code=40,
                name="handshake_failure",
                encrypted=False,
            ),
        ),
    }
    return Connection(**(told | changes))


def established(number: int = 1, **changes: Any) -> Connection:
    told: dict[str, Any] = {
        "version": "TLS 1.3",
        "cipher_suite": "TLS_AES_256_GCM_SHA384",
        "alpn": "h2",
        "resumed": False,
        "history": "CsiDd",
        "outcome": "established",
        "stopped_at": None,
        "ended_by": None,
        "verdict": Verdict(summary="The handshake completed."),
        "messages": (),
        "alerts": (),
    }
    return failed(number, **(told | changes))


def locked_out() -> Rehearsal:
    """Return a rehearsal whose three clients would all be locked out."""
    group = Rehearsed(
        count=3,
        ja4=None,
        server_names=("a.example",),
        addresses=(),
        connections=(),
        client_version="TLS 1.2",
        would_pass=False,
        version=None,
        suite=None,
        group=None,
        why="no suite in common",
    )
    return Rehearsal(policy="modern", captures=(), clients=3, groups=(group,), locked_out=3)


def document(*connections: Connection, **summary: Any) -> Document:
    counts = {
        outcome: sum(c.outcome == outcome for c in connections)
        for outcome in ("established", "failed", "incomplete", "not_tls")
    }
    bad = [c for c in connections if c.outcome in ("failed", "not_tls")]
    group = Group(
        server="198.51.100.20:443",
        stopped_at="SERVER_HELLO",
        ended_by=HANDSHAKE_FAILURE,
        cause="cipher-no-overlap",
        summary=VERDICT.summary,
        connections=tuple(c.id for c in bad),
    )
    told: dict[str, Any] = {
        "packets": 12,
        "connections": len(connections),
        "failures": (group,) if bad else (),
        **counts,
    }
    return Document(
        capture="sample.pcapng", connections=connections, summary=Summary(**(told | summary))
    )
