"""What was understood of a connection, in the words of the contract: no bytes go further up."""

from __future__ import annotations

from collections.abc import Callable

from tlswire import codes, fingerprints, grammar
from tlswire.codes import ExtensionType
from tlswire.ending import Ending
from tlswire.language import say
from tlswire.observed import (
    AlertCode,
    AlertSeen,
    Brief,
    Connection,
    EndedAt,
    EndedBy,
    Message,
    Spoken,
    TroubleAt,
    Trust,
    Verdict,
)
from tlswire.seen import Seen
from tlswire.states import APPLICATION_DATA
from tlswire.transcript import Entry, Transcript, alert_of, version_name

#: What makes a message of the contract out of an entry: `message`, or one that adds to it.
Show = Callable[[Entry], Message]


def connection(seen: Seen, *, brief: bool = False, show: Show | None = None) -> Connection:
    """Return one conversation as the contract has it, a `brief` one without messages and prints.

    `show` makes a message of an entry, where it is to be more than the contract's.
    """
    transcript, flow, offer = seen.transcript, seen.flow, seen.offer
    hello, answer = transcript.client_hello, transcript.server_hello
    suite = transcript.suite if answer is not None else None
    return Connection(
        id=flow.number,
        client=str(flow.client.endpoint),
        server=str(flow.server.endpoint),
        started=flow.started,
        preamble=seen.preamble.protocol if seen.preamble and hello is not None else None,
        server_name=offer.server_name if offer else None,
        client_version=version_name(offer.highest) if offer and offer.versions else None,
        version=version_name(transcript.version),
        cipher_suite=None if suite is None else suite_name(suite),
        alpn_offered=_texts(offer.alpn) if offer and offer.alpn is not None else None,
        alpn=alpn(transcript),
        resumed=resumed(transcript),
        ja3=fingerprints.ja3(hello) if hello and not brief else None,
        ja3s=fingerprints.ja3s(answer) if answer and not brief else None,
        ja4=fingerprints.ja4(hello) if hello and not brief else None,
        history=history(transcript, seen.ending),
        outcome=seen.ending.outcome,
        stopped_at=seen.ending.stopped_at,
        ended_by=ended_by(seen.ending),
        verdict=seen.verdict or Verdict(summary=""),
        trust=_trust(seen),
        messages=() if brief else messages(transcript, seen.ending, show),
        alerts=alerts(transcript),
        cleartext=spoken(seen),
        ended_at=ended_at(seen.ending),
    )


def _trust(seen: Seen) -> Trust | None:
    found = seen.trust
    if found is None:
        return None
    path, wrong = tuple(cert.subject for cert in found.way.path), found.wrong
    why = wrong or say("it leads to {root}", root=path[-1])
    return Trust(store=found.roots, trusted=wrong is None, why=why, path=path)


def brief(seen: Seen) -> Brief:
    """Return one conversation for a list."""
    transcript, offer = seen.transcript, seen.offer
    suite = transcript.suite if transcript.server_hello is not None else None
    return Brief(
        id=seen.flow.number,
        client=str(seen.flow.client.endpoint),
        server=str(seen.flow.server.endpoint),
        server_name=offer.server_name if offer else None,
        client_version=version_name(offer.highest) if offer and offer.versions else None,
        suites_offered=len(offer.suites) if offer else None,
        version=version_name(transcript.version),
        cipher_suite=None if suite is None else suite_name(suite),
        history=history(transcript, seen.ending),
        outcome=seen.ending.outcome,
        stopped_at=seen.ending.stopped_at,
        ended_by=ended_by(seen.ending),
        alerts=alerts(transcript),
    )


def spoken(seen: Seen) -> Spoken | None:
    """Return what was said in clear before TLS, None where nothing was that is known."""
    said = seen.preamble
    if said is None:
        return None
    return Spoken(
        protocol=said.protocol, steps=said.steps, refused=said.refused, awaits=said.awaits
    )


def history(transcript: Transcript, ending: Ending) -> str:
    """Return the history word, closed by how it was left."""
    word = transcript.history
    if ending.how == "capture_end":
        return word + "|"
    if ending.how == "silence" and not word.endswith("~"):
        return word + (">~" if ending.side == "client" else "<~")
    return word


def ended_by(ending: Ending) -> EndedBy | None:
    """Return who ended it and how."""
    if ending.side is None or ending.how is None:
        return None
    alert = None
    if ending.how in ("alert", "encrypted_alert") and ending.entry is not None:
        seen = alert_of(ending.entry)
        if seen is not None:
            level = codes.ALERT_LEVELS.get(seen.level)
            alert = AlertCode(level=level, code=seen.code, name=codes.ALERTS.get(seen.code))
    return EndedBy(side=ending.side, how=ending.how, alert=alert)


def ended_at(ending: Ending) -> EndedAt | None:
    """Return where what ended it stands; a silence has no place."""
    if ending.side is None or ending.how is None:
        return None
    if ending.began is not None:
        at, frame = ending.began
    elif ending.entry is not None:
        at, frame = ending.entry.at, ending.entry.frame
    else:
        return None
    return EndedAt(frame=frame or None, time=at)


def messages(
    transcript: Transcript, ending: Ending, show: Show | None = None
) -> tuple[Message, ...]:
    """Return the messages up to the end of the handshake, or to the event that ended it."""
    return tuple(map(show or message, shown(transcript, ending)))


def shown(transcript: Transcript, ending: Ending) -> list[Entry]:
    """Return the entries of those messages."""
    until = transcript.established_at if ending.outcome == "established" else None
    return [
        entry
        for entry in transcript.messages
        if until is None or entry.at <= until or entry.state != APPLICATION_DATA
    ]


def message(entry: Entry) -> Message:
    """Return one message with its decoded fields, or what is wrong with it."""
    troubles = entry.troubles
    shown = None
    if entry.reading.fields is not None:
        shown = grammar.show(entry.kind, entry.reading.fields, entry.situation)
    return Message(
        frame=entry.frame or None,
        time=entry.at,
        sender=entry.who,
        type="encrypted" if entry.hidden and entry.what not in ("alert",) else entry.what,
        length=entry.length,
        trouble=TroubleAt(**troubles[0]._asdict()) if troubles else None,
        fields=shown,
    )


def alerts(transcript: Transcript) -> tuple[AlertSeen, ...]:
    """Return every alert, warnings and noise included; hidden ones without a code."""
    found = []
    for entry in transcript.entries:
        if entry.is_alert:
            seen = alert_of(entry)
            found.append(
                AlertSeen(
                    frame=entry.frame or None,
                    sender=entry.who,
                    level=codes.ALERT_LEVELS.get(seen.level) if seen else None,
                    code=seen.code if seen else None,
                    name=codes.ALERTS.get(seen.code) if seen else None,
                    encrypted=entry.hidden or entry.protected,
                )
            )
    return tuple(found)


def suite_name(suite: int) -> str:
    """Return the IANA name of a suite, its number in hex when it has none."""
    return codes.CIPHER_SUITES.get(suite, f"0x{suite:04x}")


def alpn(transcript: Transcript) -> str | None:
    """Return the chosen protocol; in TLS 1.3 it is seen only with keys (RFC 8446 4.3.1)."""
    answers = [transcript.server_hello, transcript.encrypted_extensions]
    for answer in filter(None, answers):
        body = answer.extension(ExtensionType.application_layer_protocol_negotiation)
        chosen = _texts(tuple((body or {}).get("protocol_name_list", ())))
        if chosen:
            return chosen[0]
    return None


def _texts(names: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(name.decode("utf-8", "backslashreplace") for name in names)


def resumed(transcript: Transcript) -> bool | None:
    """Tell whether a session of before was taken up; None where that cannot be told."""
    answer = transcript.server_hello
    if answer is None:
        return None
    if transcript.tls13:
        return answer.has_extension(ExtensionType.pre_shared_key)
    own = [e for e in transcript.entries if e.who == "server" and e.at >= answer.at]
    kinds = {e.what for e in own}
    if "certificate" in kinds or "server_hello_done" in kinds or "server_key_exchange" in kinds:
        return False
    return True if "change_cipher_spec" in kinds else None
