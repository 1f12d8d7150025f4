"""Where a handshake stopped, who ended it and how: the first bad event, weighed with TCP's facts.

Reads a transcript and a flow; names no cause. The rules are those of the words of a verdict:
the first bad event is the end and what follows is noise; who closes because the other kept it
waiting did not end it; a reset that does not fit its sender's packets comes from the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from tlswire.awaited import awaited_at, awaited_in
from tlswire.codes import Alert
from tlswire.flow import OTHER, TTL_TOLERANCE, Flow, Icmp, Reset, Side, Who
from tlswire.records import may_begin_record
from tlswire.states import (
    APPLICATION_DATA,
    AWAITED,
    CLIENT_FINISHED,
    CLIENT_HELLO,
    PREAMBLE,
    TCP_CONNECT,
)
from tlswire.transcript import Entry, Transcript, alert_of

Outcome = Literal["established", "failed", "incomplete", "not_tls"]
Ender = Literal["client", "server", "network", "capture"]
Manner = Literal[
    "alert", "encrypted_alert", "rst", "fin", "silence", "non_tls", "icmp", "capture_end"
]

#: Waiting this long, in seconds, for the other side is being kept waiting.
PATIENCE = 1.0
#: Seconds before systems send again what was not acknowledged: Linux 0.2, RFC 6298 section 2.4 1.0.
#: What is sent again sooner answers an ICMP error, or other segments that arrived.
TIMED_OUT = 0.19
#: Warnings that say goodbye; all other warnings let the handshake go on (RFC 5246 7.2.2).
GOODBYES = frozenset({Alert.close_notify, Alert.user_canceled})
#: So many bytes tell whether a record has begun: its type and version.
_TELLING = 3
#: What systems begin with (RFC 1700 and later): a packet that arrives so has crossed no router.
FRESH_TTLS = frozenset({32, 64, 128, 255})


class Ending(NamedTuple):
    """How a connection ended. `entry` is the event that ended it, where there was one."""

    outcome: Outcome
    stopped_at: str | None = None
    side: Ender | None = None
    how: Manner | None = None
    entry: Entry | None = None
    began: tuple[float, int] | None = None  # time and frame of what no entry stands for

    @property
    def frame(self) -> int | None:
        """Return the frame of the event that ended it."""
        return self.entry.frame if self.entry is not None and self.entry.frame else None


ESTABLISHED = Ending("established")


def judge(transcript: Transcript, flow: Flow, until: float) -> Ending:
    """Say how a connection ended; `until` is the time of the last thing the observer saw."""
    if flow.saw_syn and "server" not in transcript.spoke and _unaccepted(flow):
        return _unconnected(transcript, flow, until)
    refusal = _late_refusal(transcript)
    if refusal is not None and _misplaced(transcript):
        return Ending("incomplete", APPLICATION_DATA, "capture", "capture_end", refusal)
    if refusal is not None:
        return Ending("failed", APPLICATION_DATA, "server", "encrypted_alert", refusal)
    if transcript.established_at is not None and _whole(transcript, flow):
        return ESTABLISHED
    for entry in transcript.entries:
        ending = _bad(entry, transcript, flow)
        if ending is not None:
            return _weigh(ending, transcript, flow)
    return _weigh(_unended(transcript, flow, until), transcript, flow)


# -- one event ---------------------------------------------------------------------------


def _bad(entry: Entry, transcript: Transcript, flow: Flow) -> Ending | None:
    """Return the ending that this event makes, None when the handshake can go on after it."""
    state = awaited_at(entry, transcript)
    if entry.is_alert:
        return _alerted(entry, state, transcript, flow)
    if entry.what == "not_tls":
        return Ending("failed", state, entry.who, "non_tls", entry)
    if entry.what == "fin":
        return _left(Ending("failed", state, entry.who, "fin", entry), transcript, flow)
    if entry.what == "rst":
        if _forged(entry, flow):
            return Ending("failed", state, "network", "rst", entry)
        return _left(Ending("failed", state, entry.who, "rst", entry), transcript, flow)
    if entry.what == "icmp":
        return Ending("failed", state, "network", "icmp", entry)
    if entry.what == "timeout":
        return _silence(state, entry, flow)
    return None


def _alerted(entry: Entry, state: str, transcript: Transcript, flow: Flow) -> Ending | None:
    alert = alert_of(entry)
    if alert is None:
        return Ending("failed", state, entry.who, "encrypted_alert", entry)
    how: Manner = "encrypted_alert" if entry.protected else "alert"
    if not alert.fatal and alert.code in GOODBYES:
        return _left(Ending("failed", state, entry.who, how, entry), transcript, flow)
    if not alert.fatal and not (transcript.tls13 and alert.code != Alert.unrecognized_name):
        return None
    return Ending("failed", state, entry.who, how, entry)


def _left(ending: Ending, transcript: Transcript, flow: Flow) -> Ending:
    """A side left: of its own accord, or because another, or the network, kept it waiting."""
    entry, state = ending.entry, ending.stopped_at
    if entry is None or state is None:
        return ending
    if AWAITED[state] == entry.who and not _unreached(flow, entry):
        return ending
    since = _last_word(transcript, flow, entry)
    waited = since is not None and entry.at - since >= PATIENCE
    repeats = since is not None and _repeats(flow.side(entry.who), since)
    return _silence(state, entry, flow) if waited or repeats else ending


def _repeats(side: Side, since: float) -> bool:
    """Tell whether a side went on sending the same bytes again, and they were not acknowledged."""
    resent = side.retransmitted_at
    return resent is not None and resent - since >= TIMED_OUT and side.acked < side.sent


def _unreached(flow: Flow, left: Entry) -> bool:
    """Tell whether bytes sent to a side before it left were never acknowledged by it."""
    sender = flow.side(OTHER[left.who])
    return any(s.at <= left.at and s.offset + s.length > sender.acked for s in sender.segments)


def _last_word(transcript: Transcript, flow: Flow, before: Entry) -> float | None:
    """Return when somebody last said something before an event, in TLS or else in clear."""
    earlier = [e.at for e in transcript.entries[: transcript.entries.index(before)]]
    clear = [s.at for side in (flow.client, flow.server) for s in side.segments]
    return earlier[-1] if earlier else max((at for at in clear if at <= before.at), default=None)


def _silence(state: str, entry: Entry | None, flow: Flow) -> Ending:
    """The awaited side said nothing; the network did it where bytes were never acknowledged."""
    awaited = AWAITED[state]
    if not _unheard(flow, awaited):
        return Ending("failed", state, awaited, "silence", entry)
    refused = any(i.about != awaited and _prohibits(i) for i in flow.icmp)
    return Ending("failed", state, "network", "icmp" if refused else "silence", entry)


def _prohibits(icmp: Icmp) -> bool:
    """Tell whether an ICMP error refuses the packet for good, not for its size (RFC 1191)."""
    if ":" in icmp.sender:
        return icmp.type == 1  # Destination Unreachable, RFC 4443 section 3.1
    return icmp.type == 3 and icmp.code != 4  # RFC 792; code 4 asks for smaller packets


def _unheard(flow: Flow, awaited: Who) -> bool:
    """Tell whether bytes on the way to, or from, the awaited side never arrived."""
    asking, silent = flow.side(OTHER[awaited]), flow.side(awaited)
    return asking.acked < asking.sent or any(
        _on_the_way(hole, silent) and not _passed(hole, silent) for hole, _ in silent.holes
    )


def _passed(hole: int, sender: Side) -> bool:
    """Tell whether missing bytes did pass the observer, who kept only the start of the packet."""
    return any(s.offset <= hole < s.offset + s.length for s in sender.segments)


def _on_the_way(hole: int, sender: Side) -> bool:
    """Tell whether bytes that were not captured never arrived either: not acknowledged."""
    return hole >= sender.acked


def _forged(entry: Entry, flow: Flow) -> bool:
    """Tell whether a reset does not fit the other packets of the side in whose name it came."""
    side = flow.side(entry.who)
    if any(segment.at > entry.at for segment in side.segments):
        return True  # who has reset a connection sends nothing more
    reset = next((r for r in side.resets if r.frame == entry.frame), None)
    return reset is not None and side.ttl is not None and _strange(reset, side)


def _strange(reset: Reset, side: Side) -> bool:
    usual = side.ttl or 0
    if side.packets <= len(side.resets):
        return False
    next_door = reset.ttl in FRESH_TTLS and usual == reset.ttl - 1
    return next_door or abs(reset.ttl - usual) > TTL_TOLERANCE


# -- no event ----------------------------------------------------------------------------


def _unended(transcript: Transcript, flow: Flow, until: float) -> Ending:
    """Nothing bad was seen: the observer stopped looking, or somebody never answered."""
    state = awaited_in(transcript.state, transcript)
    spoke = [side.spoke_at or 0.0 for side in (flow.client, flow.server)]
    last = max(flow.opened_at or flow.started, *spoke, *(e.at for e in transcript.entries))
    if until - last >= PATIENCE or _repeats(flow.side(OTHER[AWAITED[state]]), last):
        return _silence(state, None, flow)
    return Ending("incomplete", state, "capture", "capture_end")


def _unaccepted(flow: Flow) -> bool:
    """Tell whether the client sent nothing but SYNs, perhaps with data, and heard no SYN-ACK."""
    if flow.client.packets > len(flow.client.syn_frames):
        return False
    return flow.accepted_at is None or len(flow.server.syn_frames) > 1


def _unconnected(transcript: Transcript, flow: Flow, until: float) -> Ending:
    """No SYN-ACK arrived: rejected, filtered, lost, or the capture is too short."""
    for entry in transcript.entries:
        if entry.what == "icmp":
            return Ending("failed", TCP_CONNECT, "network", "icmp", entry)
        if entry.what == "rst" and entry.who == "server":
            return Ending("failed", TCP_CONNECT, "server", "rst", entry)
    if until - flow.started >= PATIENCE or len(flow.client.syn_frames) > 1:
        return Ending("failed", TCP_CONNECT, "network", "silence")
    return Ending("incomplete", TCP_CONNECT, "capture", "capture_end")


# -- what the capture allows -------------------------------------------------------------


def _weigh(ending: Ending, transcript: Transcript, flow: Flow) -> Ending:
    """Take back what the capture does not carry, and name what never was TLS."""
    told = ending.how == "alert" and any(e.is_hello for e in transcript.entries)
    if not told and not _whole(transcript, flow):
        return Ending("incomplete", ending.stopped_at, "capture", "capture_end", ending.entry)
    if ending.stopped_at == CLIENT_HELLO and transcript.client_hello is None:
        return _never_tls(ending, transcript)
    return ending


def _never_tls(ending: Ending, transcript: Transcript) -> Ending:
    preamble = transcript.preamble
    agreed = preamble and not preamble.awaits and not preamble.refused
    said = transcript.cleartext.get("client", b"")
    if not said or agreed or (preamble and ending.side == "capture"):
        return ending
    if len(said) < _TELLING and may_begin_record(said):
        return ending  # the first byte or two of a record: it dripped, or was cut
    return Ending("not_tls", CLIENT_HELLO, "client", "non_tls", ending.entry)


def refused_preamble(ending: Ending) -> Ending:
    """Return the ending of a connection whose server refused the preamble before TLS."""
    return Ending("failed", PREAMBLE, "server", "non_tls", ending.entry)


def _whole(transcript: Transcript, flow: Flow) -> bool:
    """Tell whether the capture saw both sides, from the start, and all that arrived."""
    if flow.client.packets == 0 or flow.server.packets == 0:
        return False
    if flow.midway and not any(e.is_hello for e in transcript.entries):
        return False
    if transcript.established_at is not None:
        return True
    if flow.midway and transcript.client_hello is None:
        return False
    if any(e.is_hello and e.who == "server" and e.cut for e in transcript.entries):
        return False
    return all(_on_the_way(e.offset, flow.side(e.who)) for e in _unknown(transcript))


def _unknown(transcript: Transcript) -> Iterator[Entry]:
    """Yield the places where bytes are missing that may have been a record, or more."""
    return (e for e in transcript.entries if e.what == "lost" and not e.framed)


def _late_refusal(transcript: Transcript) -> Entry | None:
    """Return the alert with which the server refuses the client's last flight of TLS 1.3.

    It is the server's first word after the client's Finished (RFC 8446 section 4.4.2.4; measured:
    a record of 19 bytes). Where the client showed no certificate, a server that is asked to
    close, or closes when it has waited, did not refuse: only a prompt and last word does.
    """
    if not transcript.tls13:
        return None
    after = [e for e in transcript.entries if e.state == APPLICATION_DATA]
    first = next((e for e in after if e.who == "server" and e.what != "lost"), None)
    if first is None or not (first.is_alert and _refuses(first)):
        return None
    if transcript.client_authenticates:
        return first
    prompt = first.at - (transcript.established_at or first.at) < PATIENCE
    return first if prompt and _unasked(first, after) else None


def _misplaced(transcript: Transcript) -> bool:
    """Tell whether bytes are missing that may be the client's Finished, or what followed it."""
    return any(
        e.state == APPLICATION_DATA or (e.state == CLIENT_FINISHED and e.who == "client")
        for e in _unknown(transcript)
    )


def _unasked(alert: Entry, after: list[Entry]) -> bool:
    """Tell whether an alert came before the client took leave, and no data of its sender after."""
    before, rest = after[: after.index(alert)], after[after.index(alert) :]
    taken = any(e.is_alert or e.what in ("fin", "rst") for e in before)
    return not taken and all(e.is_alert or not e.hidden for e in rest if e.who == alert.who)


def _refuses(alert: Entry) -> bool:
    """Tell whether a protected alert refuses: any that cannot be read, else all but goodbyes."""
    seen = alert_of(alert)
    return alert.hidden if seen is None else alert.protected and seen.code not in GOODBYES
