"""What a server would take, whoever says so: a survey, a policy, or an OpenSSL cipher string.

A side is versions with their suites, as a survey has them. Reads files that it is given, and sends
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from tlswire.codes import SIGNATURE_SCHEMES, VERSIONS, Version
from tlswire.errors import SelectionError
from tlswire.language import say
from tlswire.policies import BY_ID, RANK, Kind, Policy, level_of
from tlswire.result import Document
from tlswire.suites import SUITES
from tlswire.survey import registry
from tlswire.surveyed import Survey, SurveyedVersion

#: Versions of a server that is known by its cipher string only, as nginx and Apache have them.
USUAL_VERSIONS: Final[tuple[int, ...]] = (Version.tls_1_3, Version.tls_1_2)


class ServerSide(NamedTuple):
    """What a server takes, and who says so."""

    label: str
    versions: tuple[SurveyedVersion, ...]

    def of(self, version: str) -> SurveyedVersion | None:
        """Return what it takes in one version."""
        return next((each for each in self.versions if each.version == version), None)


def read_side(words: str, versions: Sequence[int] | None = None) -> ServerSide:
    """Read the name of a policy, a saved survey, or a cipher string. Raises SelectionError."""
    if words in BY_ID:
        return of_policy(BY_ID[words])
    if Path(words).is_file():
        return of_survey(read_survey(words))
    if words.endswith(".json") or "/" in words:
        raise SelectionError(
            say("{words}: no such file; policies are {names}", words=words, names=", ".join(BY_ID))
        )
    return of_ciphers(words, versions or USUAL_VERSIONS)


def read_survey(path: str) -> Survey:
    """Read the first survey of a saved document. Raises SelectionError."""
    try:
        document = msgspec.json.decode(Path(path).read_bytes(), type=Document)
    except OSError as error:
        raise SelectionError(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SelectionError(
            say(
                "{path}: not a document of `tlswire survey --json`: {error}", path=path, error=error
            )
        ) from None
    found = [survey for survey in document.surveys or () if survey.versions]
    if not found:
        raise SelectionError(say("{path}: no survey in it of a server that takes TLS", path=path))
    return found[0]


def of_survey(survey: Survey) -> ServerSide:
    """Return what a surveyed server takes."""
    return ServerSide(survey.target, survey.versions)


def of_policy(policy: Policy) -> ServerSide:
    """Return what a server takes that does all a policy recommends or accepts, and no more."""
    versions = [v for v in registry.VERSIONS if _good(policy, "version", VERSIONS[v])]
    return ServerSide(policy.title, tuple(_policy_version(policy, version) for version in versions))


def _policy_version(policy: Policy, version: int) -> SurveyedVersion:
    name = VERSIONS[version]
    suites = [registry.suite_name(suite) for suite in registry.suites_of(version)]
    offered = registry.GROUPS_13 if version >= Version.tls_1_3 else registry.CURVES
    groups = [registry.group_name(group) for group in offered]
    schemes = [SIGNATURE_SCHEMES[scheme] for scheme in registry.SCHEMES]
    return SurveyedVersion(
        version=name,
        suites=tuple(suite for suite in suites if _good(policy, "suite", suite, name)),
        groups=tuple(group for group in groups if _good(policy, "group", group, name))
        if "group" in policy.rows
        else None,
        signature_algorithms=tuple(
            scheme for scheme in schemes if _good(policy, "signature_algorithm", scheme, name)
        )
        if "signature_algorithm" in policy.rows
        else None,
        preference="client",
    )


def _good(policy: Policy, kind: Kind, name: str, version: str | None = None) -> bool:
    return RANK[level_of(policy, kind, name, version)] <= RANK["accepted"]


def of_ciphers(words: str, versions: Sequence[int]) -> ServerSide:
    """Return what a server takes that is configured with an OpenSSL cipher string, in its order.

    This machine's OpenSSL reads it, as the server's would. Raises SelectionError.
    """
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.set_ciphers(words)
    except ssl.SSLError:
        policies = ", ".join(BY_ID)
        raise SelectionError(
            say(
                "{words!r} is no policy ({policies}), no file, and no cipher string of OpenSSL",
                words=words,
                policies=policies,
            )
        ) from None
    taken = [int(cipher["id"]) & 0xFFFF for cipher in context.get_ciphers()]
    return ServerSide(words, tuple(_version_of(version, taken) for version in versions))


def _version_of(version: int, taken: Sequence[int]) -> SurveyedVersion:
    suites = [suite for suite in taken if suite in SUITES and _fits(suite, version)]
    return SurveyedVersion(
        version=VERSIONS[version],
        suites=tuple(registry.suite_name(suite) for suite in suites),
        preference="server",
    )


def _fits(suite: int, version: int) -> bool:
    return SUITES[suite].minimum_version <= version <= SUITES[suite].maximum_version
