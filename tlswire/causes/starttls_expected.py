"""The service wants a dialogue in its own protocol before TLS, and one side skipped it.

What it is: SMTP, IMAP, POP3, FTP, LDAP, PostgreSQL, MySQL and XMPP begin in clear on their usual
port and change to TLS on request (STARTTLS). The client began with TLS at once, or waited for a
greeting on a port where TLS comes first, or asked and was refused.

At the client, at the server and in the middle: a ClientHello answered by a greeting, by an error
in clear, or by nothing; or no byte from the client at all; or a request for TLS that the server
refuses.

Mistaken for: server-stall; server-speaks-first, where the service is not the one that was meant;
tls-to-http-port.

Proof: replay a silent wait: a greeting comes. Replay with the protocol's preamble before the
ClientHello passes.

Sources: RFC 3207, RFC 2595, RFC 4217, RFC 4511 section 4.14; hudikhq/hoodik#137,
swissmakers/fail2ban-ui#152, emersion/go-smtp#199, openssl/openssl#17004.
"""

from __future__ import annotations

from tlswire.causes import refusals, story, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.ending import PATIENCE
from tlswire.language import mark, say
from tlswire.preambles.signs import GREETINGS, PORTS
from tlswire.result import Evidence

ID = "starttls-expected"
STAGE: Stage = "preamble"
SUMMARY = mark("the service begins in clear ({what}) and changes to TLS only when asked to")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Choose STARTTLS where the port begins in clear (25, 587, 143, 110, 21, 389, 5432), "
        "implicit TLS where it does not (465, 993, 995, 990, 636).",
    ),
    Cited(
        "server",
        "Enable STARTTLS for this service, or offer a port with implicit TLS.",
    ),
    Cited(
        "load_balancer",
        "Do not terminate TLS on a port where the protocol begins in clear.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("preamble", "wait")

REFUSED = mark("the client asked for TLS in {protocol} and the server refused: {words}")
NOT_OFFERED = mark(
    "the server does not offer TLS in {protocol} ({word} is not in its list), and the client left"
)
WAITS = mark("the client waits for a greeting, and on this port TLS comes first")
SPEAKS = mark("the client began in clear ({what}) on a port where TLS comes first")
PORT = mark("the service on port {port} begins in clear and changes to TLS only when asked to")

#: Greetings, errors and commands of protocols that have STARTTLS.
DIALECTS = (*GREETINGS, "STARTTLS")
#: Where a client asks what the server can do: how it asks, and the word for TLS in the answer.
LISTS = {
    "smtp": (b"EHLO", b"STARTTLS"),
    "imap": (b"CAPABILITY", b"STARTTLS"),
    "pop3": (b"CAPA", b"STLS"),
    "ftp": (b"FEAT", b"AUTH"),
    "nntp": (b"CAPABILITIES", b"STARTTLS"),
}
GOODBYES = frozenset({b"QUIT", b"LOGOUT"})


def look(case: Case) -> Finding | Refuted | None:
    """Somebody began in clear, or waits to be greeted."""
    if case.stopped("PREAMBLE"):
        return _refused(case)
    if case.hello is None:
        return _no_hello(case)
    if not case.stopped("SERVER_HELLO") or (case.preamble and case.preamble.awaits is None):
        return None
    name = case.named("server")
    if name is not None:
        told = story.cleartext(case.opening("server"), "server")
        shown = case.spoken("server", say("the server sent {told}", told=told))
        fits = name.startswith(DIALECTS)
        return (
            Finding("likely", (shown,), say(SUMMARY, what=story.kind(name)), 80) if fits else None
        )
    return _by_port(case)


def _refused(case: Case) -> Finding | None:
    preamble = case.preamble
    if preamble is None or preamble.protocol in ("http-connect",):
        return None
    if preamble.refused is None:
        return _speaks(case) or _greetingless(case)
    words = wording.quote(preamble.refused)
    why = say(REFUSED, protocol=preamble.protocol, words=words)
    shown = Evidence(text=say("the server answered {words}", words=words), sender="server")
    return Finding("likely", (shown, case.closing), why, 80)


def _greetingless(case: Case) -> Finding | None:
    """A client that waits to be greeted may stand before a port of TLS, or a server that stalls."""
    if case.opening("client") or case.opening("server") or not case.ended("server", "silence"):
        return None
    return Finding("possible", (case.closing,), say(WAITS), 50)


def _no_hello(case: Case) -> Finding | None:
    if not case.stopped("CLIENT_HELLO"):
        return None
    if case.named("client") is not None:
        return _not_offered(case) or _speaks(case)
    if not case.unused or case.opening("server") or case.waited < PATIENCE:
        return None
    waited = say("neither side sent a byte {waited}", waited=case.lasting("for"))
    return Finding("likely", (Evidence(text=waited), case.closing), say(WAITS), 55)


def _not_offered(case: Case) -> Finding | None:
    """A client that asked what there is, and left when TLS was not among it."""
    protocol = case.preamble.protocol if case.preamble is not None else ""
    if protocol not in LISTS:
        return None
    asks, word = LISTS[protocol]
    answer = case.opening("server").upper()
    _, asked, after = case.opening("client").upper().partition(asks)
    later = {part for line in after.splitlines()[1:] for part in line.split()[-1:]}
    if not asked or not answer or word in answer or later - GOODBYES:
        return None
    told = story.cleartext(case.opening("server"), "server")
    shown = case.spoken("server", say("the server sent {told}", told=told))
    why = say(NOT_OFFERED, protocol=protocol, word=word.decode())
    return Finding("likely", (shown, case.closing), why, 75)


def _speaks(case: Case) -> Finding | None:
    """The client began in clear, and the server did not follow."""
    name = case.named("client") or ""
    told = say("the client sent {told}", told=story.counted_kind(name))
    shown = case.spoken("client", told)
    why = say(SPEAKS, what=story.kind(name))
    return Finding("likely", (shown, case.closing), why, 70) if name.startswith(DIALECTS) else None


def _by_port(case: Case) -> Finding | None:
    """Without a word of the server only its port tells."""
    silent = case.ended("server", "silence")
    if case.opening("server") or not (silent or refusals.mute(case)):
        return None
    port = case.flow.server.endpoint.port
    if port in PORTS:
        return Finding("likely", (case.closing,), say(PORT, port=port), 72)
    what = say("and waits for the client's line")
    weight = 20 if silent else 5
    return Finding("possible", (case.closing,), say(SUMMARY, what=what), weight)
