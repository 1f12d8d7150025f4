"""The server's newest version is older than the client's oldest.

What it is: the server, or the balancer before it, takes TLS 1.0 or 1.1 only (or 1.2 only, before
a client that wants 1.3), and the client has switched those off.

At the client, at the server and in the middle: a ServerHello that chooses an old version, and at
once the client's alert protocol_version(70); some clients just close. Before a client that offers
TLS 1.3 alone it is the server that says protocol_version(70).

Mistaken for: legacy-renegotiation-refused and dh-too-small, where the client objects after the
same messages with handshake_failure(40).

Proof: replay with the version lowered: the server goes on with the version it has.

Sources: RFC 8446 section 4.1.3 and 4.2.1, RFC 8996.
"""

from __future__ import annotations

from tlswire.causes import refusals, suspects, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, ExtensionType, Version
from tlswire.language import mark, say
from tlswire.offer import Offer
from tlswire.result import Evidence
from tlswire.transcript import is_tls13

ID = "version-server-too-old"
STAGE: Stage = "server_hello"
CHOSEN = mark("the server chose {chosen}, which is too old for the client")
NONE = mark("the server has none of the versions offered ({versions}): its own are older")
NEW_ONLY = mark("the client offers TLS 1.3 alone and the server does not have it")
SUMMARY = CHOSEN
REMEDIES: tuple[Cited, ...] = (
    Cited("server", "Enable TLS 1.2 and 1.3: upgrade the library, or raise the maximum version."),
    Cited("load_balancer", "Enable TLS 1.2 and 1.3 in the client-side profile."),
    Cited(
        "client", "Lower the client's minimum version only as a stop-gap, for this server alone."
    ),
)
SPLIT_BY: tuple[str, ...] = ("version",)

#: How clients object to a version, when not with protocol_version.
OTHERWISE = (
    Alert.handshake_failure,
    Alert.illegal_parameter,
    Alert.insufficient_security,
    Alert.internal_error,
)


def look(case: Case) -> Finding | Refuted | None:
    """A client that refuses the version chosen; or a server that cannot give TLS 1.3."""
    if case.transcript.server_hello is not None:
        return _chosen(case)
    told = case.alerted("server", Alert.protocol_version, Alert.handshake_failure)
    if not case.stopped("SERVER_HELLO") or not (told or refusals.mute(case)):
        return None
    if case.offer is None or not suspects.offers_tls13(case.offer):
        silent = say("the client does not offer TLS 1.3, nor list its versions")
        return Refuted(silent) if told else None
    return _none_given(case, case.offer)


def _none_given(case: Case, offer: Offer) -> Finding | None:
    """A server that reads supported_versions and finds none of its own there."""
    told = wording.listing(wording.version(version) for version in offer.versions)
    evidence = (cite(case.hello, say("versions offered: {told}", told=told)), case.closing)
    said = case.alerted("server", Alert.protocol_version)
    alone = all(is_tls13(version) for version in offer.versions)
    if said:
        return Finding("proved" if alone else "likely", evidence, _why(alone, told), 80)
    if not case.alerted("server", Alert.handshake_failure):
        return _closed(case, evidence) if alone else None
    older = min(offer.versions) < Version.tls_1_2
    return Finding("possible", evidence, _why(alone, told), 45 if alone else 4 if older else 16)


def _closed(case: Case, evidence: tuple[Evidence, ...]) -> Finding:
    """Some servers say nothing to a hello of TLS 1.3 alone; who read it whole closes with FIN."""
    weight = 61 if case.ended("server", "fin") else 44
    return Finding("possible", evidence, say(NEW_ONLY), weight)


def _why(alone: bool, told: str) -> str:
    return say(NEW_ONLY) if alone else say(NONE, versions=told)


def _chosen(case: Case) -> Finding | None:
    version, hello = case.transcript.version, case.transcript.server_hello
    if version is None or case.ending.side != "client" or case.offer is None:
        return None
    why = say(CHOSEN, chosen=wording.version(version))
    evidence = (
        cite(hello, say("the ServerHello chooses {version}", version=wording.version(version))),
        case.closing,
    )
    if case.alerted("client", Alert.protocol_version):
        listed = case.offer.has(ExtensionType.supported_versions) and version in case.offer.versions
        return Finding("likely" if listed else "proved", evidence, why, 90)
    if version >= Version.tls_1_2 or not case.stopped(*_AFTER_HELLO):
        return None
    if case.alerted("client", *OTHERWISE):
        return Finding("likely", evidence, why, 60)
    if not case.ended("client", "fin", "rst"):
        return None
    unlisted = case.offer.has(ExtensionType.supported_versions)  # RFC 8446 section 4.2.1
    if unlisted and version not in case.offer.versions:
        return Finding("likely", evidence, why, 80)
    return Finding("possible", evidence, why, 50)


_AFTER_HELLO = (
    *("CERTIFICATE", "SERVER_KEY_EXCHANGE", "SERVER_HELLO_DONE"),
    *("CLIENT_CERTIFICATE", "CLIENT_KEY_EXCHANGE"),
)
