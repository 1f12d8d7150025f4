"""Where a handshake stopped, who ended it and how, in plain words."""

from __future__ import annotations

from tlswire.result import AlertCode, Attempt, Connection, EndedBy, Group

#: An awaited message, in the words of the sentence "... , so there was no <...>".
AWAITED: dict[str, str] = {
    "TCP_CONNECT": "the TCP connection was not accepted",
    "PREAMBLE": "the cleartext before TLS came to no agreement",
    "CLIENT_HELLO": "no ClientHello was sent",
    "SERVER_HELLO": "the ClientHello was sent, no ServerHello followed",
    "ENCRYPTED_EXTENSIONS": "the ServerHello was sent, the rest of the server's flight is missing",
    "CERTIFICATE": "the ServerHello was sent, no Certificate followed",
    "SERVER_KEY_EXCHANGE": "the server's Certificate was sent, no ServerKeyExchange followed",
    "SERVER_HELLO_DONE": "the server began its flight and did not end it",
    "CLIENT_CERTIFICATE": "the server's flight was sent, no client Certificate followed",
    "CLIENT_KEY_EXCHANGE": "the server's flight was sent, no ClientKeyExchange followed",
    "CERTIFICATE_VERIFY": "the client did not prove that it holds its certificate's key",
    "CLIENT_FINISHED": "the client did not finish",
    "SERVER_FINISHED": "the client finished, the server did not",
    "APPLICATION_DATA": "both sides may have finished, no application data followed",
}
#: How it ended; the subject of the sentence is the side.
HOW: dict[str, str] = {
    "alert": "sent the alert {alert}",
    "encrypted_alert": "sent an encrypted alert",
    "rst": "reset the TCP connection",
    "fin": "closed the TCP connection without an alert",
    "silence": "said nothing more",
    "non_tls": "sent something that is not TLS",
    "icmp": "reported an ICMP error",
    "capture_end": "is last seen as the capture ends",
}
#: Where the side is not one that could say anything.
ELSEWHERE: dict[tuple[str, str], str] = {
    ("network", "silence"): "nothing came back from the network",
    ("network", "rst"): "something on the way reset the TCP connection",
    ("network", "fin"): "something on the way closed the TCP connection",
    ("network", "icmp"): "something on the way reported an ICMP error",
    ("capture", "capture_end"): "the capture ends here",
}
SHORT: dict[str, str] = {
    "alert": "{alert}",
    "encrypted_alert": "encrypted alert",
    "rst": "reset",
    "fin": "close (FIN)",
    "silence": "silence",
    "non_tls": "not TLS",
    "icmp": "ICMP error",
    "capture_end": "the capture ends",
}


def alert_name(alert: AlertCode | None) -> str:
    """Return `handshake_failure (40)`, and no level: it is always fatal here."""
    if alert is None:
        return "of unknown kind"
    known = alert.name or "unknown"
    return known if alert.code is None else f"{known} ({alert.code})"


def who_and_how(ended: EndedBy | None) -> str:
    """Return the end as a sentence: `the server sent the alert handshake_failure (40)`."""
    if ended is None:
        return "nobody ended it"
    if (ended.side, ended.how) in ELSEWHERE:
        return ELSEWHERE[ended.side, ended.how]
    return f"the {ended.side} " + _how(HOW, ended)


def in_short(ended: EndedBy | None) -> str:
    """Return the end for a table: `server: handshake_failure (40)`."""
    if ended is None:
        return ""
    if ended.how == "capture_end":
        return SHORT[ended.how]
    return f"{ended.side}: " + _how(SHORT, ended)


def _how(words: dict[str, str], ended: EndedBy) -> str:
    """An encrypted alert that keys opened is told with its name."""
    told = words[ended.how].format(alert=alert_name(ended.alert))
    opened = ended.how == "encrypted_alert" and ended.alert is not None
    return f"{told}: {alert_name(ended.alert)}" if opened else told


def stopped(found: Connection | Attempt | Group) -> str:
    """Return where it stopped, what that means, who ended it and how, in one sentence."""
    if found.stopped_at is None:
        return "handshake completed"
    meaning = AWAITED.get(found.stopped_at, "")
    return f"{found.stopped_at}: {who_and_how(found.ended_by)}; {meaning}"
