"""Which change of a hello proves which cause: one row an experiment, in the order of trying.

An experiment differs from the captured hello in one thing. When it passes, and the exact hello
then fails again as before, its cause is proved. Nothing here sends: `replay` does.

    situations.py  when a row is worth a connection, and what passing is
    changes.py     what it changes
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from tlswire import variants
from tlswire.codes import Alert, ExtensionType, Version
from tlswire.experiments import changes
from tlswire.experiments.changes import Change, edit, way
from tlswire.experiments.situations import (
    NAMELESS,
    PROTOCOLLESS,
    TICKETLESS,
    WORDLESS,
    Situation,
    alerted,
    answered_in_http,
    both,
    either,
    falls_back,
    gave_up_signing,
    mute,
    names_a_server,
    no_tls13,
    offers_older,
    only_old,
    refused,
    refused_suites,
    served_in_clear,
    spoke,
    unacknowledged,
    went_on,
)
from tlswire.language import say
from tlswire.seen import Seen

__all__ = ["EXPERIMENTS", "MOST", "Experiment", "ordered", "went_on"]

#: Experiments of one replay at most: a server is asked politely.
MOST: Final = 12


class Experiment(NamedTuple):
    """A change worth trying when the exact hello failed in a certain way."""

    cause: str
    variant: str
    applies: Situation
    change: Change
    told: str  # what was changed, for "with … the server went on"; said by `changed`
    passed: Callable[[Seen], bool] = went_on
    besides: tuple[str, ...] = ()  # causes that the same change would end: then none is proved
    #: Changes that must not pass: with one that does, the row's own change proves nothing.
    controls: tuple[Change, ...] = ()
    about: str = ""  # what fills the blank of that name in `told`

    @property
    def changed(self) -> str:
        """Return what was changed, in the language in use."""
        return say(self.told, about=self.about) if self.about else say(self.told)


def ordered(table: Sequence[Experiment], exact: Seen, left: Sequence[str]) -> list[Experiment]:
    """Return the rows that apply, those of the causes `left` by the verdict first."""
    fitting = [row for row in table if row.applies(exact)]
    return sorted(fitting, key=lambda row: row.cause not in left)


#: Rows that change alike stand so that the one which changes less comes first: what passes with
#: the size kept is not the size.
EXPERIMENTS: Final[tuple[Experiment, ...]] = (
    # refused for one thing that the alert names
    Experiment(
        "fallback-scsv",
        "suites",
        both(falls_back, either(alerted(Alert.inappropriate_fallback), refused)),
        edit(variants.fallback),
        "the fallback signal left out",
    ),
    Experiment(
        "alpn-no-overlap",
        "alpn",
        alerted(Alert.no_application_protocol),
        edit(variants.alpn),
        "no application protocol offered",
        controls=changes.elsewhere(ExtensionType.application_layer_protocol_negotiation),
    ),
    Experiment(
        "version-client-too-old",
        "version",
        both(only_old, either(alerted(Alert.protocol_version), refused)),
        edit(variants.newer),
        "TLS 1.2 offered",
    ),
    Experiment(
        "version-client-too-old",
        "version",
        both(no_tls13, either(alerted(Alert.protocol_version), both(only_old, refused))),
        edit(variants.tls13),
        "TLS 1.3 offered",
    ),
    Experiment(
        "ec-extensions-missing",
        "extension",
        alerted(Alert.missing_extension),
        edit(variants.required_by_tls13),
        "the extensions added that TLS 1.3 requires",
    ),
    Experiment(
        "sni-bad-form",
        "sni",
        either(alerted(*NAMELESS, *WORDLESS), mute()),
        edit(changes.cleaned_name),
        "the server name put in its proper form",
    ),
    Experiment(
        "sni-unknown",
        "sni",
        both(names_a_server, alerted(Alert.unrecognized_name, Alert.access_denied)),
        edit(lambda hello: variants.sni(hello, None)),
        "no server name",
        controls=changes.elsewhere(ExtensionType.server_name),
    ),
    Experiment(
        "sni-missing",
        "sni",
        either(alerted(*NAMELESS), mute("fin", "rst")),
        changes.named,
        "the target's name asked for",
    ),
    Experiment(
        "sni-unknown",
        "sni",
        both(names_a_server, either(alerted(*NAMELESS), mute("fin", "rst"))),
        changes.renamed,
        "the target's own name asked for",
    ),
    # refused, and nothing says for what
    Experiment(
        "cipher-no-overlap",
        "suites",
        refused_suites,
        edit(changes.one_suite),
        "one common cipher suite added",
    ),
    Experiment(
        "cipher-no-overlap",
        "suites",
        refused_suites,
        edit(changes.same_authentication),
        "common cipher suites added",
    ),
    Experiment(
        "ecdsa-cert-rsa-client",
        "signature_algorithms",
        either(refused, gave_up_signing),
        edit(changes.schemes_of_ecdsa),
        "signature algorithms of ECDSA added",
    ),
    Experiment(
        "ecdsa-cert-rsa-client",
        "suites",
        both(offers_older, refused),
        edit(changes.other_authentication),
        "cipher suites for the other kind of certificate added",
    ),
    Experiment(
        "groups-no-overlap",
        "groups",
        refused,
        edit(lambda hello: variants.groups(hello, changes.COMMON_GROUPS)),
        "common groups added",
    ),
    Experiment(
        "sigalgs-no-overlap",
        "signature_algorithms",
        either(refused, gave_up_signing),
        edit(changes.schemes_of_its_kind),
        "common signature algorithms added",
    ),
    Experiment(
        "sigalgs-no-overlap",
        "signature_algorithms",
        either(refused, gave_up_signing),
        edit(changes.schemes_of_rsa),
        "signature algorithms of RSA added",
    ),
    Experiment(
        "sigalgs-no-overlap",
        "suites",
        both(offers_older, refused),
        edit(changes.other_kind_and_schemes),
        "cipher suites and signature algorithms for the other kind of certificate added",
        besides=("ecdsa-cert-rsa-client",),
    ),
    Experiment(
        "ec-extensions-missing",
        "extension",
        refused,
        edit(variants.elliptic_extensions),
        "the extensions added that elliptic-curve suites need",
    ),
    Experiment(
        "ems-required",
        "extension",
        refused,
        edit(variants.extended_master_secret),
        "extended_master_secret added",
    ),
    Experiment(
        "legacy-renegotiation-refused",
        "extension",
        refused,
        edit(variants.renegotiation_info),
        "renegotiation_info added",
    ),
    Experiment(
        "version-client-too-old",
        "version",
        both(no_tls13, refused),
        edit(variants.tls13),
        "TLS 1.3 offered",
    ),
    # refused for what a server should pass over
    Experiment(
        "grease-intolerance",
        "extension",
        either(refused, mute()),
        edit(variants.grease),
        "the GREASE values left out",
    ),
    Experiment(
        "ech-blocked",
        "extension",
        either(refused, mute()),
        edit(lambda hello: variants.without(hello, ExtensionType.encrypted_client_hello)),
        "encrypted_client_hello left out",
        controls=changes.elsewhere(ExtensionType.encrypted_client_hello),
    ),
    # cut or sized in a way that something on the way cannot take
    Experiment(
        "ch-first-segment-tiny",
        "segments",
        either(mute(), alerted(*WORDLESS, Alert.decode_error)),
        way(changes.whole_start),
        "the tiny first segment joined to the rest",
    ),
    Experiment(
        "ch-record-fragmentation-unsupported",
        "records",
        either(mute(), alerted(*WORDLESS, Alert.decode_error)),
        edit(variants.one_record),
        "the hello in one record",
    ),
    Experiment(
        "mtu-blackhole-client-hello",
        "mss",
        both(mute("silence"), unacknowledged),
        way(variants.small_segments),
        "segments of {about} bytes at most",
        about=str(variants.SMALL_MSS),
    ),
    Experiment(
        "pq-client-hello-too-big",
        "segments",
        either(mute(), alerted(*WORDLESS, Alert.decode_error)),
        way(variants.one_segment),
        "the hello in one segment",
    ),
    Experiment(
        "ch-length-256-511",
        "padding",
        mute(),
        edit(changes.out_of_the_ambiguous),
        "the hello padded to 512 bytes",
    ),
    Experiment(
        "pq-group-refused",
        "groups",
        either(mute(), alerted(*WORDLESS, Alert.decode_error)),
        edit(lambda hello: variants.hybrids(hello, same_size=True)),
        "the hybrid groups left out and the size kept",
    ),
    Experiment(
        "pq-client-hello-too-big",
        "groups",
        either(mute(), alerted(*WORDLESS, Alert.decode_error)),
        edit(variants.hybrids),
        "the hybrid groups left out and the hello smaller by their shares",
    ),
    # refused for what it asks for
    Experiment(
        "sni-filter-rst-injected",
        "sni",
        both(names_a_server, mute("rst")),
        edit(lambda hello: variants.sni(hello, None)),
        "no server name",
        controls=changes.elsewhere(ExtensionType.server_name),
    ),
    Experiment(
        "sni-filter-rst-injected",
        "segments",
        both(names_a_server, mute("rst")),
        way(changes.name_in_two),
        "the server name cut into two segments",
    ),
    Experiment(
        "sni-filter-drop",
        "sni",
        both(names_a_server, mute("silence")),
        edit(lambda hello: variants.sni(hello, None)),
        "no server name",
        controls=changes.elsewhere(ExtensionType.server_name),
    ),
    Experiment(
        "sni-unknown",
        "sni",
        both(names_a_server, either(alerted(*NAMELESS), mute("fin"))),
        edit(lambda hello: variants.sni(hello, None)),
        "no server name",
        controls=changes.elsewhere(ExtensionType.server_name),
    ),
    Experiment(
        "alpn-no-overlap",
        "alpn",
        either(alerted(*PROTOCOLLESS), mute("fin", "rst")),
        edit(variants.alpn),
        "no application protocol offered",
        controls=changes.elsewhere(ExtensionType.application_layer_protocol_negotiation),
    ),
    Experiment(
        "ticket-not-shared",
        "no-ticket",
        either(alerted(*TICKETLESS), mute()),
        edit(variants.ticketless),
        "no session of before asked for",
        controls=changes.elsewhere(ExtensionType.session_ticket),
    ),
    Experiment(
        "version-intolerance",
        "version",
        either(mute(), alerted(Alert.protocol_version, *WORDLESS)),
        edit(lambda hello: variants.version(hello, Version.tls_1_2)),
        "TLS 1.2 offered at most",
    ),
    # not TLS, or not at once
    Experiment(
        "proxy-protocol-missing",
        "preamble",
        mute(),
        way(lambda f: variants.behind(f, variants.PROXY_V1, "a PROXY header, version 1")),
        "a PROXY header before the hello",
    ),
    Experiment(
        "proxy-protocol-missing",
        "preamble",
        mute(),
        way(lambda f: variants.behind(f, variants.PROXY_V2, "a PROXY header, version 2")),
        "a PROXY header (version 2) before the hello",
    ),
    Experiment(
        "server-speaks-first",
        "wait",
        mute("fin", "rst", "silence"),
        way(variants.nothing),
        "nothing sent",
        spoke,
    ),
    Experiment(
        "tls-to-http-port",
        "cleartext",
        either(mute("silence"), answered_in_http),
        way(variants.cleartext),
        "a request of HTTP in the hello's place",
        served_in_clear,
    ),
)
