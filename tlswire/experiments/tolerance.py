"""Experiments with what a server or a box should pass over, and with how a hello is cut.

Rows that change alike stand so that the one which changes less comes first: what passes with the
size kept is not the size.
"""

from __future__ import annotations

from typing import Final

from tlswire import variants
from tlswire.codes import ExtensionType
from tlswire.experiments import changes, kinds
from tlswire.experiments.changes import edit, way
from tlswire.experiments.controls import elsewhere, reordered, still_ambiguous, unseen
from tlswire.experiments.experiment import Experiment
from tlswire.experiments.situations import (
    STUMBLED,
    alerted,
    both,
    either,
    mute,
    refused,
    stumbled,
    unacknowledged,
    without_disguise,
)

#: Refused for what a server should pass over, or for what is wrong in the hello.
TOLERANCE: Final[tuple[Experiment, ...]] = (
    Experiment(
        "malformed-client-hello",
        "extension",
        either(refused, alerted(*STUMBLED)),
        edit(variants.once),
        "every extension said once",
    ),
    Experiment(
        "malformed-client-hello",
        "extension",
        either(refused, alerted(*STUMBLED)),
        edit(changes.shares_of_our_own),
        "key shares of our own",
        controls=unseen(),
    ),
    Experiment(
        "ch-last-extension-empty",
        "extension",
        stumbled,
        changes.filled_last,
        "an extension that is not empty put last",
        instead_of=("ch-length-256-511",),
        controls=reordered(),
    ),
    Experiment(
        "grease-intolerance",
        "extension",
        stumbled,
        edit(variants.grease),
        "the GREASE values left out",
        instead_of=("version-intolerance", "suite-list-intolerance", "pq-client-hello-too-big"),
    ),
    Experiment(
        "suite-list-intolerance",
        "suites",
        stumbled,
        edit(kinds.only_common_suites),
        "only common cipher suites offered",
    ),
    Experiment(
        "ech-blocked",
        "extension",
        stumbled,
        edit(lambda hello: variants.without(hello, ExtensionType.encrypted_client_hello)),
        "encrypted_client_hello left out",
        controls=elsewhere(ExtensionType.encrypted_client_hello),
    ),
    Experiment(
        "tls13-compat-ccs-missing",
        "extension",
        both(without_disguise, stumbled),
        edit(changes.disguised),
        "a session named, as in TLS 1.2",
        instead_of=("version-intolerance",),
    ),
)

#: Cut or sized in a way that something on the way cannot take.
CUTS: Final[tuple[Experiment, ...]] = (
    Experiment(
        "ch-first-segment-tiny",
        "segments",
        stumbled,
        way(changes.larger_start),
        "the tiny first segment made larger",
        instead_of=("pq-client-hello-too-big",),
    ),
    Experiment(
        "ch-record-fragmentation-unsupported",
        "records",
        stumbled,
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
        stumbled,
        way(variants.one_segment),
        "the hello in one segment",
    ),
    Experiment(
        "ch-length-256-511",
        "padding",
        stumbled,
        edit(changes.out_of_the_ambiguous),
        "the hello padded to 512 bytes",
        controls=still_ambiguous(),
        of_size=True,
    ),
    Experiment(
        "pq-group-refused",
        "groups",
        stumbled,
        edit(lambda hello: variants.hybrids(hello, same_size=True)),
        "the hybrid groups left out and the size kept",
        instead_of=("pq-client-hello-too-big", "version-intolerance"),
    ),
    Experiment(
        "pq-client-hello-too-big",
        "groups",
        stumbled,
        edit(variants.hybrids),
        "the hybrid groups left out and the hello smaller by their shares",
        of_size=True,
    ),
    Experiment(
        "pq-client-hello-too-big",
        "padding",
        stumbled,
        edit(lambda hello: variants.without(hello, ExtensionType.padding)),
        "the padding left out and the hello smaller by it",
        of_size=True,
    ),
)
