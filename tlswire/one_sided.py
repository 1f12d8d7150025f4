"""How a connection ended of which the capture holds one side: told by what that side acknowledged.

An acknowledgment says how many bytes of the other side arrived, and when (RFC 9293 section 3.4).
Where their number has one meaning the ending is known: seven bytes in place of a ServerHello are
an alert, one more than there was data is a FIN, and a hello that is sent again and again was
answered by nobody. Looks at the endings that stayed open; must never close one of a handshake that
may have gone on.
"""

from __future__ import annotations

from typing import Final

from tlswire.ending import PATIENCE, Ending, Manner
from tlswire.flow import Flow, Who
from tlswire.states import (
    CLIENT_FINISHED,
    CLIENT_KEY_EXCHANGE,
    SERVER_FINISHED,
    SERVER_HELLO,
    TCP_CONNECT,
)
from tlswire.transcript import Entry, Transcript, alert_of

#: Bytes of an alert in clear (RFC 8446 sections 5.1 and 6), with the FIN that may follow it.
ALERT: Final = frozenset({7, 8})
FIN: Final = 1
#: Bytes of a protected alert of TLS 1.3, alone or after a change_cipher_spec of six bytes, and
#: with the FIN that may follow it.
HIDDEN_ALERT: Final = frozenset({24, 25, 30, 31})
#: Content of the record of such an alert (measured: every AEAD).
HIDDEN_LENGTH: Final = 19
#: Less than this is no ClientHello, and no flight with a certificate.
HELLO, FLIGHT = 50, 600
#: A segment that was sent again so often was not acknowledged by any way.
AGAIN: Final = 2
#: Seconds after which it would have been sent again (RFC 6298 section 2.1: one).
LONG: Final = 2 * PATIENCE


def judge(ending: Ending, transcript: Transcript, flow: Flow, until: float, tls13: bool) -> Ending:
    """Return the ending that one side's packets tell, where the other's are missing.

    `tls13` says that the client offers it, where its hello is here.
    """
    if ending.outcome == "established":
        return ending
    if not flow.server.packets and flow.client.packets:
        return _told_by_client(ending, transcript, flow, until, tls13) or ending
    if flow.server.packets and not flow.client.packets and flow.accepted_at is not None:
        return _told_by_server(transcript, flow, until) or ending
    return ending


# -- the client's packets alone --------------------------------------------------------------


def _told_by_client(
    ending: Ending, transcript: Transcript, flow: Flow, until: float, tls13: bool
) -> Ending | None:
    hello = transcript.client_hello
    if hello is None or hello.cut:
        return None
    after = transcript.entries[transcript.entries.index(hello) + 1 :]
    left = next((e for e in after if e.who == "client" and e.what in ("fin", "rst")), None)
    before = after[: after.index(left)] if left is not None else after
    said = [e for e in before if e.who == "client"]
    answer = [e for e in before if e.what == "lost" and e.who == "server"]
    heard = sum(e.length for e in answer)
    turn = CLIENT_FINISHED if tls13 else CLIENT_KEY_EXCHANGE
    if said:
        return _finished(said[-1], after) or _objection(ending, said, heard, left, turn)
    if not heard:
        return _unanswered(flow, hello, left)
    if left is None and until - answer[-1].at < PATIENCE:
        return None  # more may have come
    if heard == FIN:
        return Ending("failed", SERVER_HELLO, "server", "fin", answer[-1])
    if heard in ALERT:
        return Ending("failed", SERVER_HELLO, "server", "alert", answer[0])
    if heard < FLIGHT or left is None:
        return None
    return Ending("failed", turn, "client", _how(left), left)


def _finished(last: Entry, after: list[Entry]) -> Ending | None:
    """The client's last flight up to TLS 1.2 was answered with an alert in place of Finished."""
    if last.state != CLIENT_FINISHED or not last.hidden:
        return None
    answer = _lost(after[after.index(last) :], "server")
    if sum(e.length for e in answer) not in ALERT:
        return None
    return Ending("failed", SERVER_FINISHED, "server", "alert", answer[0])


def _objection(
    ending: Ending, said: list[Entry], heard: int, left: Entry | None, turn: str
) -> Ending | None:
    """The client answered what may be a flight with an alert, in clear or protected, or left."""
    if heard < FLIGHT:
        return None
    if ending.outcome == "failed" and ending.how == "alert" and ending.side == "client":
        return ending._replace(stopped_at=turn)
    rest = [e for e in said if e.what != "change_cipher_spec"]
    if left is None or len(rest) > 1:
        return None
    if not rest:
        return Ending("failed", turn, "client", _how(left), left)
    if rest[0].length != HIDDEN_LENGTH or rest[0].is_hello:
        return None
    return Ending("failed", turn, "client", "encrypted_alert", rest[0])


def _unanswered(flow: Flow, hello: Entry, left: Entry | None) -> Ending | None:
    """Nothing of the server's was acknowledged: the client waited, or sent its hello again.

    What is acknowledged is not sent again, and what is not is, within a second (RFC 6298).
    """
    if flow.client.retransmissions >= AGAIN:
        return Ending("failed", SERVER_HELLO, "network", "silence", left)
    waited = left.at - hello.at if left is not None else 0.0
    if waited < LONG or flow.client.retransmissions:
        return None
    return Ending("failed", SERVER_HELLO, "server", "silence", left)


# -- the server's packets alone --------------------------------------------------------------


def _told_by_server(transcript: Transcript, flow: Flow, until: float) -> Ending | None:
    entries = transcript.entries
    acts = [e for e in entries if e.who == "server" and e.what != "lost" and not _warns(e)]
    asked = _lost(entries[: entries.index(acts[0])] if acts else entries)
    if not asked:
        return _unasked(acts, flow)
    if asked[0].length < HELLO:
        return None
    if not acts or acts[0].what in ("fin", "rst"):
        return _wordless(acts[0] if acts else None, asked, until)
    if acts[0].is_alert:
        return Ending("failed", SERVER_HELLO, "server", "alert", acts[0])
    return _refused(transcript, flow) if acts[0].what == "server_hello" else None


def _unasked(acts: list[Entry], flow: Flow) -> Ending | None:
    """Nothing of the client's came: its ACK neither, or what came was reset after a close."""
    if not acts and len(flow.server.syn_frames) > 1:
        return Ending("failed", TCP_CONNECT, "network", "silence")
    if [e.what for e in acts[:2]] == ["fin", "rst"]:
        return Ending("failed", SERVER_HELLO, "server", "fin", acts[0])
    return None


def _warns(entry: Entry) -> bool:
    """Tell whether this is an alert after which the handshake may go on."""
    alert = alert_of(entry) if entry.is_alert else None
    return alert is not None and not alert.fatal


def _wordless(left: Entry | None, asked: list[Entry], until: float) -> Ending | None:
    """The server said nothing: it left at once, or the client did when it had waited."""
    gone = next((e for e in asked[1:] if e.length == FIN), None)
    spoke = max(e.at for e in asked if e is not gone)
    over = gone or left
    waited = (over.at if over is not None else until) - spoke
    if waited >= PATIENCE:
        return Ending("failed", SERVER_HELLO, "server", "silence", over)
    if left is None or (gone is not None and gone.at < left.at):
        return None
    return Ending("failed", SERVER_HELLO, "server", _how(left), left)


def _how(left: Entry) -> Manner:
    return "fin" if left.what == "fin" else "rst"


def _refused(transcript: Transcript, flow: Flow) -> Ending | None:
    """After the server's flight came too little to be the client's, or nothing at all."""
    entries, state = transcript.entries, transcript.state
    if state not in (CLIENT_KEY_EXCHANGE, CLIENT_FINISHED):
        return None
    begun = next(n for n, e in enumerate(entries) if e.what == "server_hello")
    answer = _lost(entries[begun:])
    since = _after(entries, answer)
    if any(e.who == "server" and _goes_on(e) for e in since):
        return None
    length = sum(e.length for e in answer)
    if not length and flow.server.retransmissions >= AGAIN:
        return Ending("failed", state, "network", "silence")
    if length == FIN and not any(e.what == "rst" for e in since):  # a FIN is not reset
        return Ending("failed", state, "client", "fin", answer[-1])
    if length in ALERT:
        return Ending("failed", state, "client", "alert", answer[0])
    if transcript.tls13 and length in HIDDEN_ALERT:
        return Ending("failed", state, "client", "encrypted_alert", answer[0])
    return None


def _after(entries: list[Entry], answer: list[Entry]) -> list[Entry]:
    return entries[entries.index(answer[0]) :] if answer else []


def _goes_on(entry: Entry) -> bool:
    """Tell whether this is more than taking leave."""
    return entry.what not in ("lost", "fin", "rst") and not entry.is_alert


def _lost(entries: list[Entry], who: Who = "client") -> list[Entry]:
    """Return the places where bytes were acknowledged that the capture does not hold."""
    return [e for e in entries if e.what == "lost" and e.who == who]
