"""A replay beside the connection that it repeats: the same, another thing, or not to be told.

Compares what both sides said up to the end; weighs no cause and sends nothing.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec.structs import replace

from tlswire import codes
from tlswire.ending import Ending
from tlswire.experiments.situations import answered
from tlswire.language import mark, say
from tlswire.seen import Seen
from tlswire.states import (
    APPLICATION_DATA,
    CLIENT_HELLO,
    PREAMBLE,
    SERVER_HELLO,
    TCP_CONNECT,
)
from tlswire.transcript import Entry, Transcript, alert_of, chosen_version, version_name

#: What a side has to say that said less than the other.
NOTHING_MORE: Final = mark("nothing more")


class Difference(NamedTuple):
    """The first place where two transcripts part."""

    message: str
    captured: str
    replayed: str


class Comparison(NamedTuple):
    """Whether the capture's end was seen again; `same` is None where that cannot be told."""

    same: bool | None
    difference: Difference | None


def by_choice(ending: Ending) -> bool:
    """Tell whether a replay stopped because the next message would have been its own."""
    return ending.outcome == "incomplete" and ending.side is None


def same_end(one: Ending, other: Ending) -> bool:
    """Tell whether two handshakes stopped at the same place, by the same side, in one manner."""
    return _manner(one) == _manner(other)


def _manner(ending: Ending) -> tuple[object, ...]:
    alert = alert_of(ending.entry) if ending.entry is not None and ending.how == "alert" else None
    code = alert.code if alert is not None else None
    # A reset overtakes: whether it came before or after the hello, neither side can know.
    early = ending.how == "rst" and ending.stopped_at == CLIENT_HELLO
    place = SERVER_HELLO if early else ending.stopped_at
    return ending.outcome, place, ending.side, ending.how, code


def compare(captured: Seen, replayed: Seen) -> Comparison:
    """Compare a replay, as far as it was played, with the connection that it repeats."""
    difference = first_difference(_until_end(captured), _until_end(replayed))
    if captured.ending.outcome == "incomplete" or unjudged(replayed.ending):
        return Comparison(None, None)
    if captured.transcript.client_hello is None:
        return _without_hello(captured, replayed)
    if not captured.flow.server.packets:
        return _without_answer(captured, replayed)
    if by_choice(replayed.ending):
        return _as_far_as_it_goes(captured, difference)
    if refused_by_client(captured) or showed_more(captured, replayed):
        return _beyond(captured, replayed)
    same = same_end(captured.ending, replayed.ending)
    if same and replayed.ending.stopped_at == CLIENT_HELLO:  # our hello never left
        difference = None
    return Comparison(same, difference)


def _without_hello(captured: Seen, replayed: Seen) -> Comparison:
    """The client sent no hello, the replay one of its own: only the way to it can be compared."""
    if same_end(captured.ending, replayed.ending):
        return Comparison(True, None)
    kept_off = captured.ending.stopped_at in (TCP_CONNECT, PREAMBLE)
    gone = replayed.ending.stopped_at == TCP_CONNECT
    return Comparison(False if kept_off or gone else None, None)


def _without_answer(captured: Seen, replayed: Seen) -> Comparison:
    """The capture lacks what the server sent: only how it ended can be compared, not by which code.

    What the client had refused a replay does not.
    """
    then, now = captured.ending, replayed.ending
    if then.side == "client":
        return Comparison(None, None)
    same = (then.outcome, then.stopped_at, then.side, then.how)
    return Comparison(same == (now.outcome, now.stopped_at, now.side, now.how), None)


def unjudged(ending: Ending) -> bool:
    """Tell whether a replay was broken off: the answer had no end and led nowhere."""
    return ending.outcome == "incomplete" and not by_choice(ending)


def refused_by_client(seen: Seen) -> bool:
    """Tell whether it was the client that refused: a replay refuses nothing."""
    flight = seen.transcript.server_hello is not None or not seen.flow.server.packets
    return seen.failed and seen.ending.side == "client" and flight


def showed_more(captured: Seen, replayed: Seen) -> bool:
    """Tell whether the captured client showed a certificate, and the replay had to do without."""
    return shows_certificate(captured) and not shows_certificate(replayed)


def shows_certificate(seen: Seen) -> bool:
    """Tell whether the client showed a certificate of its own, by its size where it is hidden."""
    if seen.transcript.certificates("client"):
        return True
    return seen.transcript.client_authenticates and any(
        e.who == "client" and e.hidden and e.what == "encrypted" and e.guess is None
        for e in seen.transcript.entries
    )


def _beyond(captured: Seen, replayed: Seen) -> Comparison:
    """Up to where the captured client went its own way, all may have been the same."""
    before = _until_end(captured)
    if captured.failed:
        before = replace(before, entries=before.entries[:-1])
    difference = first_difference(before, _until_end(replayed))
    if difference is not None and difference.captured == say(NOTHING_MORE):
        difference = None
    return Comparison(None if difference is None else False, difference)


def _as_far_as_it_goes(captured: Seen, difference: Difference | None) -> Comparison:
    """The replay has no keys to go on with: what the capture shows beyond is no difference."""
    if difference is not None and difference.replayed == say(NOTHING_MORE):
        difference = None
    if captured.ending.outcome == "established" or difference is not None:
        return Comparison(difference is None, difference)
    return Comparison(None if answered(captured) else False, None)


def _until_end(seen: Seen) -> Transcript:
    """Return the transcript up to the event that ended it; what follows is noise."""
    entries, ending = seen.transcript.entries, seen.ending
    end = next((n for n, entry in enumerate(entries) if entry is ending.entry), len(entries))
    shown = entries[: end + (ending.how != "silence")]
    if ending.outcome == "established":
        shown = [entry for entry in shown if entry.state != APPLICATION_DATA]
    return replace(seen.transcript, entries=[_without_keys(entry) for entry in shown])


def _without_keys(entry: Entry) -> Entry:
    """Return an entry as one sees it who has no keys: a replay has none."""
    return replace(entry, what="encrypted", hidden=True) if entry.protected else entry


# -- where two transcripts part ----------------------------------------------------------


def first_difference(captured: Transcript, replayed: Transcript) -> Difference | None:
    """Compare what the servers of two transcripts did; None when it was the same.

    What must differ between two handshakes (randoms, keys, sizes of hidden records) does not
    count; kind and order of messages, alerts, version and suite do.
    """
    left, right = _outline(captured), _outline(replayed)
    for a, b in zip(left, right, strict=False):
        if a != b:
            return Difference(a[0], a[1], b[1])
    if len(left) == len(right):
        return None
    if len(left) > len(right):
        return Difference(left[len(right)][0], left[len(right)][1], say(NOTHING_MORE))
    return Difference(right[len(left)][0], say(NOTHING_MORE), right[len(left)][1])


def _outline(transcript: Transcript) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    for entry in transcript.entries:
        if entry.who == "server" and entry.what not in ("capture_end", "lost"):
            row = (entry.what, _tell(entry))
            if row not in told[-1:]:
                told.append(row)
    return told


def _tell(entry: Entry) -> str:
    if entry.what == "alert" and not entry.hidden:
        code = entry.fields.get("description", -1)
        name = codes.ALERTS.get(code, code)
        return say("alert {name}({code})", name=name, code=code)
    if entry.what in ("server_hello", "hello_retry_request"):
        suite = entry.fields.get("cipher_suite", -1)
        name = codes.CIPHER_SUITES.get(suite, f"0x{suite & 0xFFFF:04x}")
        return f"{entry.what} {version_name(chosen_version(entry))} {name}"
    return entry.what
