"""A client that never came to its ClientHello: its way is gone again, with a plain one of ours.

The connection is dialled, the captured preamble spoken; if TLS may begin then, a hello of our own
shows whether the server speaks it. What the client said in clear is never sent again: a request of
our own, for nothing but the root, stands for a request of HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import structs

from tlswire import preambles, variants
from tlswire.decode import Scan
from tlswire.experiments import Experiment, plain
from tlswire.experiments.clear import AT_ALL
from tlswire.experiments.situations import served_in_clear, spoke_tls
from tlswire.flight import Flight
from tlswire.flow import Endpoint
from tlswire.language import mark, say
from tlswire.replay.attempts import attempt
from tlswire.replay.plans import Plan
from tlswire.result import Attempt, Cause, Evidence, Verdict
from tlswire.seen import Seen
from tlswire.sources.dialling import Address
from tlswire.states import PREAMBLE, TCP_CONNECT

HTTP_TO_TLS: Final = "http-to-tls-port"
OURS: Final = mark(
    "the captured client sent no whole ClientHello: the connection is made anew, with a plain "
    "hello of our own"
)
TAKES_TLS: Final = mark("a plain hello of our own was answered in TLS, twice")
NOT_HTTP: Final = mark("a request of plain HTTP was not served, twice")
_HOST: Final = re.compile(rb"\r?\nhost:[ \t]*([\w.-]{1,253})", re.I)


class InClear(NamedTuple):
    """What came of a request of HTTP where TLS was answered; none where it was not asked."""

    attempts: tuple[Attempt, ...] = ()
    refused: bool = False  # TLS was answered twice, and HTTP was not, twice


def due(found: Scan) -> list[Seen]:
    """Return the failed connections of a capture whose client sent no hello: each names a server.

    Where nobody spoke TLS, those of a dialect that has a way to it too: a client that left when it
    heard what the server offers may have missed STARTTLS there.
    """
    listed = [seen for seen in found.listed() if seen.transcript.client_hello is None]
    if not listed and not any(seen.spoke_tls for seen in found.seen):
        listed = [seen for seen in found.seen if seen.preamble is not None]
    return [seen for seen in listed if seen.failed]


def never_said(seen: Seen) -> bool:
    """Tell whether the client sent no whole hello, and that is no fault of the capture."""
    lost = bool(seen.flow.client.holes) or any(e.what == "lost" for e in seen.transcript.entries)
    missed = lost or not seen.flow.saw_syn or seen.ending.side == "capture"
    return seen.transcript.client_hello is None and seen.failed and not missed


def began(seen: Seen) -> bool:
    """Tell whether the client began a hello that it never ended."""
    return bool(seen.transcript.unfinished.get("client"))


def hello(captured: Seen, target: Endpoint, name: str | None) -> Flight | None:
    """Return a hello of our own for a target, cut as the client began to cut its own.

    None where the client did say one, or where only the capture lacks it.
    """
    if not never_said(captured):
        return None
    flight = plain.hello_for(_asked(captured, target) if name is None else name)
    if began(captured):
        cuts = [s.offset + s.length for s in captured.flow.client.segments]
        cut = variants.segments(flight, cuts)
        flight = cut.flight if cut is not None else flight
    return flight._replace(notes=(say(OURS),))


def _asked(captured: Seen, target: Endpoint) -> str:
    """Return the name that the client meant, as far as it said it; else the target's own."""
    preamble, said = captured.preamble, captured.transcript.cleartext.get("client", b"")
    host = _HOST.search(said)
    if preamble is not None and "target" in preamble.details:
        return preamble.details["target"].rpartition(":")[0]
    return host[1].decode("ascii", "replace") if host is not None else target.address


def worth(planned: Plan, exact: Seen, experiments: Sequence[Experiment]) -> Sequence[Experiment]:
    """Return the experiments that can say why this ended, of a hello of our own only few.

    All where the way did not lead to TLS, or the client's hello was cut off; where the server
    leaves now as it left the captured client, whether it does so unasked.
    """
    captured, ending = planned.chosen, exact.ending
    if not planned.ours or began(captured) or ending.stopped_at in (TCP_CONNECT, PREAMBLE):
        return experiments
    both = (captured.ending, ending)
    left = all(each.side == "server" and each.how in ("fin", "rst") for each in both)
    return AT_ALL if left and experiments else ()


def in_clear(planned: Plan, addresses: list[Address], exact: Seen) -> InClear:
    """Ask in clear, where the client did so and TLS is answered; then both once more."""
    said = planned.chosen.transcript.cleartext.get("client", b"")
    if not planned.ours or not spoke_tls(exact):
        return InClear()
    if not (preambles.name_bytes(said, "client") or "").startswith("HTTP"):
        return InClear()
    asked = variants.cleartext(planned.flight)
    done = [
        attempt(planned, addresses, "cleartext", asked),
        attempt(planned, addresses),
        attempt(planned, addresses, "cleartext", asked),
    ]
    served = any(served_in_clear(each.seen) for each in (done[0], done[2]))
    return InClear(tuple(each.attempt for each in done), not served and spoke_tls(done[1].seen))


def weigh(verdict: Verdict, asked: InClear) -> Verdict:
    """A port that answers TLS and serves no HTTP, twice: that the client spoke HTTP is proved."""
    if not asked.refused:
        return verdict
    found = [cause for cause in verdict.causes if cause.id == HTTP_TO_TLS]
    others = [cause for cause in verdict.causes if cause.id != HTTP_TO_TLS]
    return structs.replace(verdict, causes=(*map(_proved, found), *others))


def _proved(cause: Cause) -> Cause:
    shown = (*cause.evidence, Evidence(text=say(TAKES_TLS)), Evidence(text=say(NOT_HTTP)))
    return structs.replace(cause, confidence="proved", evidence=shown)
