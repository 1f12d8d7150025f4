"""Where, who and how, in one clause: the first half of every summary. Never says why."""

from __future__ import annotations

from tlswire import codes, preambles
from tlswire.causes import wording
from tlswire.codes import Alert
from tlswire.ending import Ending
from tlswire.flow import Flow, Who
from tlswire.language import in_use, mark, say
from tlswire.states import AWAITED
from tlswire.transcript import Transcript, alert_of

#: What each state awaits, as a thing that is sent.
DUE: dict[str, str] = {
    "TCP_CONNECT": mark("its SYN-ACK"),
    "PREAMBLE": mark("its leave to begin TLS"),
    "CLIENT_HELLO": mark("a ClientHello"),
    "SERVER_HELLO": mark("a ServerHello"),
    "ENCRYPTED_EXTENSIONS": mark("its encrypted flight"),
    "CERTIFICATE": mark("the rest of its flight (Certificate)"),
    "SERVER_KEY_EXCHANGE": mark("its ServerKeyExchange"),
    "SERVER_HELLO_DONE": mark("its ServerHelloDone"),
    "CLIENT_CERTIFICATE": mark("its Certificate"),
    "CLIENT_KEY_EXCHANGE": mark("its ClientKeyExchange"),
    "CERTIFICATE_VERIFY": mark("its CertificateVerify"),
    "CLIENT_FINISHED": mark("its Finished"),
    "SERVER_FINISHED": mark("its Finished"),
    "APPLICATION_DATA": mark("application data"),
}
UNASKED = mark("The server sent the alert {alert} before the client had said a word")
#: What the server can have refused, by what was awaited when it did.
REFUSED_BY_SERVER: dict[str, str] = {
    "PREAMBLE": mark("to begin TLS"),
    "CLIENT_HELLO": mark("what the client said in place of a ClientHello"),
    "SERVER_HELLO": mark("the ClientHello"),
    "APPLICATION_DATA": mark("the client's last flight"),
}
#: What the client can have refused, by what was awaited when it did.
REFUSED_BY_CLIENT: dict[str, str] = {
    "SERVER_HELLO": mark("to wait for the ServerHello"),
    "ENCRYPTED_EXTENSIONS": mark("the ServerHello"),
    "CERTIFICATE": mark("the ServerHello"),
    "SERVER_FINISHED": mark("to wait for the server's Finished"),
    "APPLICATION_DATA": mark("the server's Finished"),
}
#: Sentences of which each side, and the network, has its own: a language inflects what is around.
REFUSED = {
    "client": mark("The client refused {what} with {alert}"),
    "server": mark("The server refused {what} with {alert}"),
}
REFUSED_HIDDEN = {
    "client": mark("The client refused {what} with {alert} (encrypted)"),
    "server": mark("The server refused {what} with {alert} (encrypted)"),
}
REFUSED_UNREAD = {
    "client": mark("The client refused {what} with an encrypted alert"),
    "server": mark("The server refused {what} with an encrypted alert"),
}
REFUSED_SOMEHOW = {
    "client": mark("The client refused {what} with an alert"),
    "server": mark("The server refused {what} with an alert"),
}
REFUSED_UNSEEN = {
    "client": mark("The client refused {what} with an alert, which only its length tells"),
    "server": mark("The server refused {what} with an alert, which only its length tells"),
}
RESET = {
    "client": mark("The client reset the connection instead of sending {due}"),
    "server": mark("The server reset the connection instead of sending {due}"),
}
RESET_WAITING = {
    "client": mark("The client reset the connection while the server owed {due}"),
    "server": mark("The server reset the connection while the client owed {due}"),
}
FOREIGN_RESET = {
    "client": mark("A reset in the client's name that does not fit its packets cut the connection"),
    "server": mark("A reset in the server's name that does not fit its packets cut the connection"),
}
CLOSED = {
    "client": mark("The client closed the connection without an alert instead of sending {due}"),
    "server": mark("The server closed the connection without an alert instead of sending {due}"),
}
CLOSED_WAITING = {
    "client": mark("The client closed the connection without an alert while the server owed {due}"),
    "server": mark("The server closed the connection without an alert while the client owed {due}"),
}
LOST = {
    "client": mark("The client did not send {due}, because data was lost on the way"),
    "server": mark("The server did not send {due}, because data was lost on the way"),
}
BEHEADED = mark(
    "The first {size} bytes of what the client sent, which should be a ClientHello, were lost on "
    "the way here"
)
SILENT = {
    "client": mark("The client never sent {due}"),
    "server": mark("The server never sent {due}"),
}
#: Alerts that judge a certificate (RFC 8446 section 6.2).
OF_CERTIFICATES = frozenset(
    {
        Alert.bad_certificate,
        Alert.unsupported_certificate,
        Alert.certificate_revoked,
        Alert.certificate_expired,
        Alert.certificate_unknown,
        Alert.unknown_ca,
        Alert.certificate_required,
    }
)


def ending(ended: Ending, flow: Flow, spoken: bytes = b"") -> str:
    """Return how it ended as a clause without a full stop: "The server refused …".

    `spoken` is what the side that ended it said in clear in place of TLS.
    """
    if ended.outcome == "established":
        return say("The client closed the connection as soon as the handshake was complete")
    tell = _TOLD.get(ended.how or "")
    if ended.stopped_at == "CLIENT_HELLO" and flow.client.lost_head:
        return say(BEHEADED, size=flow.client.lost_head)
    told = tell(ended, flow) if tell is not None else say("The handshake did not end")
    if ended.how != "non_tls" or not spoken:
        return told
    words = cleartext(spoken, "client" if ended.side == "client" else "server")
    return say("{told}; it sent {words}", told=told, words=words)


def established(transcript: Transcript) -> str:
    """Return what was agreed on."""
    chosen = transcript.suite
    version = wording.version(transcript.version)
    if not chosen:
        return say("The handshake completed with {version} and no suite seen", version=version)
    suite = codes.CIPHER_SUITES.get(chosen) or say("suite 0x{suite:04x}", suite=chosen)
    return say("The handshake completed with {version} and {suite}", version=version, suite=suite)


def incomplete(ended: Ending, transcript: Transcript, flow: Flow) -> str:
    """Return what the capture cannot tell, and why it cannot."""
    where = say("It cannot be told what followed where {due} was due", due=_due(ended))
    if flow.client.packets == 0:
        return say("{where}: the capture holds no packet of the client", where=where)
    if flow.server.packets == 0:
        return say("{where}: the capture holds no packet of the server", where=where)
    if any(entry.what == "lost" for entry in transcript.entries):
        return say("{where}: packets of the handshake are missing from the capture", where=where)
    if flow.midway:
        return say("{where}: the capture begins in the middle of the connection", where=where)
    return say("{where}: the capture ends before anything else happened", where=where)


def _due(ended: Ending) -> str:
    return say(DUE.get(ended.stopped_at or "") or mark("the next message"))


def _alert(ended: Ending, flow: Flow) -> str:
    seen = alert_of(ended.entry) if ended.entry is not None else None
    if seen is not None and seen.code is not None and _unasked(ended, flow):
        return say(UNASKED, alert=wording.alert(seen.code))
    return _refusal(ended, REFUSED)


def _unasked(ended: Ending, flow: Flow) -> bool:
    """Tell whether the server ended it before a byte of the client came."""
    at = ended.entry.at if ended.entry is not None else 0.0
    side = flow.client
    spoke = any(s.at <= at for s in side.segments) if side.segments else side.sent > 0
    return ended.stopped_at == "CLIENT_HELLO" and ended.side == "server" and not spoke


def _hidden_alert(ended: Ending, flow: Flow) -> str:
    return _refusal(ended, REFUSED_HIDDEN)  # keys may have opened it


def _refusal(ended: Ending, sentences: dict[str, str]) -> str:
    seen = alert_of(ended.entry) if ended.entry is not None else None
    code = seen.code if seen is not None else None
    side, what = str(ended.side), _refused(ended, code)
    if code is not None:
        return say(sentences[side], what=what, alert=wording.alert(code))
    if ended.entry is not None and ended.entry.what == "lost":
        return say(REFUSED_UNSEEN[side], what=what)
    unnamed = REFUSED_UNREAD if seen is None and ended.how != "alert" else REFUSED_SOMEHOW
    return say(unnamed[side], what=what)


def _refused(ended: Ending, code: int | None) -> str:
    state = ended.stopped_at or ""
    if state == "APPLICATION_DATA" and code in OF_CERTIFICATES:
        state = ""  # the code says it better than the place
    known = (REFUSED_BY_SERVER if ended.side == "server" else REFUSED_BY_CLIENT).get(state)
    if known is not None:
        return say(known)
    if ended.side == "server":
        judged = code in OF_CERTIFICATES
        return say("the client's certificate") if judged else say("the client's flight")
    return (
        say("the server's certificate") if code in OF_CERTIFICATES else say("the server's flight")
    )


def _reset(ended: Ending, flow: Flow) -> str:
    if ended.stopped_at == "TCP_CONNECT":
        return say("The SYN was answered with a reset")
    if ended.side == "network":
        return say(FOREIGN_RESET[ended.entry.who if ended.entry is not None else "server"])
    return _instead(ended, RESET, RESET_WAITING)


def _close(ended: Ending, flow: Flow) -> str:
    return _instead(ended, CLOSED, CLOSED_WAITING)


def _instead(ended: Ending, own: dict[str, str], other: dict[str, str]) -> str:
    """Say what a side did instead of its part, or while the other owed one."""
    owing = AWAITED.get(ended.stopped_at or "") == ended.side
    return say((own if owing else other)[str(ended.side)], due=_due(ended))


def _silence(ended: Ending, flow: Flow) -> str:
    state = ended.stopped_at or ""
    if state == "TCP_CONNECT":
        server = flow.server.endpoint
        if flow.accepted_at is not None:
            return say("The SYN-ACK of {server} was never acknowledged", server=server)
        return say("The SYN to {server} was never answered", server=server)
    if ended.side == "network":
        return say(LOST[AWAITED.get(state, "server")], due=_due(ended))
    return say(SILENT[str(ended.side)], due=_due(ended))


def _not_tls(ended: Ending, flow: Flow) -> str:
    if ended.side == "client":
        return say("The client did not begin with a ClientHello")
    if ended.stopped_at == "PREAMBLE":
        return say("The server refused to begin TLS")
    if AWAITED.get(ended.stopped_at or "") == "server":
        return say(
            "The server answered with something that is not TLS instead of sending {due}",
            due=_due(ended),
        )
    return say(
        "The server answered with something that is not TLS while the client owed {due}",
        due=_due(ended),
    )


def _icmp(ended: Ending, flow: Flow) -> str:
    told = flow.icmp[0] if flow.icmp else None
    if told is None:
        return say("An ICMP error ended the connection")
    return say(
        "{sender} refused the connection with ICMP type {type} code {code}",
        sender=told.sender,
        type=told.type,
        code=told.code,
    )


_TOLD = {
    "alert": _alert,
    "encrypted_alert": _hidden_alert,
    "rst": _reset,
    "fin": _close,
    "silence": _silence,
    "non_tls": _not_tls,
    "icmp": _icmp,
}


def cleartext(data: bytes, who: Who) -> str:
    """Return what a side said in clear, by name and by its first bytes."""
    name = preambles.name_bytes(data, who)
    first = wording.quote(data[: 40 if name else 16].decode("ascii", "backslashreplace"))
    if name is None:
        return say("bytes that begin with {first}", first=first)
    return f"{counted_kind(name)} ({first})"


def counted_kind(name: str) -> str:
    """Return the same with the article that English wants."""
    return wording.indefinite(name) if in_use() == "en" else kind(name)


def kind(name: str | None) -> str:
    """Return in the language in use what `preambles.name_bytes` calls some cleartext."""
    if name is None:
        return say("unknown bytes")
    words, _, number = name.rpartition(" ")
    message = f"{words} {{code}}"
    return say(message, code=number) if number.isdigit() else say(name)
