"""The versions offered and the suites offered do not belong together.

What it is: TLS 1.3 is enabled and its suites are switched off, or only they are left and TLS 1.3
is switched off: a cipher string and a version setting written by different hands.

At the client, at the server and in the middle: supported_versions with nothing but TLS 1.3 and
no suite 0x13xx, or the other way round; then handshake_failure(40) or protocol_version(70).

Mistaken for: cipher-no-overlap and version-client-too-old, which blame the server's lists.

Proof: replay with a suite of the version added passes.

Sources: RFC 8446 section 4.1.1 and appendix B.4.
"""

from __future__ import annotations

from tlswire.causes import refusals, suspects, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "suite-version-mismatch"
STAGE: Stage = "client_hello"
SUMMARY = mark("no suite offered can be used with a version offered ({versions})")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Enable suites of the versions that are enabled; in most libraries the suites of TLS "
        "1.3 have a setting of their own.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("suites", "version")


def look(case: Case) -> Finding | Refuted | None:
    """A hello whose lists exclude each other, refused."""
    refused = refusals.wordless(case) or case.alerted("server", Alert.protocol_version)
    if case.offer is None or not refused or not case.stopped("SERVER_HELLO"):
        return None
    if not suspects.contradicts_itself(case.offer):
        return None
    told = wording.listing(wording.version(version) for version in case.offer.versions)
    shown = cite(
        case.hello,
        say(
            "versions {told}; suites {suites}",
            told=told,
            suites=wording.suites(case.offer.suites, 4),
        ),
    )
    return Finding("likely", (shown, case.closing), say(SUMMARY, versions=told), 92)
