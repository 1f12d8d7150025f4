"""What replays, repeats and narrowings brought: frozen, typed, part of the JSON contract.

The field names are the contract; `result` puts them into the document. Absent things are `null`.
Nothing here looks at bytes, and nothing here prints.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from tlswire.observed import EndedAt, EndedBy, Message, Outcome, Spoken, Verdict


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
