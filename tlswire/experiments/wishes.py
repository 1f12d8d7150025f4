"""Experiments with what a hello asks for: a name, an application protocol, a session of before."""

from __future__ import annotations

from typing import Final

from tlswire import variants
from tlswire.codes import Alert, ExtensionType, Version
from tlswire.experiments import names
from tlswire.experiments.changes import edit, way
from tlswire.experiments.controls import elsewhere
from tlswire.experiments.experiment import Experiment
from tlswire.experiments.situations import (
    NAMELESS,
    STUMBLED,
    TICKETLESS,
    alerted,
    asks_for_a_session,
    both,
    either,
    lists_no_older,
    lists_older,
    mute,
    names_a_server,
    no_tls13,
    sends_early_data,
    spoke_tls,
    stumbled,
    went_on_in_tls12,
)

#: The name is what the alert names, or what is likely to be wrong.
NAMES_ASKED: Final[tuple[Experiment, ...]] = (
    Experiment(
        "sni-bad-form",
        "sni",
        either(alerted(*NAMELESS, *STUMBLED), mute()),
        edit(names.cleaned_name),
        "the server name put in its proper form",
    ),
    Experiment(
        "sni-unknown",
        "sni",
        both(names_a_server, alerted(Alert.unrecognized_name, Alert.access_denied)),
        names.nameless,
        "no server name",
        controls=elsewhere(ExtensionType.server_name),
    ),
    Experiment(
        "sni-missing",
        "sni",
        either(alerted(*NAMELESS), mute("fin", "rst")),
        names.named,
        "the target's name asked for",
    ),
    Experiment(
        "sni-unknown",
        "sni",
        both(names_a_server, alerted(*NAMELESS)),
        names.renamed,
        "the target's own name asked for",
    ),
    # without a word the server hangs up, or a box does in its name: a close has no sender's mark
    Experiment(
        "sni-unknown",
        "sni",
        both(names_a_server, mute("fin", "rst")),
        names.renamed,
        "the target's own name asked for",
        besides=("sni-filter-rst-injected",),
    ),
)


def _filtered(cause: str, how: str) -> tuple[Experiment, ...]:
    """Return the rows of a filter that stops a name so: another name passes, or no name does."""
    applies = both(names_a_server, mute(how))
    return (
        Experiment(
            cause,
            "sni",
            applies,
            edit(names.another_name),
            "another name of the same length asked for",
            spoke_tls,
        ),
        Experiment(
            cause,
            "sni",
            applies,
            names.nameless,
            "no server name",
            spoke_tls,
            controls=elsewhere(ExtensionType.server_name),
        ),
    )


def _inspected(cause: str, how: str, besides: str) -> tuple[Experiment, ...]:
    """Return the rows of a box that reads the name as it comes: cut in two it does not see it."""
    applies = both(names_a_server, mute(how))
    return (
        Experiment(
            cause,
            "segments",
            applies,
            way(names.name_in_two),
            "the server name cut into two segments",
            besides=(besides,),
        ),
        Experiment(
            cause,
            "records",
            applies,
            edit(names.name_in_two_records),
            "the server name cut into two records",
            besides=(besides,),
        ),
    )


#: Refused for what it asks for. A hello that passes when it is cut shows a box that reads it whole,
#: and not what the box minds: so those rows are the last, and prove no one cause.
WISHES: Final[tuple[Experiment, ...]] = (
    *_filtered("sni-filter-rst-injected", "rst"),
    *_filtered("sni-filter-drop", "silence"),
    Experiment(
        "sni-unknown",
        "sni",
        both(names_a_server, alerted(*NAMELESS, *STUMBLED)),
        names.nameless,
        "no server name",
        controls=elsewhere(ExtensionType.server_name),
    ),
    Experiment(
        "sni-unknown",
        "sni",
        both(names_a_server, mute("fin")),
        names.nameless,
        "no server name",
        controls=elsewhere(ExtensionType.server_name),
        besides=("sni-filter-rst-injected",),
    ),
    Experiment(
        "alpn-no-overlap",
        "alpn",
        either(alerted(Alert.no_application_protocol), stumbled),
        edit(variants.alpn),
        "no application protocol offered",
        controls=elsewhere(ExtensionType.application_layer_protocol_negotiation),
    ),
    Experiment(
        "early-data-replay-refused",
        "no-ticket",
        both(sends_early_data, either(mute(), alerted(*TICKETLESS, *STUMBLED))),
        edit(variants.ticketless),
        "no early data, and no session of before asked for",
        besides=("ticket-not-shared",),
        instead_of=("ticket-not-shared",),
    ),
    Experiment(
        "ticket-not-shared",
        "no-ticket",
        both(asks_for_a_session, either(alerted(*TICKETLESS), mute())),
        edit(variants.ticketless),
        "no session of before asked for",
        controls=elsewhere(ExtensionType.session_ticket),
    ),
    Experiment(
        "version-intolerance",
        "version",
        both(lists_older, either(mute("fin", "rst"), alerted(Alert.protocol_version, *STUMBLED))),
        edit(lambda hello: variants.version(hello, Version.tls_1_2)),
        "TLS 1.2 offered at most",
        controls=elsewhere(ExtensionType.supported_versions),
    ),
    Experiment(
        "version-intolerance",
        "version",
        both(
            lists_no_older,
            either(mute("fin", "rst"), alerted(Alert.protocol_version, *STUMBLED)),
        ),
        edit(lambda hello: variants.version(hello, Version.tls_1_2)),
        "TLS 1.2 offered at most",
        went_on_in_tls12,
    ),
    # the certificate is hidden then: where that alone is answered, somebody reads certificates
    Experiment(
        "dpi-drops-server-flight",
        "version",
        both(no_tls13, mute("silence")),
        edit(variants.tls13),
        "TLS 1.3 offered, which hides the certificate",
        besides=("server-stall",),
    ),
    # a server that does not know TLS 1.3 passes the extension over: a box drops it, or the answer
    Experiment(
        "tls13-middlebox-intolerance",
        "version",
        mute("silence"),
        edit(lambda hello: variants.version(hello, Version.tls_1_2)),
        "TLS 1.2 offered at most",
        besides=("version-intolerance",),
    ),
    Experiment(
        "version-server-too-old",
        "version",
        both(lists_no_older, alerted(Alert.protocol_version, Alert.handshake_failure)),
        edit(lambda hello: variants.version(hello, Version.tls_1_1)),
        "TLS 1.1 offered at most",
    ),
    *_inspected("ids-reset-both-sides", "rst", besides="sni-filter-rst-injected"),
    *_inspected("app-id-policy-drop", "silence", besides="sni-filter-drop"),
)
