"""A box on the way resets the connection because of the name in the ClientHello.

What it is: a filter reads server_name and sends a reset in the server's name, often in the
client's to the server as well.

At the client: a reset after the ClientHello with another TTL or IP id than the SYN-ACK, or
sooner than the round trip allows; often several; the true ServerHello may come after it.
At the server: a ServerHello sent, and a reset from the client that the client did not send; or
nothing after the handshake of TCP.
In the middle: the reset is seen on one side of the filter only.

Mistaken for: server-abrupt-eof, a reset of the server's own; ids-reset-both-sides.

Proof: replay with another name to the same address passes.

Sources: RFC 9293 section 3.5.2 and 3.5.3 (text in a reset), RFC 8744 section 2;
klzgrad/naiveproxy#558, rustls/rustls#3063, Weaver, Sommer and Paxson, NDSS 2009.
"""

from __future__ import annotations

from itertools import pairwise

from tlswire.causes import odds, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.ending import PATIENCE
from tlswire.flow import Reset, Side, Who
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "sni-filter-rst-injected"
STAGE: Stage = "tcp"
SUMMARY = mark("a box on the way reset the connection on seeing the name {name}")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Permit this name in the URL or application filter.",
    ),
    Cited(
        "network",
        "Find the box: compare the TTL of the reset with that of the servers beyond.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("sni", "records", "segments")

NAMELESS = mark("a box on the way reset the connection on seeing the ClientHello")
UNHEARD = mark(
    "the client acknowledged nothing of the server's flight and reset it: a "
    "box on the way had reset the client before"
)
FORGED = mark(
    "the client reset at once what it had just begun, which a box on the way may have done for it"
)
STRANGE: dict[Who, str] = {
    "client": mark("the reset has TTL {ttl}, the client's other packets have {usual}"),
    "server": mark("the reset has TTL {ttl}, the server's other packets have {usual}"),
}
AFTERWARDS: dict[Who, str] = {
    "client": mark("the client went on sending after the reset"),
    "server": mark("the server went on sending after the reset"),
}
COUNTS: dict[Who, str] = {
    "client": mark("the reset has IP id {id}, the client counts its packets and was at {near}"),
    "server": mark("the reset has IP id {id}, the server counts its packets and was at {near}"),
}
LABELLED = mark("the reset says {text}, which boxes write and operating systems do not")
SOON = mark("the reset came {after} after the ClientHello, the round trip takes {round}")


def look(case: Case) -> Finding | Refuted | None:
    """A reset after the ClientHello; its TTL and its time say how likely it is forged."""
    if case.hello is not None and refusals.unheard(case):
        return Finding("likely", (case.closing,), say(UNHEARD), 66)
    if not case.stopped("SERVER_HELLO") or case.ending.how != "rst":
        return None
    if _in_the_clients_name(case):
        return Finding("possible", (case.closing,), say(FORGED), 60 if case.server_name else 45)
    if case.ending.side not in ("network", "server"):
        return None
    name = case.server_name
    why = say(SUMMARY, name=wording.quote(name)) if name else say(NAMELESS)
    signs = _signs(case)
    if signs:
        return Finding("likely", (*signs, case.closing), why, 80 if name else 60)
    if case.server_name is None:
        return Refuted(say("the ClientHello has no name that a filter could read"))
    return odds.judge(case, ID, (), why)


def _in_the_clients_name(case: Case) -> bool:
    """Tell whether the client seems to have reset at once what it had just begun."""
    return case.ended("client", "rst") and case.hello is not None and case.waited < PATIENCE


def _signs(case: Case) -> list[Evidence]:
    entry, usual = case.ending.entry, case.flow.round_trip
    if entry is None or case.hello is None:
        return []
    side = case.flow.side(entry.who)
    reset = next((r for r in side.resets if r.frame == entry.frame), None)
    if reset is None:
        return []
    signs = []
    if any(segment.at > reset.at for segment in side.segments):
        text = say(AFTERWARDS[entry.who])
        signs.append(Evidence(text=text, frame=reset.frame, sender=entry.who))
    if case.ending.side == "network" and reset.ttl != side.ttl:
        text = say(STRANGE[entry.who], ttl=reset.ttl, usual=side.ttl)
        signs.append(Evidence(text=text, frame=reset.frame, sender=entry.who))
    near = _expected_id(side, reset)
    if near is not None:
        text = say(COUNTS[entry.who], id=reset.ip_id, near=near)
        signs.append(Evidence(text=text, frame=reset.frame, sender=entry.who))
    if reset.payload and F5 not in reset.payload:
        label = reset.payload[:80].decode("ascii", "backslashreplace")
        text = say(LABELLED, text=wording.quote(label))
        signs.append(Evidence(text=text, frame=reset.frame, sender=entry.who))
    after = reset.at - case.hello.at
    if entry.who == "server" and usual is not None and usual > FAST and after < usual / 2:
        text = say(SOON, after=wording.seconds(after), round=wording.seconds(usual))
        signs.append(Evidence(text=text, frame=reset.frame, sender="server"))
    return signs


def _expected_id(side: Side, reset: Reset) -> int | None:
    """Return the last IP id of a side that counts them, when a reset's does not follow it.

    A kernel may leave the id of its resets 0, and may count for each destination or at random.
    """
    ids = [number for number in side.ip_ids if number not in (0, reset.ip_id)]
    steps = [(after - before) % 0x10000 for before, after in pairwise(ids)]
    counts = len(steps) >= 2 and all(0 < step <= COUNTED for step in steps)
    if not counts or reset.ip_id == 0 or (reset.ip_id - ids[-1]) % 0x10000 <= FAR:
        return None
    return ids[-1]


#: Steps of the IP id of one sender that counts, and a distance that no counting makes.
COUNTED, FAR = 64, 1024
#: A balancer's own resets may say why as well (lb-tcp-accept-no-member).
F5 = b"BIG-IP"
#: Below this round trip, in seconds, the time of a reset tells nothing.
FAST = 0.005
