"""Where, who and how, in one clause: the first half of every summary. Never says why."""

from __future__ import annotations

from tlswire import codes, preambles
from tlswire.causes import wording
from tlswire.codes import Alert
from tlswire.ending import Ending
from tlswire.flow import OTHER, Flow, Who
from tlswire.states import AWAITED
from tlswire.transcript import Transcript, alert_of

#: What each state awaits, as a thing that is sent.
DUE: dict[str, str] = {
    "TCP_CONNECT": "its SYN-ACK",
    "PREAMBLE": "its leave to begin TLS",
    "CLIENT_HELLO": "a ClientHello",
    "SERVER_HELLO": "a ServerHello",
    "ENCRYPTED_EXTENSIONS": "its encrypted flight",
    "CERTIFICATE": "the rest of its flight (Certificate)",
    "SERVER_KEY_EXCHANGE": "its ServerKeyExchange",
    "SERVER_HELLO_DONE": "its ServerHelloDone",
    "CLIENT_CERTIFICATE": "its Certificate",
    "CLIENT_KEY_EXCHANGE": "its ClientKeyExchange",
    "CERTIFICATE_VERIFY": "its CertificateVerify",
    "CLIENT_FINISHED": "its Finished",
    "SERVER_FINISHED": "its Finished",
    "APPLICATION_DATA": "application data",
}
#: What the server can have refused, by what was awaited when it did.
REFUSED_BY_SERVER: dict[str, str] = {
    "PREAMBLE": "to begin TLS",
    "CLIENT_HELLO": "what the client said in place of a ClientHello",
    "SERVER_HELLO": "the ClientHello",
    "APPLICATION_DATA": "the client's last flight",
}
#: What the client can have refused, by what was awaited when it did.
REFUSED_BY_CLIENT: dict[str, str] = {
    "SERVER_HELLO": "to wait for the ServerHello",
    "ENCRYPTED_EXTENSIONS": "the ServerHello",
    "CERTIFICATE": "the ServerHello",
    "SERVER_FINISHED": "to wait for the server's Finished",
    "APPLICATION_DATA": "the server's Finished",
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
        return "The client closed the connection as soon as the handshake was complete"
    tell = _TOLD.get(ended.how or "")
    told = tell(ended, flow) if tell is not None else "The handshake did not end"
    if ended.how != "non_tls" or not spoken:
        return told
    return f"{told}; it sent {cleartext(spoken, 'client' if ended.side == 'client' else 'server')}"


def established(transcript: Transcript) -> str:
    """Return what was agreed on."""
    chosen = transcript.suite
    suite = codes.CIPHER_SUITES.get(chosen, f"suite 0x{chosen:04x}") if chosen else "no suite seen"
    return f"The handshake completed with {wording.version(transcript.version)} and {suite}"


def incomplete(ended: Ending, transcript: Transcript, flow: Flow) -> str:
    """Return what the capture cannot tell, and why it cannot."""
    due = DUE.get(ended.stopped_at or "", "the next message")
    where = f"It cannot be told what followed where {due} was due"
    if flow.client.packets == 0 or flow.server.packets == 0:
        missing = "client" if flow.client.packets == 0 else "server"
        return f"{where}: the capture holds no packet of the {missing}"
    if any(entry.what == "lost" for entry in transcript.entries):
        return f"{where}: packets of the handshake are missing from the capture"
    if not flow.saw_syn:
        return f"{where}: the capture begins in the middle of the connection"
    return f"{where}: the capture ends before anything else happened"


def _alert(ended: Ending, flow: Flow) -> str:
    seen = alert_of(ended.entry) if ended.entry is not None else None
    code = seen.code if seen is not None else None
    name = wording.alert(code) if code is not None else "an alert"
    return f"The {ended.side} refused {_refused(ended, code)} with {name}"


def _hidden_alert(ended: Ending, flow: Flow) -> str:
    seen = alert_of(ended.entry) if ended.entry is not None else None
    if seen is not None:  # keys opened it
        return f"{_alert(ended, flow)} (encrypted)"
    return f"The {ended.side} refused {_refused(ended, None)} with an encrypted alert"


def _refused(ended: Ending, code: int | None) -> str:
    state = ended.stopped_at or ""
    if state == "APPLICATION_DATA" and code in OF_CERTIFICATES:
        state = ""  # the code says it better than the place
    if ended.side == "server":
        of_client = "the client's certificate" if code in OF_CERTIFICATES else "the client's flight"
        return REFUSED_BY_SERVER.get(state, of_client)
    of_server = "the server's certificate" if code in OF_CERTIFICATES else "the server's flight"
    return REFUSED_BY_CLIENT.get(state, of_server)


def _reset(ended: Ending, flow: Flow) -> str:
    if ended.stopped_at == "TCP_CONNECT":
        return "The SYN was answered with a reset"
    if ended.side == "network":
        sender = ended.entry.who if ended.entry is not None else "server"
        return f"A reset in the {sender}'s name that does not fit its packets cut the connection"
    return f"The {ended.side} reset the connection {_instead(ended)}"


def _close(ended: Ending, flow: Flow) -> str:
    return f"The {ended.side} closed the connection without an alert {_instead(ended)}"


def _silence(ended: Ending, flow: Flow) -> str:
    state = ended.stopped_at or ""
    if state == "TCP_CONNECT":
        if flow.accepted_at is not None:
            return f"The SYN-ACK of {flow.server.endpoint} was never acknowledged"
        return f"The SYN to {flow.server.endpoint} was never answered"
    awaited = AWAITED.get(state, "server")
    if ended.side == "network":
        return f"The {awaited} did not send {DUE.get(state)}, because data was lost on the way"
    return f"The {ended.side} never sent {DUE.get(state, 'the next message')}"


def _not_tls(ended: Ending, flow: Flow) -> str:
    if ended.side == "client":
        return "The client did not begin with a ClientHello"
    if ended.stopped_at == "PREAMBLE":
        return "The server refused to begin TLS"
    return f"The server answered with something that is not TLS {_instead(ended)}"


def _icmp(ended: Ending, flow: Flow) -> str:
    told = flow.icmp[0] if flow.icmp else None
    if told is None:
        return "An ICMP error ended the connection"
    return f"{told.sender} refused the connection with ICMP type {told.type} code {told.code}"


def _instead(ended: Ending) -> str:
    state = ended.stopped_at or ""
    due = DUE.get(state, "the next message")
    if AWAITED.get(state) == ended.side:
        return f"instead of sending {due}"
    awaited: Who = AWAITED.get(state, OTHER.get(ended.side, "client"))  # type: ignore[arg-type]
    return f"while the {awaited} owed {due}"


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
    return f"{name} ({first})" if name else f"bytes that begin with {first}"
