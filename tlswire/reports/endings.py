"""Where a handshake stopped, who ended it and how, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlswire.language import mark, say
from tlswire.observed import AlertCode, Connection, EndedBy, Group

if TYPE_CHECKING:
    from tlswire.replayed import Attempt

#: An awaited message, in the words of the sentence "... , so there was no <...>".
AWAITED: dict[str, str] = {
    "TCP_CONNECT": mark("the TCP connection was not accepted"),
    "PREAMBLE": mark("the cleartext before TLS came to no agreement"),
    "CLIENT_HELLO": mark("no ClientHello was sent"),
    "SERVER_HELLO": mark("the ClientHello was sent, no ServerHello followed"),
    "ENCRYPTED_EXTENSIONS": mark(
        "the ServerHello was sent, the rest of the server's flight is missing"
    ),
    "CERTIFICATE": mark("the ServerHello was sent, no Certificate followed"),
    "SERVER_KEY_EXCHANGE": mark("the server's Certificate was sent, no ServerKeyExchange followed"),
    "SERVER_HELLO_DONE": mark("the server began its flight and did not end it"),
    "CLIENT_CERTIFICATE": mark("the server's flight was sent, no client Certificate followed"),
    "CLIENT_KEY_EXCHANGE": mark("the server's flight was sent, no ClientKeyExchange followed"),
    "CERTIFICATE_VERIFY": mark("the client did not prove that it holds its certificate's key"),
    "CLIENT_FINISHED": mark("the client did not finish"),
    "SERVER_FINISHED": mark("the client finished, the server did not"),
    "APPLICATION_DATA": mark("both sides may have finished, no application data followed"),
}
#: What was said all the same, where a ClientHello is awaited.
SAID_ALREADY: dict[str, str] = {
    "hello_retry_request": mark("no second ClientHello followed the HelloRetryRequest"),
    "client_hello": mark("the ClientHello came only after it"),
}
#: The history word of a client whose first bytes never came here, and what to say of it.
LOST, BEHEADED = "Q", mark("the beginning of what the client sent did not arrive here")
#: How it ended; the subject of the sentence is the side.
HOW: dict[str, str] = {
    "alert": mark("{who} sent the alert {alert}"),
    "encrypted_alert": mark("{who} sent an encrypted alert"),
    "rst": mark("{who} reset the TCP connection"),
    "fin": mark("{who} closed the TCP connection without an alert"),
    "silence": mark("{who} said nothing more"),
    "non_tls": mark("{who} sent something that is not TLS"),
    "icmp": mark("{who} reported an ICMP error"),
    "capture_end": mark("{who} is last seen as the capture ends"),
}
WHO: dict[str, str] = {
    "client": mark("the client"),
    "server": mark("the server"),
    "network": mark("the network"),
    "capture": mark("the capture"),
}
#: Where the side is not one that could say anything.
ELSEWHERE: dict[tuple[str, str], str] = {
    ("network", "silence"): mark("nothing came back from the network"),
    ("network", "rst"): mark("something on the way reset the TCP connection"),
    ("network", "fin"): mark("something on the way closed the TCP connection"),
    ("network", "icmp"): mark("something on the way reported an ICMP error"),
    ("capture", "capture_end"): mark("the capture ends here"),
}
SHORT: dict[str, str] = {
    "alert": "{alert}",
    "encrypted_alert": mark("encrypted alert"),
    "rst": mark("reset"),
    "fin": mark("close (FIN)"),
    "silence": mark("silence"),
    "non_tls": mark("not TLS"),
    "icmp": mark("ICMP error"),
    "capture_end": mark("the capture ends"),
}
#: The same of an alert that is known by its length alone.
UNSEEN_HOW = mark("{who} sent an alert that the capture does not hold")
UNSEEN_SHORT = mark("an alert that the capture does not hold")
SIDES: dict[str, str] = {
    "client": mark("client"),
    "server": mark("server"),
    "network": mark("network"),
    "capture": mark("capture"),
}


def alert_name(alert: AlertCode) -> str:
    """Return `handshake_failure (40)`, and no level: it is always fatal here."""
    known = alert.name or say("unknown")
    return known if alert.code is None else f"{known} ({alert.code})"


def who_and_how(ended: EndedBy | None) -> str:
    """Return the end as a sentence: `the server sent the alert handshake_failure (40)`."""
    if ended is None:
        return say("nobody ended it")
    if (ended.side, ended.how) in ELSEWHERE:
        return say(ELSEWHERE[ended.side, ended.how])
    return _how(HOW, UNSEEN_HOW, ended)


def in_short(ended: EndedBy | None) -> str:
    """Return the end for a table: `server: handshake_failure (40)`."""
    if ended is None:
        return ""
    if ended.how == "capture_end":
        return say(SHORT[ended.how])
    return say("{who}: ", who=side(ended.side)) + _how(SHORT, UNSEEN_SHORT, ended)


def side(key: str) -> str:
    """Return who it was, in a word."""
    return say(SIDES[key])


def _how(words: dict[str, str], unseen: str, ended: EndedBy) -> str:
    """An encrypted alert that keys opened is told with its name, one that is not here without."""
    who = say(WHO[ended.side])
    if ended.alert is None:
        return say(unseen if ended.how == "alert" else words[ended.how], who=who)
    alert = alert_name(ended.alert)
    told = say(words[ended.how], who=who, alert=alert)
    opened = ended.how == "encrypted_alert"
    return say("{what}: {alert}", what=told, alert=alert) if opened else told


def stopped(found: Connection | Attempt | Group) -> str:
    """Return where it stopped, what that means, who ended it and how, in one sentence."""
    if found.stopped_at is None:
        return say("handshake completed")
    meaning = AWAITED.get(found.stopped_at, "")
    if found.stopped_at == "CLIENT_HELLO" and not isinstance(found, Group):
        said = {message.type for message in found.messages}
        meaning = BEHEADED if found.history.startswith(LOST) else meaning
        meaning = next((told for kind, told in SAID_ALREADY.items() if kind in said), meaning)
    return say(
        "{awaited}: {ended}; {meaning}",
        awaited=found.stopped_at,
        ended=who_and_how(found.ended_by),
        meaning=say(meaning),
    )
