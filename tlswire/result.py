"""What a run found: frozen, typed, and the JSON contract, schema `tlswire/1`.

The field names are the contract; the JSON schema is printed from these types. Absent things are
`null`. Nothing here looks at bytes, and nothing here prints.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from tlswire.surveyed import Meeting, Reach, Rehearsal, Survey

SCHEMA = "tlswire/1"

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


class Edit(Struct, frozen=True, kw_only=True):
    """One in-place change of the captured bytes; `old` and `new` are hex."""

    offset: int
    old: str
    new: str
    why: str


class Agreed(Struct, frozen=True, kw_only=True):
    """What both sides agreed upon, as far as it was seen; null where it was not, or is not said."""

    version: str
    cipher_suite: str | None = None
    group: str | None = None  # of the key exchange; for finite fields of the server's own the bits
    signature: str | None = None  # the scheme of the server's proof
    alpn: str | None = None
    resumed: bool | None = None
    extended_master_secret: bool | None = None
    encrypt_then_mac: bool | None = None
    secure_renegotiation: bool | None = None
    session_tickets: int = 0
    client_certificate_asked: bool = False
    client_authorities: tuple[str, ...] = ()  # the names of those that the server says it trusts
    application_data: bool = False  # the server answered in it


class CertificateSeen(Struct, frozen=True, kw_only=True):
    """One certificate that the server showed; times are in seconds since the epoch."""

    subject: str
    issuer: str
    serial: str | None
    names: tuple[str, ...]
    not_before: float | None
    not_after: float | None
    key: str | None
    bits: int | None
    signature_hash: str | None
    sha256: str


class ChainFault(Struct, frozen=True, kw_only=True):
    """What is wrong with a chain, and the cause that it may come to.

    `when`: always, or only then (at the time of the capture), or only now.
    """

    cause: str
    text: str
    when: Literal["always", "then", "now"] = "always"


class Chain(Struct, frozen=True, kw_only=True):
    """The server's certificates, judged as a client would that trusts `roots`."""

    certificates: tuple[CertificateSeen, ...]
    trusted: bool
    roots: str
    path: tuple[str, ...]  # the subjects on the way to the root, as far as it goes
    faults: tuple[ChainFault, ...] = ()
    staple: str | None = None  # what a stapled OCSP response says
    as_captured: bool | None = None  # the capture shows the same; null: it shows none


class Attempt(Struct, frozen=True, kw_only=True):
    """One connection made by a replay; `variant` names what was sent."""

    variant: str
    edits: tuple[Edit, ...] = ()
    server: str | None = None  # the address that was called
    connected_ms: float | None = None  # until it accepted
    preamble: Spoken | None = None
    outcome: Outcome
    stopped_at: str | None = None
    ended_by: EndedBy | None = None
    history: str
    elapsed_ms: float
    messages: tuple[Message, ...] = ()
    answer: str | None = None  # to one request: HTTP's status line, else what it was
    agreed: Agreed | None = None
    chain: Chain | None = None
    ended_at: EndedAt | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """What answered one of several equal tries, and how often; alike answers are one.

    `certificate` is the SHA-256 of the server's own, `issuers` those of what it sent after it,
    `server_hello` its JA3S, `ttl` that of its packets: null where it cannot be known. `passed` when
    the server went on, or completed it.
    """

    server: str
    ttl: int | None = None
    certificate: str | None = None
    issuers: tuple[str, ...] | None = None
    stapled: bool | None = None  # an OCSP response
    server_hello: str | None = None
    encrypted_extensions: tuple[str, ...] | None = None
    version: str | None = None
    cipher_suite: str | None = None
    group: str | None = None
    signature: str | None = None
    alpn: str | None = None
    client_certificate_asked: bool | None = None
    client_authorities: tuple[str, ...] | None = None
    session_tickets: int | None = None  # null where the answer to a request did not come after them
    outcome: Outcome
    stopped_at: str | None = None
    ended_by: EndedBy | None = None
    passed: bool
    count: int = 1
    share: float = 1.0


class FirstDifference(Struct, frozen=True, kw_only=True):
    """The first place where the replay parts from the capture."""

    message: str
    captured: str
    replayed: str


class Replay(Struct, frozen=True, kw_only=True):
    """What a target answered to one captured hello; `connections` share hello and server.

    `outcome`, `stopped_at` and `ended_by` say how the captured client fares there: as the attempt
    that went farthest, but a certificate for which it hung up before, it would refuse again. Null
    when nothing was sent.
    """

    connections: tuple[int, ...]
    target: str
    outcome: Outcome | None = None
    stopped_at: str | None = None
    ended_by: EndedBy | None = None
    attempts: tuple[Attempt, ...] = ()
    repeats: tuple[Answer, ...] = ()  # of `--repeat`, the most frequent first
    reproduced: bool | None = None
    first_difference: FirstDifference | None = None
    verdict: Verdict
    notes: tuple[str, ...] = ()
    reproduce: str | None = None  # the command that sends this again


class Change(Struct, frozen=True, kw_only=True):
    """One thing changed in a ClientHello: the field in RFC words, and which member of it."""

    field: str
    member: str | None = None
    code: int | None = None
    text: str


class Step(Struct, frozen=True, kw_only=True):
    """One connection of a narrowing: what was sent, and what came of it."""

    number: int
    sent: str
    passed: bool
    attempt: Attempt


class Narrowing(Struct, frozen=True, kw_only=True):
    """The smallest change to a failing hello that passes, the smallest part that still fails.

    `proved` when both were seen twice; `edits` are those of the change against the captured bytes.
    """

    connections: tuple[int, ...]
    target: str
    good: str | None = None  # the hello at the other end
    smallest_change: tuple[Change, ...] = ()
    smallest_failing: tuple[Change, ...] = ()
    edits: tuple[Edit, ...] = ()
    proved: bool = False
    steps: tuple[Step, ...] = ()
    allowed: int  # connections
    unreached: bool = False
    verdict: Verdict
    notes: tuple[str, ...] = ()


class Document(Struct, frozen=True, kw_only=True):
    """What `--json` prints."""

    schema: str = SCHEMA
    capture: str | None
    connections: tuple[Connection, ...]
    summary: Summary
    replays: tuple[Replay, ...] | None = None
    surveys: tuple[Survey, ...] | None = None
    meetings: tuple[Meeting, ...] | None = None
    rehearsal: Rehearsal | None = None
    reach: tuple[Reach, ...] | None = None
    narrowings: tuple[Narrowing, ...] | None = None
