"""What was seen of a connection and what it means: frozen, typed, part of the JSON contract.

The field names are the contract; `result` puts them into the document. Absent things are `null`.
Nothing here looks at bytes, and nothing here prints.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

Side = Literal["client", "server"]
Outcome = Literal["established", "failed", "incomplete", "not_tls"]
Confidence = Literal["proved", "likely", "possible"]
Addressee = Literal["client", "server", "load_balancer", "firewall", "network"]


class AlertCode(Struct, frozen=True, kw_only=True):
    """A TLS alert (RFC 8446 section 6); `code` is null when it was encrypted."""

    level: str | None
    code: int | None
    name: str | None


class EndedBy(Struct, frozen=True, kw_only=True):
    """Who ended the handshake and how."""

    side: Literal["client", "server", "network", "capture"]
    how: Literal[
        "alert", "encrypted_alert", "rst", "fin", "silence", "non_tls", "icmp", "capture_end"
    ]
    alert: AlertCode | None = None


class EndedAt(Struct, frozen=True, kw_only=True):
    """Where what ended the handshake stands; `time` in seconds since the epoch."""

    frame: int | None
    time: float


class Evidence(Struct, frozen=True, kw_only=True):
    """A fact a cause rests on; `offset` counts bytes of the TCP stream of the side `from`."""

    text: str
    frame: int | None = None
    sender: Side | None = field(default=None, name="from")
    offset: int | None = None
    length: int | None = None


class Remedy(Struct, frozen=True, kw_only=True):
    """What to change, and who can change it; `setting` is the line to paste into a `product`."""

    who: Addressee
    text: str
    product: str | None = None
    setting: str | None = None


class Cause(Struct, frozen=True, kw_only=True):
    """Why it stopped; `id` is that of the catalogue."""

    id: str
    confidence: Confidence
    evidence: tuple[Evidence, ...] = ()
    remedies: tuple[Remedy, ...] = ()


class RuledOut(Struct, frozen=True, kw_only=True):
    """A cause that was looked for and cannot be, and why."""

    id: str
    why: str


class Verdict(Struct, frozen=True, kw_only=True):
    """Why, in one sentence, with the causes that are left, the best first."""

    summary: str
    causes: tuple[Cause, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    next_step: str | None = None


class TroubleAt(Struct, frozen=True, kw_only=True):
    """Where bytes break the rules; `offset` counts bytes of the message's body."""

    path: str
    offset: int
    expected: str
    found: str


class Message(Struct, frozen=True, kw_only=True):
    """One message up to the end of the handshake; `frame` holds its last byte."""

    frame: int | None
    time: float
    sender: Side = field(name="from")
    type: str
    length: int
    trouble: TroubleAt | None = None
    fields: dict[str, Any] | None = None


class Exhibit(Message, frozen=True, kw_only=True):
    """A message with its bytes, for who wants to see them: no part of the JSON contract.

    `raw` holds the body, after the four bytes of its header where it is a handshake message in
    the clear; `offset` is where it begins in its sender's TCP stream, null where it is not in one
    piece there or was opened with keys. `spans`: path of a field -> (offset, length) in `raw`.
    """

    raw: bytes = b""
    offset: int | None = None
    spans: dict[str, tuple[int, int]] = {}


class AlertSeen(Struct, frozen=True, kw_only=True):
    """An alert, warnings and noise included."""

    frame: int | None
    sender: Side = field(name="from")
    level: str | None
    code: int | None
    name: str | None
    encrypted: bool


class Trust(Struct, frozen=True, kw_only=True):
    """What a client's own store says of the server's chain; `path` are its subjects."""

    store: str
    trusted: bool
    why: str
    path: tuple[str, ...]


class Spoken(Struct, frozen=True, kw_only=True):
    """What was said in clear before TLS, and what the server said when it would not go on.

    `awaits` is what did not come; null when all did.
    """

    protocol: str
    steps: tuple[str, ...]
    refused: str | None = None
    awaits: str | None = None


class Connection(Struct, frozen=True, kw_only=True):
    """One TCP connection; `id` is the number Wireshark gives as `tcp.stream`."""

    id: int
    client: str
    server: str
    transport: Literal["tcp"] = "tcp"
    started: float
    preamble: str | None = None
    server_name: str | None = None
    client_version: str | None = None
    version: str | None = None
    cipher_suite: str | None = None
    alpn_offered: tuple[str, ...] | None = None
    alpn: str | None = None
    resumed: bool | None = None
    ja3: str | None = None
    ja3s: str | None = None
    ja4: str | None = None
    history: str
    outcome: Outcome
    stopped_at: str | None = None
    ended_by: EndedBy | None = None
    verdict: Verdict
    trust: Trust | None = None
    messages: tuple[Message, ...] = ()
    alerts: tuple[AlertSeen, ...] = ()
    cleartext: Spoken | None = None  # what came before TLS, where it is known
    ended_at: EndedAt | None = None  # null for a silence


class Brief(Struct, frozen=True, kw_only=True):
    """One TCP connection in one line of a list: no fields, no verdict."""

    id: int
    client: str
    server: str
    server_name: str | None = None
    client_version: str | None = None
    suites_offered: int | None = None
    version: str | None = None
    cipher_suite: str | None = None
    history: str
    outcome: Outcome
    stopped_at: str | None = None
    ended_by: EndedBy | None = None
    alerts: tuple[AlertSeen, ...] = ()


class Group(Struct, frozen=True, kw_only=True):
    """Equal failures: what they share, and which connections they are."""

    server: str
    stopped_at: str | None
    ended_by: EndedBy | None
    cause: str | None
    summary: str
    connections: tuple[int, ...]


class Datagrams(Struct, frozen=True, kw_only=True):
    """DTLS or QUIC conversations to one server: named and counted, not decoded."""

    protocol: Literal["DTLS", "QUIC"]
    server: str
    conversations: int


class Summary(Struct, frozen=True, kw_only=True):
    """What the whole capture holds."""

    packets: int
    connections: int
    established: int
    failed: int
    incomplete: int
    not_tls: int
    tcp_without_tls: int = 0
    left_out: int = 0  # connections that the command's own choice passed over
    failures: tuple[Group, ...] = ()
    datagrams: tuple[Datagrams, ...] = ()
    notes: tuple[str, ...] = ()
