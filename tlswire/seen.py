"""One conversation as it is understood: facts, transcript, preamble, ending, verdict.

Captures and live replays meet here: both bring a flow and a session.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from tlswire.ending import Ending, judge, refused_preamble
from tlswire.flow import Endpoint, Flow
from tlswire.offer import Offer, read_offer
from tlswire.preambles import Preamble
from tlswire.session import Session
from tlswire.transcript import Transcript, is_tls13

if TYPE_CHECKING:
    from tlswire.causes.case import Neighbour
    from tlswire.observed import Verdict
    from tlswire.trust import Judged, Roots


class Seen(Struct):
    """One conversation of the capture, with all that was understood of it."""

    flow: Flow
    transcript: Transcript
    ending: Ending
    offer: Offer | None = None
    preamble: Preamble | None = None
    until: float = 0.0
    verdict: Verdict | None = None
    trust: Judged | None = None  # what the client's store says of the server's chain

    def judge_chain(self, store: Roots, revealed: Transcript | None = None) -> None:
        """Judge the server's chain by a client's store, at the time at which it was sent.

        Where it was hidden, another conversation may have `revealed` it.
        """
        from tlswire import trust
        from tlswire.certificates import read_chain

        message = next((e for e in self.transcript.entries if e.what == "certificate"), None)
        at = message.at if message is not None else self.flow.started
        name = self.offer.server_name if self.offer is not None else None
        ders = self.transcript.certificates("server")
        if not ders and revealed is not None:
            ders = revealed.certificates("server")
        chain = read_chain(ders)
        self.trust = trust.judge(chain, store, name, at, at) if chain else None

    @property
    def spoke_tls(self) -> bool:
        """Tell whether any TLS byte was seen."""
        return bool(self.transcript.messages)

    @property
    def server(self) -> str:
        """Return the server's `ip:port`."""
        return str(self.flow.server.endpoint)

    @property
    def failed(self) -> bool:
        """Tell whether the handshake failed or never was TLS."""
        return self.ending.outcome in ("failed", "not_tls")

    @property
    def refused(self) -> bool:
        """Tell whether the server refused TLS: to a client that asked, or left at once.

        A client that never asked and went on in the clear, after a greeting that does not offer
        TLS, was refused nothing.
        """
        preamble = self.preamble
        if preamble is None or preamble.refused is None:
            return False
        went_on = len(self.transcript.cleartext.get("client", b"")) > preamble.client_end
        return not went_on or any(step.startswith("client: ") for step in preamble.steps)


def understand(flow: Flow, session: Session, until: float) -> Seen:
    """Settle one conversation: its transcript, its preamble, how it ended."""
    transcript = session.end(until)
    hello = transcript.client_hello
    seen = Seen(flow, transcript, judge(transcript, flow, until), until=until)
    seen.offer = read_offer(hello) if hello is not None else None
    seen.preamble = transcript.preamble
    if not (flow.client.packets and flow.server.packets):
        from tlswire import one_sided  # a capture seldom lacks a side

        tls13 = seen.offer is not None and is_tls13(seen.offer.highest)
        seen.ending = one_sided.judge(seen.ending, transcript, flow, until, tls13)
    if any(transcript.cleartext.values()):
        seen.ending = _weigh_cleartext(seen)
    return seen


def _weigh_cleartext(seen: Seen) -> Ending:
    """A server that refused the preamble, or said what nobody asked for, ended it by that."""
    ending, preamble = seen.ending, seen.preamble
    if seen.refused and "server" not in seen.transcript.spoke:
        return refused_preamble(ending)
    if seen.transcript.client_hello is None:
        return ending
    invited = preamble.server_end if preamble and preamble.client_end else 0
    uninvited = len(seen.transcript.cleartext.get("server", b"")) > invited
    if uninvited and ending.outcome == "failed" and "server" not in seen.transcript.spoke:
        began = seen.transcript.cleartext_from.get("server") if not invited else None
        return ending._replace(side="server", how="non_tls", began=began)
    return ending


def explain(chosen: list[Seen]) -> Iterator[Seen]:
    """Give each conversation its verdict; the others to the same server are told to the causes."""
    company = Company()
    for seen in chosen:
        company.add(seen)
    for seen in chosen:
        yield explain_one(seen, company)


def explain_one(seen: Seen, company: Company) -> Seen:
    """Give one conversation its verdict."""
    from tlswire.causes import diagnose  # a list never asks why
    from tlswire.causes.case import Case

    neighbours = company.of(seen)
    seen.verdict = diagnose(
        Case(
            seen.transcript,
            seen.flow,
            seen.ending,
            seen.offer if seen.offer is not None and seen.offer.whole else None,
            seen.until,
            others=tuple(neighbour.ending for neighbour in neighbours),
            neighbours=neighbours,
            client_serves_tls=company.serves_tls(seen),
            trust=seen.trust,
        )
    )
    return seen


#: Servers of which is known how conversations with them ended: the last ones, when there are more.
MOST_SERVERS = 10_000


class _Met:
    """What the conversations with one server were like."""

    __slots__ = ("kinds", "served", "standing")

    def __init__(self) -> None:
        self.kinds: Counter[Neighbour] = Counter()
        self.served: set[tuple[str, str | None]] = set()  # client and name of those that completed
        self.standing = 0  # another number when a failure has other neighbours; none comes back

    @property
    def is_full(self) -> bool:
        """Tell whether no more kinds are remembered."""
        return len(self.kinds) >= MOST_KINDS


class Company:
    """What the conversations with each server were like: alike ones are counted, not kept."""

    def __init__(self) -> None:
        self._addresses: dict[str, None] = {}  # of servers that spoke TLS
        self._met: dict[Endpoint, _Met] = {}
        self._changes = 0

    def add(self, seen: Seen) -> None:
        """Count one in; of kinds beyond `MOST_KINDS` a server's first ones are enough."""
        server = seen.flow.server.endpoint
        if server not in self._met and len(self._met) >= MOST_SERVERS:
            del self._met[next(iter(self._met))]
        met, kind = self._met.setdefault(server, _Met()), kind_of(seen)
        if kind in met.kinds or not met.is_full:
            self._count(met, kind)
        if seen.transcript.server_hello is not None:
            self._addresses[server.address] = None
            if len(self._addresses) > MOST_SERVERS:
                del self._addresses[next(iter(self._addresses))]

    def _count(self, met: _Met, kind: Neighbour) -> None:
        met.kinds[kind] += 1
        if met.kinds[kind] <= 2:  # one is no neighbour of its own
            self._changes += 1
            met.standing = self._changes
        if kind.ending.outcome == "established":
            met.served.add((kind.client, kind.server_name))

    def has_met(self, server: Endpoint, client: str, name: str | None) -> bool:
        """Tell whether one more that completed, from this client by this name, changes nothing."""
        met = self._met.get(server)
        return met is not None and ((client, name) in met.served or met.is_full)

    def is_full_of(self, seen: Seen) -> bool:
        """Tell whether one more of its kind, to the same server, changes nothing."""
        return self.is_full_of_kind(seen.flow.server.endpoint, kind_of(seen))

    def is_full_of_kind(self, server: Endpoint, kind: Neighbour) -> bool:
        """Tell whether one more of a kind changes nothing."""
        met = self._met.get(server)
        return met is not None and (met.kinds[kind] > 1 or (kind not in met.kinds and met.is_full))

    def standing(self, server: Endpoint, client: str) -> tuple[int, bool]:
        """Return what is another one when a failure from this client has other neighbours."""
        met = self._met.get(server)
        return met.standing if met is not None else 0, client in self._addresses

    def serves_tls(self, seen: Seen) -> bool:
        """Tell whether the client is a TLS server elsewhere in the capture, as a balancer is."""
        client, server = seen.flow.client.endpoint.address, seen.flow.server.endpoint.address
        return seen.failed and client != server and client in self._addresses

    def of(self, seen: Seen) -> tuple[Neighbour, ...]:
        """Return the others to the same server, one of each kind."""
        met = self._met.get(seen.flow.server.endpoint)
        if met is None or (not seen.failed and seen.ending.outcome != "established"):
            return ()
        own = kind_of(seen)
        return tuple(kind for kind, count in met.kinds.items() if count > (kind == own))


#: Kinds of conversations that are remembered of one server.
MOST_KINDS = 32


def kind_of(seen: Seen) -> Neighbour:
    """Return what a conversation counts as for the others to its server."""
    from tlswire.causes import traits
    from tlswire.causes.case import Neighbour, likeness

    offer, transcript = seen.offer, seen.transcript
    return Neighbour(
        seen.ending._replace(entry=None, began=None),
        seen.flow.client.endpoint.address,
        offer.server_name if offer is not None else None,
        likeness(offer) if offer is not None and offer.whole else None,
        transcript.version,
        transcript.suite,
        traits.of(offer) if offer is not None and offer.whole else frozenset(),
        seen.preamble.protocol if seen.preamble is not None else None,
    )
