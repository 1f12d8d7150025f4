"""What a server was found to do, as policies see it: what it takes, shows and is able to.

A trait is a yes or a no of the whole, and None where it was not asked for, could not be told, or
does not arise: a block cipher's MAC where no block cipher is taken. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from tlswire.surveyed import Features, SurveyedCertificate, SurveyedVersion


class Configuration(NamedTuple):
    """All that was found of one server; the certificates are those for the name asked for."""

    versions: Sequence[SurveyedVersion]
    certificates: Sequence[SurveyedCertificate] = ()
    features: Features | None = None


Holds = Callable[[Configuration], bool | None]
#: Versions in which a fallback must be signalled (RFC 7507), as NIST SP 800-52r2 3.4.2.1 has it.
_BEFORE_TLS12: Final = ("SSL 3.0", "TLS 1.0", "TLS 1.1")


def _feature(field: str) -> Holds:
    return lambda found: getattr(found.features, field, None)


def _compression(found: Configuration) -> bool | None:
    methods = found.features.compression if found.features is not None else None
    return None if methods is None else bool(set(methods) - {"NULL", "null"})


def _protocols(found: Configuration) -> bool | None:
    names = found.features.alpn if found.features is not None else None
    return None if names is None else bool(names)


def _early_data(found: Configuration) -> bool | None:
    size = found.features.early_data if found.features is not None else None
    return None if size is None else size > 0


def _record_size(found: Configuration) -> bool | None:
    known = found.features is not None and found.features.record_size_limit is not None
    return True if known else None


def _staple(found: Configuration) -> bool | None:
    """A certificate that names no OCSP responder has no status that could be stapled."""
    asked = [each.ocsp for each in found.certificates]
    stapled = found.features.ocsp_staple if found.features is not None else None
    return stapled if stapled or any(asked) else None


def _fallback(found: Configuration) -> bool | None:
    """It matters where an older version is taken, and TLS 1.3 with its own signal is not."""
    taken = {each.version for each in found.versions}
    if "TLS 1.3" in taken or not taken & set(_BEFORE_TLS12) or found.features is None:
        return None
    return found.features.fallback_scsv


def _order(found: Configuration) -> bool | None:
    whose = {each.preference for each in found.versions} - {None}
    return whose == {"server"} if whose in ({"server"}, {"client"}) else None


def _trusted(found: Configuration) -> bool | None:
    judged = [each.trusted for each in found.certificates if each.trusted is not None]
    return all(judged) if judged else None


#: Extensions by their registered names; the rest in words.
TRAITS: Final[dict[str, Holds]] = {
    "renegotiation_info": _feature("secure_renegotiation"),
    "client-initiated renegotiation": _feature("client_renegotiation"),
    "extended_master_secret": _feature("extended_master_secret"),
    "encrypt_then_mac": _feature("encrypt_then_mac"),
    "truncated_hmac": _feature("truncated_hmac"),
    "TLS_FALLBACK_SCSV": _fallback,
    "compression": _compression,
    "heartbeat": _feature("heartbeat"),
    "status_request": _staple,
    "early_data": _early_data,
    "session_ticket": _feature("session_ticket"),
    "pre_shared_key": _feature("psk_resumption"),
    "max_fragment_length": _feature("max_fragment_length"),
    "record_size_limit": _record_size,
    "application_layer_protocol_negotiation": _protocols,
    "server's order of suites": _order,
    "trusted certificate": _trusted,
}
