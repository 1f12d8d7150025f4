"""What to do next, in words that a tired engineer can follow. Names a command, runs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from tlswire.causes import refusals
from tlswire.causes.case import Case, CauseModule
from tlswire.language import in_turn, mark, say

#: What each replay variant changes.
VARIANTS: dict[str, str] = {
    "version": mark("other versions"),
    "sni": mark("another server name"),
    "suites": mark("other cipher suites"),
    "groups": mark("other groups"),
    "signature_algorithms": mark("other signature algorithms"),
    "alpn": mark("another ALPN list"),
    "extension": mark("one extension changed"),
    "padding": mark("another size"),
    "segments": mark("smaller TCP segments"),
    "records": mark("other record boundaries"),
    "mss": mark("a smaller MSS"),
    "preamble": mark("a preamble before it"),
    "no-ticket": mark("no session ticket"),
    "client-certificate": mark("a client certificate"),
    "wait": mark("a silent wait before it"),
    "cleartext": mark("cleartext in its place"),
    "twin": mark("keys of its own"),
    "repeat": mark("the same bytes many times"),
}
AGAIN = "repeat"
AGAIN_AND_AGAIN = mark(
    "the same bytes many times, round all addresses of the server; if the answers differ, so do "
    "the servers, and if they come and go, it is load or a crash."
)
#: What a replay with keys of its own is good for where the certificate is in question.
CERTIFICATE = mark(
    "with keys of its own it goes on to the server's certificates and reads them, TLS 1.3 as well; "
    "compare them with the client's trust store and clock."
)
#: Without a ClientHello: what to do, by what was awaited.
WITHOUT_HELLO: dict[str, str] = {
    "TCP_CONNECT": mark(
        "Capture on both sides of each firewall on the way and find the last place where the SYN "
        "is seen."
    ),
    "PREAMBLE": mark(
        "Ask the server's owner whether TLS is enabled for this protocol on this port."
    ),
    "CLIENT_HELLO": mark(
        "Look at the client's configuration: which protocol it is to speak on this port, and "
        "whether it is to speak first."
    ),
}


#: What a replay does where the client came no further.
ANEW = mark(
    "Run `{command}`: it makes the connection anew, with a hello of its own, and tells what it "
    "meets."
)
HEADLESS = mark(
    "The first {size} bytes of the ClientHello never came to this place and were not acknowledged, "
    "what follows them did: capture at the client too; if they are sent there, the way between "
    "loses large packets (`tlswire explain mtu-blackhole-client-hello`)."
)
TURNED_AWAY = mark(
    "Look at the server, or the load balancer before it: it turns connections away before it has "
    "heard a word. Its log and counters at this moment say why: an access list, a limit on "
    "connections or on their rate, no member to hand them to."
)
UNSAID = mark(
    "Capture for longer, and at the client too: if it does send its ClientHello there, something "
    "on the way drops it (`tlswire explain sni-filter-drop`)."
)


def for_causes(case: Case, causes: Sequence[CauseModule], settled: bool) -> str | None:
    """Return how to split the causes that are left; None where nothing is left to split."""
    if settled:
        return None
    command = f"tlswire replay CAPTURE --connection {case.flow.number}"
    if case.hello is None:
        if refusals.headless(case):
            return say(HEADLESS, size=case.flow.client.lost_head)
        if case.ended("server", "fin", "rst") and case.unused:
            return f"{say(ANEW, command=command)} {say(TURNED_AWAY)}"
        known = WITHOUT_HELLO.get(case.ending.stopped_at or "")
        if known is None:
            return for_capture(case)
        return f"{say(ANEW, command=command)} {say(known)}"
    variants = list(dict.fromkeys(v for cause in causes for v in cause.SPLIT_BY))
    if not variants:
        return say(
            "Run `{command}` from the client's network and from beside the server, and compare.",
            command=command,
        )
    if variants == ["twin"]:
        return say("Run `{command}`: {why}", command=command, why=say(CERTIFICATE))
    if causes[0].SPLIT_BY == (AGAIN,):
        command = f"{command} --repeat 20"
        return say("Run `{command}`: {why}", command=command, why=say(AGAIN_AND_AGAIN))
    return say(
        "Run `{command}`: it sends the ClientHello as captured, then changes one thing at a time; "
        "what passes names the cause ({changes}).",
        command=command,
        changes=_split(causes),
    )


def _split(causes: Sequence[CauseModule]) -> str:
    """Return which change would prove which cause: "other groups: groups-no-overlap; …"."""
    proofs: dict[str, list[str]] = {}
    for cause in causes:
        fresh = (variant for variant in cause.SPLIT_BY if variant not in proofs)
        variant = next(fresh, next(iter(cause.SPLIT_BY), None))
        if variant is not None:
            proofs.setdefault(variant, []).append(cause.ID)
    return in_turn(
        say("{change}: {causes}", change=say(VARIANTS[variant]), causes=", ".join(ids))
        for variant, ids in proofs.items()
    )


def for_capture(case: Case) -> str:
    """Return what to capture so that it can be told."""
    flow = case.flow
    if flow.client.packets == 0 or flow.server.packets == 0:
        return say(
            "Capture both directions: on both interfaces where routing is asymmetric, or on the "
            "client itself."
        )
    if flow.midway:
        return say("Start the capture before the client connects, and let it connect again.")
    if refusals.headless(case):
        return say(HEADLESS, size=flow.client.lost_head)
    if any(entry.what == "lost" for entry in case.transcript.entries):
        return say(
            "Capture again with a full snap length and a larger buffer, so that none is dropped."
        )
    if flow.opened_at is not None and case.hello is None and flow.client.sent == 0:
        return say(UNSAID)
    return say(
        "Capture for longer: until the connection is closed, or a minute after it went silent."
    )
