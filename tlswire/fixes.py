"""The smallest fix that an experiment names: the one suite, group or scheme the server took.

Reads the answer to the change that passed; it weighs no cause and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tlswire.codes import GROUPS, SIGNATURE_SCHEMES, ExtensionType
from tlswire.experiments import Experiment
from tlswire.findings import suite_name
from tlswire.language import say
from tlswire.seen import Seen
from tlswire.transcript import Entry


def smallest_fix(experiment: Experiment, passed: Seen, refused: Seen) -> str | None:
    """Return what the client should enable; None where the change is no advice to a client."""
    variant, suite = experiment.variant, passed.transcript.suite
    if experiment.cause == "fallback-scsv":
        return None
    if variant == "suites" and suite is not None and suite not in _offered(refused):
        return say("Enable {suite}, which this server accepts.", suite=suite_name(suite))
    group, scheme = agreed_group(passed), signed_with(passed)
    if experiment.cause == "groups-no-overlap" and group:
        return say("Enable the group {group}, which this server accepts.", group=group)
    if variant == "signature_algorithms" and scheme:
        return say(
            "Enable the signature algorithm {scheme}, with which this server signs.", scheme=scheme
        )
    if variant in ("signature_algorithms", "suites"):
        names = ", ".join(_added_schemes(passed, refused))
        told = say(
            "Enable a signature algorithm of these: {names}; with one of them it signs.",
            names=names,
        )
        return told if names else None
    return None


def _offered(seen: Seen) -> tuple[int, ...]:
    return seen.offer.suites if seen.offer is not None else ()


def _added_schemes(passed: Seen, refused: Seen) -> Iterator[str]:
    """What was offered more: TLS 1.3 hides with which of them the server signs."""
    offers = [
        seen.offer.signature_algorithms or () if seen.offer else () for seen in (passed, refused)
    ]
    yield from (SIGNATURE_SCHEMES.get(s, f"0x{s:04x}") for s in offers[0] if s not in offers[1])


def retried_group(seen: Seen) -> str | None:
    """Return the group of a HelloRetryRequest (RFC 8446 section 4.2.8); None without one."""
    return _shared(_said(seen, "hello_retry_request"))


def agreed_group(seen: Seen) -> str | None:
    """Return the group that the server chose, in whichever message it says so."""
    exchange = _said(seen, "server_key_exchange")
    curve = _find(exchange.fields, "named_curve", "namedcurve") if exchange is not None else None
    if isinstance(curve, int):
        return GROUPS.get(curve, f"0x{curve:04x}")
    return retried_group(seen) or _shared(_said(seen, "server_hello"))


def signed_with(seen: Seen) -> str | None:
    """Return the scheme of ServerKeyExchange (RFC 5246 section 7.4.3); hidden in TLS 1.3."""
    exchange = _said(seen, "server_key_exchange")
    scheme = _find(exchange.fields, "algorithm") if exchange is not None else None
    return SIGNATURE_SCHEMES.get(scheme, f"0x{scheme:04x}") if isinstance(scheme, int) else None


def _said(seen: Seen, what: str) -> Entry | None:
    return next((entry for entry in seen.transcript.entries if entry.what == what), None)


def _shared(hello: Entry | None) -> str | None:
    body = hello.extension(ExtensionType.key_share) if hello is not None else None
    group = _find(body or {}, "selected_group", "group")
    return GROUPS.get(group, f"0x{group:04x}") if isinstance(group, int) else None


def _find(fields: object, *names: str) -> object:
    """Return the first field of one of these names, however deep."""
    if not isinstance(fields, dict):
        return None
    for name in names:
        if name in fields:
            return fields[name]
    return next((found for v in fields.values() if (found := _find(v, *names)) is not None), None)
