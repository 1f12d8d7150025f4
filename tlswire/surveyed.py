"""What a survey, a rehearsal and a reach found: frozen, typed, part of the JSON contract.

The field names are the contract; `result` puts them into the document. Names are those of the
registries. Absent things are `null`. Nothing here looks at bytes, and nothing here prints.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

Preference = Literal["server", "client", "mixed"]
Severity = Literal["info", "low", "medium", "high", "critical"]
#: Of weaknesses that need attention.
SEVERE: frozenset[Severity] = frozenset({"high", "critical"})
Level = Literal["recommended", "accepted", "degraded", "forbidden", "not_mentioned"]


class SurveyedVersion(Struct, frozen=True, kw_only=True):
    """A version that is taken; `suites` in the order of preference where the server has one."""

    version: str
    suites: tuple[str, ...]
    preference: Preference | None = None
    groups: tuple[str, ...] | None = None  # null: not asked for
    signature_algorithms: tuple[str, ...] | None = None
    dh_bits: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


class RefusedVersion(Struct, frozen=True, kw_only=True):
    """A version that is not taken, and how the server says so."""

    version: str
    how: str


class SurveyedCertificate(Struct, frozen=True, kw_only=True):
    """A certificate that the server shows; `for_name` is the name that was asked for.

    `trusted`: a client that trusts `judged_by` takes its chain for that name today; else `fault`
    says why it would not.
    """

    for_name: str | None
    matches: bool | None
    key: str | None
    bits: int | None
    curve: str | None
    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: float | None
    not_after: float | None
    signature_hash: str | None
    self_signed: bool
    chain_length: int
    sha256: str
    versions: tuple[str, ...] = ()
    suites: Literal["any", "RSA", "ECDSA", "EdDSA", "DSS"] = "any"
    trusted: bool | None = None  # null: not judged
    fault: str | None = None
    fault_cause: str | None = None  # of the catalogue of causes
    judged_by: str | None = None  # whose roots: "this system", a file
    ocsp: bool = False  # it names an OCSP responder, so a status could be stapled
    trouble: str | None = None


class ClientCertificate(Struct, frozen=True, kw_only=True):
    """Whether the server asks for a certificate of the client, and of whom."""

    asked: bool
    required: bool | None = None
    authorities: tuple[str, ...] = ()


class Features(Struct, frozen=True, kw_only=True):
    """What the server can do besides; null where it was not asked or could not be told."""

    compression: tuple[str, ...] | None = None
    alpn: tuple[str, ...] | None = None
    session_id: bool | None = None
    session_ticket: bool | None = None
    psk_resumption: bool | None = None
    secure_renegotiation: bool | None = None
    client_renegotiation: bool | None = None
    extended_master_secret: bool | None = None
    encrypt_then_mac: bool | None = None
    truncated_hmac: bool | None = None
    fallback_scsv: bool | None = None
    heartbeat: bool | None = None
    ocsp_staple: bool | None = None
    early_data: int | None = None  # bytes that may be sent early; 0: none
    ech: bool | None = None
    record_size_limit: int | None = None
    max_fragment_length: bool | None = None
    client_certificate: ClientCertificate | None = None


class Tolerance(Struct, frozen=True, kw_only=True):
    """What became of an unusual hello: `ok`, `refuses with …`, `resets`, `closes`, `silent`."""

    test: str
    result: str
    text: str


class Weakness(Struct, frozen=True, kw_only=True):
    """Something weak or broken, why it is, and who says so."""

    id: str
    severity: Severity
    text: str
    where: tuple[str, ...]
    reason: str
    source: str


JudgedKind = Literal[
    "version",
    "suite",
    "group",
    "signature_algorithm",
    "certificate",
    "certificate_signature",
    "feature",
]


class Judged(Struct, frozen=True, kw_only=True):
    """One thing that the server takes, shows, does or lacks, as a policy sees it."""

    kind: JudgedKind
    name: str
    level: Level
    reference: str
    note: str | None = None


class PolicyVerdict(Struct, frozen=True, kw_only=True):
    """The whole configuration, as one policy sees it; `level` is that of the worst thing."""

    policy: str
    title: str
    source: str
    level: Level
    counts: dict[str, int]
    judged: tuple[Judged, ...]
    missing: tuple[str, ...] = ()  # what the policy demands, and the server does not take


class Disagreement(Struct, frozen=True, kw_only=True):
    """One thing that policies see otherwise."""

    kind: str
    name: str
    levels: dict[str, Level]


class Addition(Struct, frozen=True, kw_only=True):
    """What one side could add, so that both have something in common; the best first."""

    who: Literal["client", "server"]
    kind: Literal["version", "suite", "group", "signature_algorithm"]
    name: str
    levels: dict[str, Level]
    text: str


class CommonVersion(Struct, frozen=True, kw_only=True):
    """What a client and a server have in common in one version, and what would be chosen."""

    version: str
    suites: tuple[str, ...]
    groups: tuple[str, ...]
    signature_algorithms: tuple[str, ...]
    chosen_suite: str | None = None
    chosen_group: str | None = None
    obstacle: str | None = None


class Meeting(Struct, frozen=True, kw_only=True):
    """A captured client against a surveyed server: what they have in common, what to add."""

    connections: tuple[int, ...]
    client: str
    offered: str
    would_pass: bool
    version: str | None
    suite: str | None
    group: str | None
    summary: str
    common: tuple[CommonVersion, ...]
    additions: tuple[Addition, ...] = ()
    notes: tuple[str, ...] = ()


class Survey(Struct, frozen=True, kw_only=True):
    """What one server takes, and what may be said of it."""

    target: str
    address: str | None
    server_name: str | None
    preamble: str | None = None
    outcome: Literal[
        "surveyed",
        "refused",
        "reset",
        "closed",
        "silent",
        "not_tls",
        "unfinished",
        "unreached",
    ]
    summary: str
    grade: str | None = None
    grade_if_trusted: str | None = None  # where the grade is T or M: the certificate left aside
    trust: str | None = None  # who judged the certificate, or why nobody did
    versions: tuple[SurveyedVersion, ...] = ()
    refused: tuple[RefusedVersion, ...] = ()
    certificates: tuple[SurveyedCertificate, ...] | None = None
    features: Features | None = None
    tolerance: tuple[Tolerance, ...] | None = None
    warnings: tuple[Weakness, ...] = ()
    policies: tuple[PolicyVerdict, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    meetings: tuple[Meeting, ...] | None = None
    next_step: str | None = None
    connections_used: int
    bytes_sent: int
    bytes_received: int
    elapsed_ms: float
    notes: tuple[str, ...] = ()


class Rehearsed(Struct, frozen=True, kw_only=True):
    """Clients that offer the same, and what a policy would do to them."""

    count: int
    ja4: str | None
    server_names: tuple[str, ...]
    addresses: tuple[str, ...]
    connections: tuple[str, ...]
    client_version: str
    would_pass: bool
    version: str | None
    suite: str | None
    group: str | None
    why: str
    additions: tuple[Addition, ...] = ()
    passed_before: bool | None = None


class Rehearsal(Struct, frozen=True, kw_only=True):
    """What a changed policy would do to the clients of captures; nothing was sent."""

    policy: str
    captures: tuple[str, ...]
    clients: int
    groups: tuple[Rehearsed, ...]
    locked_out: int
    notes: tuple[str, ...] = ()


class Port(Struct, frozen=True, kw_only=True):
    """One port: who answered a SYN and how, and what speaks there."""

    port: int
    state: Literal["open", "closed", "filtered", "unreachable"]
    by: str | None = None  # who sent the reset or the ICMP message
    ttl: int | None = None
    how: str | None = None
    speaks: str | None = None  # TLS 1.3, HTTP, an SMTP banner …
    preamble: str | None = None  # the STARTTLS dialect that leads to TLS
    banner: str | None = None
    elapsed_ms: float = 0.0


class Reach(Struct, frozen=True, kw_only=True):
    """Which ports of a host can be reached, and what speaks there."""

    host: str
    address: str | None
    ports: tuple[Port, ...] = field(default=())
    notes: tuple[str, ...] = ()
